"""Messages after which every count of the catalogue has moved: what publishers do right, wrong and late.

Knows the default model; the tests hold it to what it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.domain import events as e
from scorer.domain.marks import MARKS_KEPT
from scorer.domain.remembered import FEW

S = 1_000_000
HOUR, DAY = 3_600 * S, 86_400 * S


def eventful(now_us: int) -> Iterator[Message]:
    """In the order in which they are to be published."""
    for story in (_doubled, _late, _forgotten, _held, _unknown, _rejected, _left, _voided):
        yield from story(now_us)


class _Lead:
    """Numbers the events of one lead."""

    def __init__(self, name: str, now_us: int) -> None:
        self._name, self._count = f"{name}-{now_us}", 0

    def says(self, time_us: int, body: e.Body) -> Message:
        self._count += 1
        event_id = f"{self._name}-{self._count}"
        return compose(e.LeadEvent(self._name, time_us, "/eventful", event_id, body))


def _doubled(now_us: int) -> Iterator[Message]:
    """Once too often, and in the wrong order."""
    lead = _Lead("doubled", now_us)
    yield lead.says(now_us - DAY, e.Created("web", {"title": "CEO"}))
    demo = lead.says(now_us - HOUR, e.Behaviour("demo_requested"))
    yield from (demo, demo)
    yield lead.says(now_us - 2 * HOUR, e.Behaviour("quote_requested"))
    for minute in range(10):  # beyond any limit
        yield lead.says(now_us - HOUR + minute * S, e.Behaviour("demo_requested"))


def _late(now_us: int) -> Iterator[Message]:
    """What is older than a lead's history: counted where order does not matter."""
    yield from _after_a_history("late", now_us, FEW + 10)


def _forgotten(now_us: int) -> Iterator[Message]:
    """What is too old to be told from a double."""
    yield from _after_a_history("forgotten", now_us, FEW + MARKS_KEPT + 10)


def _after_a_history(name: str, now_us: int, length: int) -> Iterator[Message]:
    lead = _Lead(name, now_us)
    yield lead.says(now_us - 200 * DAY, e.Created("web"))
    for number in range(length):
        at_us = now_us - 150 * DAY + number * HOUR
        yield lead.says(at_us, e.Behaviour("documents_requested"))
    yield lead.says(now_us - HOUR, e.Behaviour("documents_requested"))
    yield lead.says(now_us - 160 * DAY, e.Behaviour("demo_requested"))


def _held(now_us: int) -> Iterator[Message]:
    yield _Lead("held", now_us).says(now_us - HOUR, e.Behaviour("demo_requested"))


def _unknown(now_us: int) -> Iterator[Message]:
    yield _Lead("unknown", now_us).says(now_us - HOUR, e.Behaviour("danced"))


def _rejected(now_us: int) -> Iterator[Message]:
    del now_us
    yield Message("leads.behaviours.v1", b"lead", b"{")


def _left(now_us: int) -> Iterator[Message]:
    """An owner leaves with a lead in hand."""
    lead = _Lead("left", now_us)
    yield lead.says(now_us - HOUR, e.Created("web", owner="rep-gone"))
    yield compose(e.LeadEvent("rep-gone", now_us, "/hr", f"rep-gone-{now_us}", e.OwnerLeft()))


def _voided(now_us: int) -> Iterator[Message]:
    """A touch in time that arrives after the return."""
    lead = _Lead("voided", now_us)
    yield lead.says(now_us - 30 * DAY, e.Created("web", owner="rep-late"))
    yield lead.says(now_us - 29 * DAY, e.Touch("call_answered", "rep-late"))
