"""Events for benchmarks: seeded, about 220 bytes each, the mix of a busy sales floor. Knows no broker."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from scorer.contracts.compose import compose
from scorer.domain.events import AttributesChanged, Behaviour, Body, Created, LeadEvent

START_US = 1_760_000_000_000_000
TITLES = ("ceo", "vp", "director", "manager", "engineer", "student", "intern")
INDUSTRIES = ("software", "finance", "manufacturing", "retail", "education")
BEHAVIOURS = (
    "page_viewed",
    "question_asked",
    "documents_requested",
    "demo_requested",
    "quote_requested",
    "needs_stated",
    "call_unanswered",
    "call_answered",
    "budget_too_low",
)


class Load(NamedTuple):
    """What is produced: topic, key, value."""

    topic: str
    key: bytes
    value: bytes
    timestamp_ms: int


def events(
    count: int, leads: int, seed: int = 7, *, days: float = 1.0, start_us: int = START_US
) -> Iterator[LeadEvent]:
    """`count` events over `leads` leads, in event-time order; each lead begins with its creation."""
    rng = random.Random(seed)
    step_us = int(days * 86_400e6 / count)
    created: set[int] = set()
    for n in range(count):
        lead = rng.randrange(leads)
        body: Body
        if lead not in created:
            created.add(lead)
            body = Created(
                "web",
                {
                    "title": rng.choice(TITLES),
                    "industry": rng.choice(INDUSTRIES),
                    "employees": rng.choice((5, 40, 300, 2000)),
                    "region": rng.choice(("eu", "us", "cn")),
                },
            )
        elif rng.random() < 0.1:
            body = AttributesChanged({"title": rng.choice(TITLES)})
        else:
            body = Behaviour(rng.choice(BEHAVIOURS))
        identity = f"{seed:04x}-{n:08x}"
        yield LeadEvent(f"lead-{lead:08d}", start_us + n * step_us, "/crm/web", identity, body)


def records(
    count: int, leads: int, seed: int = 7, *, days: float = 1.0, start_us: int = START_US
) -> Iterator[Load]:
    """The same as records to produce, broker time = event time."""
    return map(load_of, events(count, leads, seed, days=days, start_us=start_us))


def load_of(event: LeadEvent) -> Load:
    """An event as a record to produce."""
    message = compose(event)
    return Load(message.topic, message.key or b"", message.value or b"", event.time_us // 1000)
