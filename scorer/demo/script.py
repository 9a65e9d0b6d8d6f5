"""How a person's story is written down and played. Knows events, knows no Kafka and no clock.

A persona (scorer/demo/people.py) is a generator of (pause, act). Most acts are bodies of events;
the other three are what real publishers do to us: take something back, send it twice, send rubbish.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from scorer.contracts.records import Message
from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Body,
    Created,
    LeadEvent,
    Retraction,
)
from scorer.domain.model import DAY_US, SECOND_US

MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US

WEBSITE: Final = "/demo/website"
CRM: Final = "/demo/crm"


class Undo(NamedTuple):
    """The last thing that this person did never happened: somebody else did it."""

    reason: str


class Again(NamedTuple):
    """The last event once more, byte for byte, as at-least-once publishers send it."""


class Broken(NamedTuple):
    """What a broken publisher sends: it must end as a dead letter, with its neighbours unharmed."""

    topic: str
    value: bytes


Act = Body | Undo | Again | Broken
Script = Iterator[tuple[int, Act]]
"""(µs since the previous act, what happens)."""


class Post(NamedTuple):
    """One thing to publish when the clock shows `time_us`."""

    time_us: int
    what: LeadEvent | Message  # an event to compose, or raw bytes to send as they are


class Dice(Random):
    """Seeded chance in the units of a story. Pauses are µs."""

    def minutes(self, least: float, most: float) -> int:
        return int(self.uniform(least, most) * MINUTE_US)

    def hours(self, least: float, most: float) -> int:
        return int(self.uniform(least, most) * HOUR_US)

    def days(self, least: float, most: float) -> int:
        return int(self.uniform(least, most) * DAY_US)

    def happens(self, probability: float) -> bool:
        return self.random() < probability


def arrives(channel: str, **attributes: AttributeValue) -> Created:
    return Created(channel, attributes)


def does(name: str, about: str | None = None) -> Behaviour:
    return Behaviour(name, about)


def becomes(**attributes: AttributeValue) -> AttributesChanged:
    return AttributesChanged(attributes)


def loses(*attributes: str) -> AttributesChanged:
    return AttributesChanged({}, attributes)


def play(script: Script, lead_id: str, start_us: int) -> Iterator[Post]:
    """Turn a script into what is published about one lead, in order of time."""
    now_us = start_us
    last: LeadEvent | None = None
    for number, (pause_us, act) in enumerate(script):
        now_us += pause_us
        if isinstance(act, Broken):
            yield Post(now_us, Message(act.topic, lead_id.encode(), act.value, (), now_us // 1_000))
        elif isinstance(act, Again) and last is not None:
            yield Post(now_us, last)
        elif not isinstance(act, Again):
            body = _taken_back(act, last) if isinstance(act, Undo) else act
            event = LeadEvent(lead_id, now_us, _source(body), f"{lead_id}.{number}", body)
            yield Post(now_us, event)
            last = event


def _taken_back(act: Undo, last: LeadEvent | None) -> Retraction:
    if last is None:
        raise ValueError("a script cannot begin by taking something back: put an event before `Undo`")
    return Retraction(last.source, last.id, act.reason)


def _source(body: Body) -> str:
    """People act on the website; attributes and adjustments come from the sales system."""
    return CRM if isinstance(body, AttributesChanged | Adjustment) else WEBSITE
