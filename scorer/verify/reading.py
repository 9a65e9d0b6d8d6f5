"""A partition, or a share of its leads, brought into memory and sorted by lead. Judges nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Record
from scorer.engine.ports import StageFactory, StateWrite
from scorer.verify.judge import Stored
from scorer.verify.said import Said, said_by_record
from scorer.verify.source import Snapshot, Source, Spot

Unframe = Callable[[bytes], tuple[int | None, bytes]]
"""Takes a changelog value apart: when the lead is due, its state."""


class _Share(NamedTuple):
    """Some of the leads: those whose key has this remainder."""

    remainder: int
    of: int

    def holds(self, record: Record) -> bool:
        return self.of == 1 or crc32(record.key or b"") % self.of == self.remainder


@dataclass(slots=True)
class Pile:
    """What the topics hold about some leads of one partition."""

    inputs: dict[bytes, list[deque[Record]]] = field(default_factory=dict)
    extra: dict[bytes, list[deque[Record]]] = field(default_factory=dict)  # perhaps folded
    said: dict[bytes, dict[str, list[Said]]] = field(default_factory=dict)
    states: dict[bytes, Stored] = field(default_factory=dict)
    letters: list[Record] = field(default_factory=list)
    last_ms: dict[str, int] = field(default_factory=dict)  # of the folded records, by input
    first_letter_ms: int | None = None


class Reader:
    """Fills piles."""

    def __init__(self, source: Source, factory: StageFactory, unframe: Unframe) -> None:
        self._source, self._unframe = source, unframe
        self._inputs, self._outputs = [*factory.inputs], [*factory.outputs]

    async def pile(self, snapshot: Snapshot, partition: int, share: int, shares: int) -> Pile:
        """Everything about one share of a partition's leads."""
        pile, ours = Pile(), _Share(share, shares)
        for rank, topic in enumerate(self._inputs):
            await self._input(pile, ours, rank, Spot(topic, partition), snapshot)
        for topic in self._outputs:
            async for record in self._source.read(Spot(topic, partition), snapshot):
                if ours.holds(record):
                    by_topic = pile.said.setdefault(record.key or b"", defaultdict(list))
                    by_topic[topic].append(said_by_record(record))
        async for record in self._source.read(Spot(snapshot.changelog, partition), snapshot):
            if ours.holds(record):
                pile.states[record.key or b""] = self._stored(record)
        async for record in self._source.read(Spot(DEAD_LETTERS_TOPIC, partition), snapshot):
            if pile.first_letter_ms is None:
                pile.first_letter_ms = record.timestamp
            if ours.holds(record):
                pile.letters.append(record)
        return pile

    async def _input(
        self, pile: Pile, ours: _Share, rank: int, spot: Spot, snapshot: Snapshot
    ) -> None:
        folded, perhaps = snapshot.committed[spot], snapshot.committed_after[spot]
        async for record in self._source.read(spot, snapshot):
            if record.offset < folded:
                pile.last_ms[spot.topic] = record.timestamp
            if record.offset < perhaps and ours.holds(record):
                leads = pile.inputs if record.offset < folded else pile.extra
                key = record.key or b""
                if key not in leads:
                    leads[key] = [deque() for _ in self._inputs]
                leads[key][rank].append(record)

    def _stored(self, record: Record) -> Stored:
        if record.value is None:
            return Stored(None, record.offset, record.timestamp)
        due_us, value = self._unframe(record.value)
        return Stored(StateWrite(value, due_us), record.offset, record.timestamp)
