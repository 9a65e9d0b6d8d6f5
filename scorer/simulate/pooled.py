"""The pool stage beside the scoring of one lead: fed with the story, and with the crossings that it brings.

In time order: a crossing that lies before an event reaches the pool before it, as it does where a
worker always runs. Bytes in, bytes out; knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from scorer import __version__
from scorer.contracts.compose import compose
from scorer.contracts.instants import to_us
from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published import TIERS_TOPIC, read_output
from scorer.contracts.published_pool import PoolEvent, read_pool_output
from scorer.contracts.records import Message
from scorer.domain.events import LeadEvent
from scorer.domain.model import Model
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import INPUTS, pool_factory
from scorer.engine.pool_account import FollowUp, follow_up

_DETAIL: Final = "leadscorer.errors.detail"


class Heard(NamedTuple):
    """Something that the pool said, and the lead as it was stored before."""

    message: Message
    before: bytes | None


class PoolSaid(NamedTuple):
    """Something that the pool said, as a subscriber reads it."""

    at_us: int  # when it can be read: its time, or the arrival of the late evidence behind it
    event: PoolEvent
    message: Message

    @classmethod
    def of(cls, message: Message, late_us: int | None) -> PoolSaid:
        """What is in a message; `late_us` is when late evidence brought it about."""
        event = read_pool_output(message.value or b"")
        return cls(to_us(event.time) if late_us is None else late_us, event, message)


class Pool:
    """The pool stage of one lead."""

    def __init__(self, model: Model, lead_id: str) -> None:
        factory = pool_factory(model, app="simulate", version=__version__)
        self._policy, self._lead_id = factory.policy, lead_id
        self._driver = MemoryDriver(factory(0))

    def feed(
        self, event: LeadEvent, arrives_us: int, crossings: Sequence[Message]
    ) -> Iterator[Heard]:
        """An event arrives, and what scoring said because of it. Raises `ValueError` for a bad one."""
        sent = compose(event)
        waiting = _crossings(crossings)
        if sent.topic in INPUTS:
            waiting.append((event.time_us, 0, as_record(sent, arrives_us)))
        for _, _, record in sorted(waiting, key=lambda each: each[:2]):
            yield from self._take(record)
        if event.lead_id != self._lead_id:  # the leads of a rep are told at the next tick
            yield from self._pass(arrives_us)

    def advance(self, until_us: int, crossings: Sequence[Message]) -> Iterator[Heard]:
        """The clock comes to an instant; scoring has said so much on the way."""
        for _, _, record in _crossings(crossings):
            yield from self._take(record)
        yield from self._pass(until_us)

    def follow_up(self, at_us: int, raw: bytes | None = None) -> FollowUp | None:
        """Whose the lead is and what is due, at an instant; of the present state or of a stored one."""
        raw = raw or self._stored()
        if raw is None:
            return None
        return follow_up(decode_follow_up(raw), self._lead_id, self._policy, at_us)

    def _stored(self) -> bytes | None:
        return self._driver.store.states.get(self._lead_id.encode())

    def _take(self, record: MemoryRecord) -> Iterator[Heard]:
        before = self._stored()
        said = self._driver.feed([record])
        if self._driver.dead_letters:
            raise ValueError(refusal(self._driver))
        yield from (Heard(message, before) for message in said)

    def _pass(self, until_us: int) -> Iterator[Heard]:
        before = self._stored()
        yield from (Heard(message, before) for message in self._driver.advance(until_us))


def _crossings(said: Sequence[Message]) -> list[tuple[int, int, MemoryRecord]]:
    """The crossings among what scoring said, with their time; after an event of the same time."""
    found = []
    for message in said:
        if message.topic == TIERS_TOPIC and message.value is not None:
            at_us = to_us(read_output(message.value).time)
            found.append((at_us, 1, as_record(message, at_us)))
    return found


def as_record(message: Message, at_us: int) -> MemoryRecord:
    """A message as its topic would hold it."""
    key, value, headers = message.key, message.value, message.headers
    return MemoryRecord(message.topic, key, value, at_us // 1000, headers)


def refusal(driver: MemoryDriver) -> str:
    """Why the last record was refused."""
    return (dict(driver.dead_letters[-1].headers)[_DETAIL] or b"").decode()
