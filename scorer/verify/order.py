"""In which order records of different topics were folded, read off what lies on the output topics.

Knows that each topic's own order is kept; asks a teller what a record would say. Knows no stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Generic, NamedTuple, Protocol, Self, TypeVar

from scorer.contracts.records import Record
from scorer.verify.search import furthest

_GROUP: Final = 256  # records whose order is looked for together
_AHEAD: Final = 64  # the last of them, looked at again: they may change places with what comes next


class Taster(Protocol):
    """Somebody who has folded some records, and can tell where one more would lead."""

    @property
    def state(self) -> bytes | None: ...

    def ahead(self, record: Record) -> tuple[Self, bool, int]:
        """Another one who has folded it, too; whether all that it said lies there; how much lies there
        because of it that it did not say.
        """
        ...


T = TypeVar("T", bound=Taster)


def untangled(teller: T, group: Sequence[Record], slack_us: int) -> tuple[list[Record], T]:
    """Record after record that brings about what lies on the topics next, and who has folded them so.

    Each topic's order is kept, and none is taken while another is older by more than the slack. Where
    none fits, what is said is wrong: the next in merge order is taken, and on.
    """
    queues = _by_topic(group)
    way = Way(teller, queues, slack_us, (0,) * len(queues), ())
    while len(way.taken) < len(group):
        way = furthest(way)
        if onward := way.onward():
            way = onward[0]()
    return [queues[i][n] for i, n in way.taken], way.teller


class Way(NamedTuple, Generic[T]):
    """Some of the records of a group, in one of their orders, and where that leads (`Path`)."""

    teller: T
    queues: Sequence[Sequence[Record]]  # by topic
    slack_us: int
    at: tuple[int, ...]  # how many of each topic are taken
    taken: tuple[tuple[int, int], ...]  # topic and number of each record, in order
    right: bool = True  # what the last one said lies there
    unsaid: int = 0  # outputs that lie there because of them, and were not said

    def onward(self) -> Sequence[Callable[[], Way[T]]]:
        """The ways with the next record of a topic, in merge order."""
        at = zip(self.queues, self.at, strict=True)
        heads = sorted((q[n].timestamp, i) for i, (q, n) in enumerate(at) if n < len(q))
        near = [i for at_ms, i in heads if (at_ms - heads[0][0]) * 1000 <= self.slack_us]
        return [partial(self._after, i) for i in near]

    def _after(self, queue: int) -> Way[T]:
        number = self.at[queue]
        teller, right, unsaid = self.teller.ahead(self.queues[queue][number])
        return self._replace(
            teller=teller,
            at=(*self.at[:queue], number + 1, *self.at[queue + 1 :]),
            taken=(*self.taken, (queue, number)),
            right=right,
            unsaid=self.unsaid + unsaid,
        )

    @property
    def stands(self) -> object:
        return self.at, self.unsaid, self.teller.state

    @property
    def reach(self) -> tuple[int, int]:
        return len(self.taken), -self.unsaid

    @property
    def done(self) -> bool:
        return len(self.taken) == sum(map(len, self.queues)) and not self.unsaid


def next_group(inputs: Sequence[deque[Record]], slack_us: int) -> list[Record]:
    """The next records in merge order, taken off; several where another order is possible.

    Each lies within the slack of one before it.
    """
    group: list[Record] = []
    since_ms = 0
    while heads := [(q[0].timestamp, rank) for rank, q in enumerate(inputs) if q]:
        at_ms, rank = min(heads)
        blurred = (at_ms - since_ms) * 1000 <= slack_us
        if group and not (blurred and len(group) < _GROUP):
            break
        since_ms = max(at_ms, since_ms)
        group.append(inputs[rank].popleft())
    return group


def settled(group: Sequence[Record]) -> int:
    """How many records of a group, in the order that was found, stay there whatever comes next."""
    return len(group) if len(group) < _GROUP else len(group) - _AHEAD


def _by_topic(group: Sequence[Record]) -> list[list[Record]]:
    """The records of each topic, in order; the topics in the order of their first ones."""
    queues: dict[str, list[Record]] = {}
    for record in group:
        queues.setdefault(record.topic, []).append(record)
    return list(queues.values())
