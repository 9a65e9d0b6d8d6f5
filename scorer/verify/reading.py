"""A partition, brought into memory by lead: all at once, or one share of its leads after the other. Judges nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Record
from scorer.engine.keys import POSITIONS
from scorer.engine.ports import StateWrite
from scorer.verify.compare import letter_topic
from scorer.verify.court import Court
from scorer.verify.notes import Input, Letter, Note, Output, Shares, State, kept
from scorer.verify.pile import Pile, Stored, Times
from scorer.verify.said import said_by_record
from scorer.verify.source import Snapshot, Source, Spot

Unframe = Callable[[bytes], tuple[int | None, bytes]]
"""Takes a changelog value apart: when the lead is due, its state."""
_Notes = AsyncIterator[tuple[bytes | None, Note]]
"""Each with the lead that it is about; None: it is about all."""


class Reader:
    """Fills piles."""

    def __init__(self, source: Source, court: Court, unframe: Unframe) -> None:
        self._source, self._court, self._unframe = source, court, unframe
        self._inputs, self._outputs = [*court.factory.inputs], [*court.factory.outputs]

    async def piles(self, snapshot: Snapshot, partition: int, shares: int) -> AsyncGenerator[Pile]:
        """Everything about a partition, in so many shares of its leads; what is read is read once."""
        times = Times()
        notes = self._notes(snapshot, partition, times)
        if shares == 1:
            pile = Pile(times, len(self._inputs))
            async for _home, note in notes:
                note.onto(pile)
            self._court.gather(pile)
            yield pile
            return
        with Shares(shares) as files:
            async for home, note in notes:
                files.put(home, note)
            for share in range(shares):
                yield self._pile(times, files, share)

    def _pile(self, times: Times, files: Shares, share: int) -> Pile:
        pile = Pile(times, len(self._inputs))
        for note in files.take(share):
            note.onto(pile)
        self._court.gather(pile)
        for queues in (pile.inputs, pile.extra):
            for key in [key for key in queues if files.of(key) != share]:
                del queues[key]  # shared by all leads, and judged with its own share
        return pile

    async def _notes(self, snapshot: Snapshot, partition: int, times: Times) -> _Notes:
        court = self._court
        for rank, topic in enumerate(self._inputs):
            async for noted in self._input(rank, Spot(topic, partition), snapshot, times):
                yield noted
        for topic in self._outputs:
            async for record in self._source.read(Spot(topic, partition), snapshot):
                key = record.key or b""
                yield key, Output(key, topic, said_by_record(record))
        async for record in self._source.read(Spot(snapshot.changelog, partition), snapshot):
            key = record.key or b""
            if key != POSITIONS:
                yield court.home(snapshot.changelog, key), State(key, self._stored(record))
        async for record in self._source.read_since(Spot(snapshot.changelog, partition), snapshot):
            times.rewritten.add(record.key or b"")
        async for record in self._source.read(Spot(DEAD_LETTERS_TOPIC, partition), snapshot):
            if times.first_letter_ms is None:
                times.first_letter_ms = record.timestamp
            topic = letter_topic(record) or court.factory.inputs[0]
            if court.speaks_of(topic):
                yield court.home(topic, record.key or b""), Letter(kept(record))

    async def _input(self, rank: int, spot: Spot, snapshot: Snapshot, times: Times) -> _Notes:
        folded, perhaps = snapshot.committed[spot], snapshot.committed_after[spot]
        shared = spot.topic in self._court.shared
        async for record in self._source.read(spot, snapshot):
            times.first_ms = min(record.timestamp, times.first_ms or record.timestamp)
            if record.offset < folded:
                times.last_ms[spot.topic] = record.timestamp
            if record.offset < perhaps:
                home = self._court.home(spot.topic, record.key or b"")
                note = Input(home, rank, record.offset < folded, kept(record))
                yield None if shared else home, note

    def _stored(self, record: Record) -> Stored:
        if record.value is None:
            return Stored(None, record.offset, record.timestamp)
        due_us, value = self._unframe(record.value)
        return Stored(StateWrite(value, due_us), record.offset, record.timestamp)
