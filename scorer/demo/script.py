"""How a person's story is written down and played. Knows events, knows no Kafka and no clock.

A persona (scorer/demo/people.py) is a generator of (pause, act). Most acts are bodies of events;
the other two are what real publishers do to us: take something back, and send something twice.
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


Act = Body | Undo | Again
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


def arrives(channel: str, **attributes: AttributeValue) -> Created:
    """The person becomes a lead, known as far as a form asked."""
    return Created(channel, attributes)


def does(name: str, about: str | None = None) -> Behaviour:
    """The person, or a rep towards the person, did something."""
    return Behaviour(name, about)


def becomes(**attributes: AttributeValue) -> AttributesChanged:
    """The sales system learns, or corrects, attributes."""
    return AttributesChanged(attributes)


def loses(*attributes: str) -> AttributesChanged:
    """What was known about the person holds no longer."""
    return AttributesChanged({}, attributes)


def play(script: Script, lead_id: str, start_us: int) -> Iterator[Post]:
    """Turn a script, which begins with an arrival, into what is published about one lead."""
    now_us = start_us
    last = LeadEvent(lead_id, start_us, WEBSITE, lead_id, Created("website"))
    for number, (pause_us, act) in enumerate(script):
        now_us += pause_us
        if not isinstance(act, Again):
            body = Retraction(last.source, last.id, act.reason) if isinstance(act, Undo) else act
            last = LeadEvent(lead_id, now_us, _source(body), f"{lead_id}.{number}", body)
        yield Post(now_us, last)


def _source(body: Body) -> str:
    """People act on the website; attributes and adjustments come from the sales system."""
    return CRM if isinstance(body, AttributesChanged | Adjustment) else WEBSITE
