"""B8: one hot lead with very many events, in the engine: what an event costs must not grow."""

from __future__ import annotations

import time
from typing import Any

from scorer.contracts.compose import compose
from scorer.domain.events import Behaviour, Created, LeadEvent
from scorer.engine.memory import MemoryRecord
from tests.bench.ground import Ground
from tests.bench.held import driver
from tests.bench.load import BEHAVIOURS, START_US
from tests.bench.runs import Options
from topologies.heap import spare_the_collector

_BATCH = 2_000


async def b8(_ground: Ground, options: Options) -> dict[str, Any]:
    """CPU an event over the life of one lead that does something every ten seconds."""
    engine, costs = driver(), []
    spare_the_collector()  # as a worker does
    for begin in range(0, options.events, _BATCH):
        batch = [_record(begin + number) for number in range(_BATCH)]
        started = time.process_time()
        effects = engine.stage.process(batch, engine.store)
        costs.append((time.process_time() - started) / _BATCH * 1e6)
        engine.store.apply(effects)
    tenth = max(1, len(costs) // 10)
    second, last = costs[tenth : 2 * tenth] or costs, costs[-tenth:]
    early, late = sum(second) / len(second), sum(last) / len(last)
    return {
        "early_us_per_event": round(early, 1),  # the second tenth: the history is full by then
        "late_us_per_event": round(late, 1),
        "growth": round(late / early, 2),
        "events": options.events,
    }


def _record(number: int) -> MemoryRecord:
    body = Behaviour(BEHAVIOURS[number % len(BEHAVIOURS)], f"page-{number % 50}")
    time_us = START_US + number * 10_000_000
    event = LeadEvent(
        "hot", time_us, "/crm/web", f"{number:08x}", body if number else Created("web")
    )
    message = compose(event)
    at_ms = time_us // 1000
    return MemoryRecord(
        message.topic, message.key, message.value, at_ms, message.headers, 0, number
    )
