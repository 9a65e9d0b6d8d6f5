"""A partition, or a share of its leads, brought into memory and sorted by lead. Judges nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from typing import NamedTuple
from zlib import crc32

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Record
from scorer.engine.ports import POSITIONS, StateWrite
from scorer.verify.compare import letter_topic
from scorer.verify.court import Court
from scorer.verify.pile import Pile, Stored
from scorer.verify.said import said_by_record
from scorer.verify.source import Snapshot, Source, Spot

Unframe = Callable[[bytes], tuple[int | None, bytes]]
"""Takes a changelog value apart: when the lead is due, its state."""


class _Share(NamedTuple):
    """Some of the leads: those whose key has this remainder."""

    remainder: int
    of: int

    def holds(self, key: bytes) -> bool:
        return self.of == 1 or crc32(key) % self.of == self.remainder


class Reader:
    """Fills piles."""

    def __init__(self, source: Source, court: Court, unframe: Unframe) -> None:
        self._source, self._court, self._unframe = source, court, unframe
        self._inputs, self._outputs = [*court.factory.inputs], [*court.factory.outputs]

    async def pile(self, snapshot: Snapshot, partition: int, share: int, shares: int) -> Pile:
        """Everything about one share of a partition's leads."""
        pile, ours, court = Pile(), _Share(share, shares), self._court
        for rank, topic in enumerate(self._inputs):
            await self._input(pile, ours, rank, Spot(topic, partition), snapshot)
        for topic in self._outputs:
            async for record in self._source.read(Spot(topic, partition), snapshot):
                key = record.key or b""
                if ours.holds(key):
                    by_topic = pile.said.setdefault(key, defaultdict(list))
                    by_topic[topic].append(said_by_record(record))
        async for record in self._source.read(Spot(snapshot.changelog, partition), snapshot):
            key = record.key or b""
            if key != POSITIONS and ours.holds(court.home(snapshot.changelog, key)):
                pile.states[key] = self._stored(record)
        async for record in self._source.read(Spot(DEAD_LETTERS_TOPIC, partition), snapshot):
            if pile.first_letter_ms is None:
                pile.first_letter_ms = record.timestamp
            topic = letter_topic(record) or court.factory.inputs[0]
            if court.speaks_of(topic) and ours.holds(court.home(topic, record.key or b"")):
                pile.letters.append(record)
        court.gather(pile)
        for queues in (pile.inputs, pile.extra):
            for key in [key for key in queues if not ours.holds(key)]:
                del queues[key]  # shared by all leads, and judged with its own share
        return pile

    async def _input(
        self, pile: Pile, ours: _Share, rank: int, spot: Spot, snapshot: Snapshot
    ) -> None:
        folded, perhaps = snapshot.committed[spot], snapshot.committed_after[spot]
        shared = spot.topic in self._court.shared
        async for record in self._source.read(spot, snapshot):
            pile.first_ms = min(record.timestamp, pile.first_ms or record.timestamp)
            if record.offset < folded:
                pile.last_ms[spot.topic] = record.timestamp
            key = self._court.home(spot.topic, record.key or b"")
            if record.offset < perhaps and (shared or ours.holds(key)):
                leads = pile.inputs if record.offset < folded else pile.extra
                if key not in leads:
                    leads[key] = [deque() for _ in self._inputs]
                leads[key][rank].append(record)

    def _stored(self, record: Record) -> Stored:
        if record.value is None:
            return Stored(None, record.offset, record.timestamp)
        due_us, value = self._unframe(record.value)
        return Stored(StateWrite(value, due_us), record.offset, record.timestamp)
