"""Leads of which something comes due in the next seconds: a crossing by silence, or a follow-up deadline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from scorer.contracts.compose import compose
from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message
from scorer.domain import events as e
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.scoring import scoring_factory

S = 1_000_000
DAY = 86_400 * S
UNASSIGNED_COLD = 7 * DAY  # of the default model


def crossings(now_us: int, count: int) -> Iterator[Message]:
    """Interested leads that have been silent ever since: one of them cools down each second."""
    warm_for_us = _until_next_tier()
    for number in range(count):
        begin_us = now_us - warm_for_us + number * S
        for event in interested(f"silent-{number}-{begin_us}", begin_us):
            yield compose(event)


def deadlines(now_us: int, count: int) -> Iterator[Message]:
    """Cold leads that nobody took: one of them is due each second."""
    for number in range(count):
        at_us = now_us - UNASSIGNED_COLD + number * S
        lead = f"nobodys-{number}-{at_us}"
        yield compose(e.LeadEvent(lead, at_us, "/test", lead, e.Created("web", {})))


def interested(lead: str, begin_us: int) -> list[e.LeadEvent]:
    """What makes a lead hot."""
    bodies: list[e.Body] = [
        e.Created("web", {"title": "CEO"}),
        e.Behaviour("demo_requested"),
        e.Behaviour("quote_requested"),
    ]
    return [
        e.LeadEvent(lead, begin_us, "/test", f"{lead}-{begin_us}-{n}", b)
        for n, b in enumerate(bodies)
    ]


def _until_next_tier() -> int:
    """How long such a lead stays in its tier; the same whenever it began."""
    begin_us = 1_700_000_000 * S
    stage = scoring_factory(load_model("default"), app="test", version="0")(0)
    driver = MemoryDriver(stage)
    made = [compose(event) for event in interested("lead", begin_us)]
    said = driver.feed(
        [MemoryRecord(m.topic, m.key, m.value, begin_us // 1000, m.headers, 0, n) for n, m in enumerate(made)]
    )  # fmt: skip
    told: list[Any] = [
        orjson.loads(m.value)["data"] for m in said if m.topic == "leads.scores.v1" and m.value
    ]
    at = datetime.fromisoformat(told[-1]["next_tier_at"])
    return round(at.timestamp() * S) - begin_us
