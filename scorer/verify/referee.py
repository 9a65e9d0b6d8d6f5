"""The referee: reads a cluster, tells every lead's story again, compares. Knows no Kafka client.

One partition at a time, and of a large one a share of its leads at a time, so that memory is bounded
by `_RECORDS_AT_ONCE` whatever the topics hold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Record
from scorer.engine.ports import StageFactory
from scorer.verify import judge
from scorer.verify.reading import Pile, Reader, Unframe
from scorer.verify.retell import Identify, Lead, Teller, Terms
from scorer.verify.said import Said
from scorer.verify.source import Snapshot, Source, Spot
from scorer.verify.verdict import Verdict

_RECORDS_AT_ONCE: Final = 1_000_000  # about 1 GB
_US: Final = 1_000_000

Progress = Callable[[int, int], None]
"""Told (records read, of so many)."""


class Limits(NamedTuple):
    """What is compared, and how strictly."""

    since_ms: int | None = None  # broker time of outputs, states and dead letters
    until_ms: int | None = None
    grace_s: float = 10.0  # a crossing that came due so lately need not be there yet
    slack_s: float = 60.0  # see `Terms.slack_us`
    examples: int = 20


class Referee:
    """Judges one stage."""

    def __init__(
        self,
        source: Source,
        factory: StageFactory,
        *,
        identify: Identify,
        unframe: Unframe,
        model_hash: str,
        limits: Limits | None = None,
    ) -> None:
        self._source, self._factory, self._identify = source, factory, identify
        self._model, self._limits = model_hash, limits or Limits()
        self._reader = Reader(source, factory, unframe)
        self._outputs = [*factory.outputs]

    async def run(self, progress: Progress = lambda _done, _of: None) -> Verdict:
        """Read everything, compare everything."""
        names = [*self._outputs, DEAD_LETTERS_TOPIC]
        snapshot = await self._source.snapshot(self._factory.inputs, names)
        verdict = Verdict(self._limits.examples, lag=snapshot.lag(), alive=snapshot.alive)
        sizes = {p: self._records(snapshot, p) for p in range(snapshot.partitions)}
        done, total = 0, sum(sizes.values())
        for partition, size in sizes.items():
            shares = size // _RECORDS_AT_ONCE + 1
            for share in range(shares):
                pile = await self._reader.pile(snapshot, partition, share, shares)
                self._judge(snapshot, partition, pile, verdict)
                done += size // shares
                progress(done, total)
        progress(total, total)
        return verdict

    def _records(self, snapshot: Snapshot, partition: int) -> int:
        names = [*self._factory.inputs, *self._outputs, snapshot.changelog]
        spots = [Spot(name, partition) for name in names]
        return sum(snapshot.ends[spot] - snapshot.begins[spot] for spot in spots)

    def _judge(self, snapshot: Snapshot, partition: int, pile: Pile, verdict: Verdict) -> None:
        limits = self._limits
        truncated = any(snapshot.begins[Spot(t, partition)] for t in self._factory.inputs)
        bench = judge.Judge(
            snapshot, partition, verdict, self._model, limits.since_ms, limits.until_ms, truncated
        )
        terms = self._terms(snapshot, partition, pile.last_ms)
        nothing: Sequence[deque[Record]] = [deque() for _ in self._factory.inputs]
        for key in pile.inputs.keys() | pile.extra.keys() | pile.said.keys() | pile.states.keys():
            said: Mapping[str, list[Said]] = pile.said.get(key, {})
            lead = Lead(key, pile.inputs.pop(key, nothing), said, pile.extra.pop(key, nothing))
            retold = Teller(lead, lambda: self._factory(partition), terms).tell()
            bench.lead(key, retold, said, pile.states.get(key))
        bench.letters(pile.letters, pile.first_letter_ms)

    def _terms(self, snapshot: Snapshot, partition: int, last_ms: Mapping[str, int]) -> Terms:
        """Up to when time must have been told to the leads of a partition."""
        limits = self._limits
        known = []
        for topic in self._factory.inputs:
            spot = Spot(topic, partition)
            at_end = snapshot.committed[spot] >= snapshot.ends[spot]
            known.append(snapshot.taken_us if at_end else last_ms.get(topic, 0) * 1000)
        must_us = min(known) - int(limits.grace_s * _US) if snapshot.alive else 0
        return Terms(must_us, snapshot.taken_us, int(limits.slack_s * _US), self._identify)
