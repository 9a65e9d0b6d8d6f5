"""In which order records of different topics were folded, read off what lies on the output topics.

Knows that each topic's own order is kept; asks a teller what a record would say. Knows no stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol, Self

from scorer.contracts.records import Record

_GROUP: Final = 256  # records whose order is looked for together
TRIES: Final = 300  # orders, or steps of one, that are tried


class Taster(Protocol):
    """Somebody who has folded some records, and can tell where one more would lead."""

    @property
    def state(self) -> bytes | None: ...

    def ahead(self, record: Record) -> tuple[Self, bool, int]:
        """Another one who has folded it, too; whether all that it said lies there; how much lies there
        because of it that it did not say.
        """
        ...


def untangled(teller: Taster, group: Sequence[Record], slack_us: int) -> list[Record]:
    """Record after record that brings about what lies on the topics next.

    Each topic's order is kept, and none is taken while another is older by more than the slack. Where
    none fits, what is said is wrong: the next in merge order is taken, and on.
    """
    queues = _by_topic(group)
    way = Way(teller, (0,) * len(queues), ())
    while len(way.taken) < len(group):
        way = _furthest(way, queues, slack_us)
        if left := way.left(queues, slack_us):
            way = way.after(queues, left[0])
    return [queues[i][n] for i, n in way.taken]


def _furthest(start: Way, queues: Sequence[Sequence[Record]], slack_us: int) -> Way:
    """The longest way on which everything that is said lies there, and most of what does is said.

    Depth first, the nearest to the merge order before others; given up when nothing gets further.
    """
    best = start
    seen: set[object] = set()
    untried = [(start, i) for i in reversed(start.left(queues, slack_us))]
    tries = TRIES
    while untried and tries:
        tries -= 1
        way, queue = untried.pop()
        ahead = way.after(queues, queue)
        if ahead.stands in seen or not ahead.right:
            continue
        seen.add(ahead.stands)
        if (len(ahead.taken), -ahead.unsaid) > (len(best.taken), -best.unsaid):
            best, tries = ahead, TRIES
        left = ahead.left(queues, slack_us)
        if not left and not ahead.unsaid:
            break
        untried += [(ahead, i) for i in reversed(left)]
    return best


class Way(NamedTuple):
    """Some of the records of a group, in one of their orders, and where that leads."""

    teller: Taster
    at: tuple[int, ...]  # how many of each topic are taken
    taken: tuple[tuple[int, int], ...]  # topic and number of each record, in order
    right: bool = True  # what the last one said lies there
    unsaid: int = 0  # outputs that lie there because of them, and were not said

    def left(self, queues: Sequence[Sequence[Record]], slack_us: int) -> list[int]:
        """The topics whose next record may be the next of all, in merge order."""
        heads = sorted(
            (q[n].timestamp, i)
            for i, (q, n) in enumerate(zip(queues, self.at, strict=True))
            if n < len(q)
        )
        return [i for at_ms, i in heads if (at_ms - heads[0][0]) * 1000 <= slack_us]

    def after(self, queues: Sequence[Sequence[Record]], queue: int) -> Way:
        """The way with the next record of a topic."""
        number = self.at[queue]
        teller, right, unsaid = self.teller.ahead(queues[queue][number])
        at = (*self.at[:queue], number + 1, *self.at[queue + 1 :])
        return Way(teller, at, (*self.taken, (queue, number)), right, self.unsaid + unsaid)

    @property
    def stands(self) -> object:
        """Ways that stand alike go on alike."""
        return self.at, self.unsaid, self.teller.state


def next_group(
    inputs: Sequence[deque[Record]], slack_us: int, *, chained: bool = False
) -> list[Record]:
    """The next records in merge order, taken off; several where another order is possible.

    All lie within the slack of the first; `chained`: each lies within the slack of one before it.
    """
    group: list[Record] = []
    since_ms = 0
    while heads := [(q[0].timestamp, rank) for rank, q in enumerate(inputs) if q]:
        at_ms, rank = min(heads)
        blurred = (at_ms - since_ms) * 1000 <= slack_us
        if group and not (blurred and len(group) < _GROUP):
            break
        if chained or not group:
            since_ms = max(at_ms, since_ms)
        group.append(inputs[rank].popleft())
    return group


def _by_topic(group: Sequence[Record]) -> list[list[Record]]:
    """The records of each topic, in order; the topics in the order of their first ones."""
    queues: dict[str, list[Record]] = {}
    for record in group:
        queues.setdefault(record.topic, []).append(record)
    return list(queues.values())


def orders(group: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Every order that keeps that of each topic, beginning with the given one."""
    if len(group) <= 1:
        yield group
        return
    seen: set[str] = set()
    for number, record in enumerate(group):
        if record.topic not in seen:  # the first of its topic
            seen.add(record.topic)
            for rest in orders([*group[:number], *group[number + 1 :]]):
                yield [record, *rest]
