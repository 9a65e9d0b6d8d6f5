"""The referee: reads a cluster, tells every lead's story again, compares. Knows no Kafka client.

One partition at a time, and of a large one a share of its leads at a time, so that memory is bounded
by `AT_ONCE` whatever the topics hold; the other shares wait in temporary files.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Record
from scorer.verify import judge
from scorer.verify.court import Court
from scorer.verify.pile import Pile
from scorer.verify.reading import Reader, Unframe
from scorer.verify.retell import Lead, Terms
from scorer.verify.said import Said
from scorer.verify.source import Snapshot, Source, Spot
from scorer.verify.verdict import Verdict

AT_ONCE: Final = 1_000_000  # records: about 1 GB
_US: Final = 1_000_000

Progress = Callable[[int, int], None]
"""Told (records read, of so many)."""
Told = Callable[[float], None]
"""Told how much of a partition is judged."""
Judging = Callable[[Snapshot, int, Told], Awaitable[Verdict]]
"""Judges one partition."""


class Limits(NamedTuple):
    """What is compared, and how strictly."""

    since_ms: int | None = None  # broker time of outputs, states and dead letters
    until_ms: int | None = None
    grace_s: float = 10.0  # a crossing that came due so lately need not be there yet
    slack_s: float = 60.0  # see `Terms.slack_us`
    examples: int = 20

    def inside(self, at_ms: int) -> bool:
        """Whether a broker time is judged."""
        early = self.since_ms is not None and at_ms < self.since_ms
        return not early and (self.until_ms is None or at_ms < self.until_ms)


class Referee:
    """Judges one stage."""

    def __init__(
        self,
        source: Source,
        court: Court,
        *,
        unframe: Unframe,
        limits: Limits | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._source, self._court, self._factory = source, court, court.factory
        self._limits, self._at_once = limits or Limits(), at_once
        self._reader = Reader(source, court, unframe)
        self._outputs = [*court.factory.outputs]

    async def run(
        self, progress: Progress = lambda _done, _of: None, elsewhere: Judging | None = None
    ) -> Verdict:
        """Read everything, compare everything; with `elsewhere` all partitions are given away at once."""
        names = [*self._outputs, DEAD_LETTERS_TOPIC, *self._court.compacted]
        snapshot = await self._source.snapshot(self._factory.inputs, names)
        sizes = {p: self._records(snapshot, p) for p in range(snapshot.partitions)}
        done = dict.fromkeys(sizes, 0)

        def judged(partition: int) -> Awaitable[Verdict]:
            def told(part: float) -> None:
                done[partition] = int(part * sizes[partition])
                progress(sum(done.values()), sum(sizes.values()))

            return (elsewhere or self.partition)(snapshot, partition, told)

        if elsewhere is None:
            parts = [await judged(partition) for partition in sizes]
        else:
            parts = await asyncio.gather(*map(judged, sizes))
        verdict = Verdict(self._limits.examples, lag=snapshot.lag(), alive=snapshot.alive)
        for part in parts:
            verdict.add_up(part)
        await self._court.finish(self._source, snapshot, verdict, self._limits.inside)
        return verdict

    async def partition(
        self, snapshot: Snapshot, partition: int, told: Told = lambda _part: None
    ) -> Verdict:
        """The verdict on one partition; they can be judged side by side."""
        verdict = Verdict(self._limits.examples)
        shares = self._records(snapshot, partition) // self._at_once + 1
        judged = 0
        async with aclosing(self._reader.piles(snapshot, partition, shares)) as piles:
            async for pile in piles:
                self._judge(snapshot, partition, pile, verdict)
                judged += 1
                told(judged / shares)
                del pile  # before the next is there
        return verdict

    def _records(self, snapshot: Snapshot, partition: int) -> int:
        names = [*self._factory.inputs, *self._outputs, snapshot.changelog]
        spots = [Spot(name, partition) for name in names]
        return sum(snapshot.ends[spot] - snapshot.begins[spot] for spot in spots)

    def _judge(self, snapshot: Snapshot, partition: int, pile: Pile, verdict: Verdict) -> None:
        limits = self._limits
        bench = judge.Judge(
            *(snapshot, partition, verdict, self._court, limits.since_ms, limits.until_ms),
            truncated=self._truncated(snapshot, partition, pile),
            rewritten=pile.times.rewritten,
        )
        terms = self._terms(snapshot, partition, pile.times.last_ms)
        nothing: Sequence[deque[Record]] = [deque() for _ in self._factory.inputs]
        for key in pile.leads():
            said: Mapping[str, list[Said]] = pile.said.get(key, {})
            stored = pile.states.get(key)
            value = stored.write.value if stored and stored.write else None
            inputs, extra = pile.inputs.pop(key, nothing), pile.extra.pop(key, nothing)
            retold = self._court.tell(Lead(key, inputs, said, extra, value), partition, terms)
            bench.lead(key, retold, said, stored, pile.beside.get(key, frozenset()))
        bench.letters(pile.letters, pile.times.first_letter_ms)

    def _truncated(self, snapshot: Snapshot, partition: int, pile: Pile) -> bool:
        """Whether some of the evidence may be gone, by retention or by compaction."""
        if any(snapshot.begins[Spot(topic, partition)] for topic in self._factory.inputs):
            return True
        before_ms = [snapshot.compacted_before_ms.get(topic, 0) for topic in self._court.compacted]
        first_ms = pile.times.first_ms
        return first_ms is not None and any(first_ms < at for at in before_ms)

    def _terms(self, snapshot: Snapshot, partition: int, last_ms: Mapping[str, int]) -> Terms:
        """Up to when time must have been told to the leads of a partition."""
        limits = self._limits
        known = []
        for topic in self._factory.inputs:
            spot = Spot(topic, partition)
            at_end = snapshot.committed[spot] >= snapshot.ends[spot]
            known.append(snapshot.taken_us if at_end else last_ms.get(topic, 0) * 1000)
        must_us = min(known) - int(limits.grace_s * _US) if snapshot.alive else 0
        return Terms(must_us, snapshot.taken_us, int(limits.slack_s * _US))
