"""Records of invented leads and a stage in memory, for the tests of the engine."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.domain import events as e
from scorer.domain.model import Model
from scorer.engine.flood import FloodLimit
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.scoring import ScoringFactory, scoring_factory
from tests.domain.given import DAY, HOUR, START

ANY_FUTURE_MS = 4_000_000_000_000
"""A broker time after every story, so that no event is from the future."""


def factory(model: Model, **changed: Any) -> ScoringFactory:
    return scoring_factory(model, app="test", version="0", **changed)


def driver(model: Model, limit: FloodLimit | None = None) -> MemoryDriver:
    return MemoryDriver(factory(model, limit=limit)(0))


def event(t: int, body: e.Body, *, lead: str = "lead", name: str | None = None) -> e.LeadEvent:
    """An event with an id of its own, made from everything that it says."""
    return e.LeadEvent(lead, t, "test", name or f"{t}-{body}"[:200], body)


def record(it: e.LeadEvent, offset: int = 0, timestamp: int = ANY_FUTURE_MS) -> MemoryRecord:
    """The event as a stage gets it."""
    message = compose(it)
    return MemoryRecord(
        message.topic, message.key, message.value, timestamp, message.headers, 0, offset
    )


def records(events: Iterable[e.LeadEvent]) -> list[MemoryRecord]:
    return [record(it, offset) for offset, it in enumerate(events)]


def bad(offset: int = 0) -> MemoryRecord:
    """A record that is no event."""
    return MemoryRecord("leads.behaviours.v1", b"lead", b"{", ANY_FUTURE_MS, (), 0, offset)


def data(message: Message) -> dict[str, Any]:
    """What an output says."""
    assert message.value is not None
    document: dict[str, Any] = orjson.loads(message.value)
    told: dict[str, Any] = document["data"]
    return told | {"id": document["id"], "time": document["time"]}


def tiers(messages: Sequence[Message]) -> list[tuple[str, str, str]]:
    """Time, lead and tier of the crossings among some outputs."""
    told = [data(m) for m in messages if m.topic == "leads.tiers.v1" and m.value is not None]
    return [(d["time"], d["lead_id"], d["to"]) for d in told]


def stories(seed: int, leads: int, days: int = 60) -> list[e.LeadEvent]:
    """What some leads of the default model do, in the order in which it happens."""
    rng = random.Random(seed)
    acts = ("demo_requested", "quote_requested", "page_viewed", "call_unanswered", "call_answered")
    events = []
    for number in range(leads):
        lead = f"lead-{number}"
        attributes: dict[str, e.AttributeValue] = {
            "title": rng.choice(("CEO", "manager", "intern")),
            "industry": rng.choice(("software", "retail")),
            "employees": rng.choice((3, 200, 3_000)),
        }
        events.append(event(START + number, e.Created("web", attributes), lead=lead))
        for i in range(rng.randrange(12)):
            t = START + HOUR + rng.randrange(days * DAY // 1_000) * 1_000
            events.append(event(t, e.Behaviour(rng.choice(acts)), lead=lead, name=f"{number}/{i}"))
    return sorted(events, key=lambda it: (it.time_us, it.source, it.id))
