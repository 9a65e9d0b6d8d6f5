"""Sizes and shares that need no broker: of events, outputs and states, with the default model, in memory."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any, Final

from cramjam import zstd  # type: ignore[import-untyped]

from scorer.contracts.model.file import load_model
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import pool_factory
from scorer.engine.scoring import TIERS, scoring_factory
from tests.bench.load import records

EVENTS: Final = 12_000
LEADS: Final = 1_200
BATCH: Final = 500


def in_memory() -> dict[str, dict[str, Any]]:
    """The rows of `sizes` that the engine alone decides."""
    model = load_model("default")
    scoring = MemoryDriver(scoring_factory(model, app="bench", version="0")(0))
    pool = MemoryDriver(pool_factory(model, app="bench", version="0")(0))
    events = [
        MemoryRecord(one.topic, one.key, one.value, one.timestamp_ms, offset=offset)
        for offset, one in enumerate(records(EVENTS, LEADS))
    ]
    scoring_s = _fed(scoring, events)
    crossed = [
        MemoryRecord(m.topic, m.key, m.value, events[-1].timestamp)
        for m in scoring.outputs
        if m.topic == TIERS
    ]
    pool_s = _fed(pool, [e for e in events if e.topic == "leads.created.v1"] + crossed)
    outputs = [m.value or b"" for m in scoring.outputs]
    states = list(scoring.store.states.values())
    return {
        "event_bytes": _row(
            mean(len(e.key or b"") + len(e.value or b"") for e in events),
            "mean of the benchmark's events, key and value, not compressed",
        ),
        "outputs_bytes": _row(
            sum(len(m.key or b"") + len(m.value or b"") for m in scoring.outputs) / EVENTS,
            "what the default model says about one event of the benchmark, not compressed",
        ),
        "outputs_compressed": _row(
            _left(outputs[:BATCH]) * 1.5,
            f"zstd, {BATCH} outputs in a batch, and half as much again: most transactions are smaller",
        ),
        "state_bytes": _row(
            mean(map(len, states)), "mean of leads with ten events each, default model"
        ),
        "states_compressed": _row(_left(states[:BATCH]), f"zstd, {BATCH} states in a batch"),
        "pool_share": _row(
            pool_s / scoring_s,
            "processor time of the pool stage over that of scoring, in memory, in the benchmark's mix",
        ),
    }


def _fed(driver: MemoryDriver, all_: Sequence[MemoryRecord]) -> float:
    began = time.process_time()
    for at in range(0, len(all_), BATCH):
        driver.feed(all_[at : at + BATCH])
    return time.process_time() - began


def _left(parts: Iterable[bytes]) -> float:
    whole = b"".join(parts)
    return len(bytes(zstd.compress(whole, level=3))) / len(whole)


def _row(value: float, origin: str) -> dict[str, Any]:
    return {"value": round(value) if value >= 10 else round(value, 3), "from": origin}
