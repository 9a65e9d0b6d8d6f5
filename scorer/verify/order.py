"""In which order records of different topics were folded, and time was told, read off the output topics.

Knows that each topic's own order is kept; asks a teller what a step would say. Knows no stage.
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


class Teller(Protocol):
    """Somebody who has told a story up to somewhere. A step makes another one, and changes nothing here."""

    @property
    def stands(self) -> object:
        """Those who stand alike go on alike."""

    @property
    def wrong(self) -> int:
        """What the last step said, and does not lie there next."""

    @property
    def unsaid(self) -> int:
        """What lies there because of the record that the last step folded, and was not said."""

    def may_tick(self, before: Record) -> bool:
        """Whether time can have been told now, while a record was still to be folded."""

    def ticked(self, before: Record) -> Self:
        """After it."""

    def folded(self, record: Record) -> Self:
        """After a record."""


T = TypeVar("T", bound=Teller)


def untangled(teller: T, group: Sequence[Record], slack_us: int) -> tuple[list[Record], T]:
    """Record after record that brings about what lies on the topics next, and who has folded them so.

    Each topic's order is kept, and none is taken while another is older by more than the slack; time is
    told in between where that shows. Where nothing fits, what is said is wrong: the record that fits
    best is taken, and on.
    """
    queues = _by_topic(group)
    way = Way(teller, queues, slack_us, (0,) * len(queues), ())
    while len(way.taken) < len(group):
        way = furthest(way)
        if onward := way.onward():
            way = min((step() for step in onward), key=Way.misfit)
    return [queues[i][n] for i, n in way.taken], way.teller


class Way(NamedTuple, Generic[T]):
    """Some of the records of a group, in one of their orders, and where that leads (`Path`)."""

    teller: T
    queues: Sequence[Sequence[Record]]  # by topic
    slack_us: int
    at: tuple[int, ...]  # how many of each topic are taken
    taken: tuple[tuple[int, int], ...]  # topic and number of each record, in order
    ticked: bool = False  # the last step told time

    def onward(self) -> Sequence[Callable[[], Way[T]]]:
        """The way with time told, where it can have been, and those with the next record of a topic."""
        at = enumerate(zip(self.queues, self.at, strict=True))
        heads = sorted((q[n].timestamp, i) for i, (q, n) in at if n < len(q))
        near = [i for at_ms, i in heads if (at_ms - heads[0][0]) * 1000 <= self.slack_us]
        folds = [partial(self._fold, i) for i in near]
        if not near:
            return []
        first = self.queues[near[0]][self.at[near[0]]]
        return [partial(self._tick, first), *folds] if self.teller.may_tick(first) else folds

    def _tick(self, before: Record) -> Way[T]:
        return self._replace(teller=self.teller.ticked(before), ticked=True)

    def _fold(self, queue: int) -> Way[T]:
        number = self.at[queue]
        teller = self.teller.folded(self.queues[queue][number])
        return self._replace(
            teller=teller,
            at=(*self.at[:queue], number + 1, *self.at[queue + 1 :]),
            taken=(*self.taken, (queue, number)),
            ticked=False,
        )

    def misfit(self) -> tuple[bool, int, int]:
        """By how much the last step does not fit. A tick that does not must not have been."""
        return self.ticked, self.teller.wrong, self.teller.unsaid

    @property
    def right(self) -> bool:
        return not (self.teller.wrong or self.teller.unsaid)

    @property
    def stands(self) -> object:
        return self.at, self.teller.stands

    @property
    def reach(self) -> tuple[int]:
        return (len(self.taken),)

    @property
    def done(self) -> bool:
        return len(self.taken) == sum(map(len, self.queues))


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
