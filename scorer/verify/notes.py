"""What the referee reads, as notes that go onto a pile: at once, or by way of a file.

A partition that is too large for memory is read once; its notes are written to a file per share of its
leads. There an input takes what its record takes, an output 100 bytes, and of the states of a lead within
some thousands only the last is written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from tempfile import TemporaryFile, gettempdir
from typing import Final, Self
from zlib import crc32

import msgspec
from msgspec import Struct

from scorer.contracts.records import Record
from scorer.engine.memory import MemoryRecord
from scorer.verify.pile import Pile, Stored
from scorer.verify.said import Said

_NOTES_AT_ONCE: Final = 1_000
_STATES_AT_ONCE: Final = 50_000  # of all shares together: about 100 MB
_LENGTH: Final = 4  # bytes of the number before each block of notes


def kept(record: Record) -> MemoryRecord:
    """A record without what Kafka's client keeps beside it."""
    return MemoryRecord(
        *(record.topic, record.key, record.value, record.timestamp),
        *(tuple(record.headers), record.partition, record.offset),
    )


class Input(Struct, tag=0, array_like=True, gc=False):
    """A record of an input."""

    home: bytes
    rank: int
    folded: bool  # or perhaps
    record: MemoryRecord

    def onto(self, pile: Pile) -> None:
        leads = pile.inputs if self.folded else pile.extra
        if self.home not in leads:
            leads[self.home] = [deque() for _ in range(pile.ranks)]
        leads[self.home][self.rank].append(self.record)


class Output(Struct, tag=1, array_like=True, gc=False):
    """What was said about a lead."""

    home: bytes
    topic: str
    said: Said

    def onto(self, pile: Pile) -> None:
        pile.said.setdefault(self.home, {}).setdefault(self.topic, []).append(self.said)


class State(Struct, tag=2, array_like=True, gc=False):
    """What was stored under a key; the last note of a key counts."""

    key: bytes
    stored: Stored

    def onto(self, pile: Pile) -> None:
        pile.states[self.key] = self.stored


class Letter(Struct, tag=3, array_like=True, gc=False):
    """A dead letter."""

    record: MemoryRecord

    def onto(self, pile: Pile) -> None:
        pile.letters.append(self.record)


Note = Input | Output | State | Letter

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Note]).decode


class NoRoom(Exception):
    """The temporary files of a large partition do not fit on the disk."""


class Shares:
    """The notes about one partition by share of its leads, in temporary files; a context manager."""

    def __init__(self, number: int) -> None:
        self._files = [TemporaryFile() for _ in range(number)]  # noqa: SIM115  (closed on exit)
        self._waiting: list[list[Note]] = [[] for _ in range(number)]
        self._states: dict[bytes, tuple[int, State]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for file in self._files:
            file.close()

    def of(self, home: bytes) -> int:
        """The share of a lead."""
        return crc32(home) % len(self._files)

    def put(self, home: bytes | None, note: Note) -> None:
        """Write down what is about one lead, or about all (None)."""
        if home is None:
            for share in range(len(self._files)):
                self._put(share, note)
        elif isinstance(note, State):
            self._states[note.key] = (self.of(home), note)
            if len(self._states) >= _STATES_AT_ONCE:
                self._put_states()
        else:
            self._put(self.of(home), note)

    def take(self, share: int) -> Iterator[Note]:
        """All notes of one share, those of a lead in the order in which they were put."""
        self._put_states()
        self._write(share)
        file = self._files[share]
        file.seek(0)
        while length := file.read(_LENGTH):
            yield from _decode(file.read(int.from_bytes(length)))

    def _put_states(self) -> None:
        for share, note in self._states.values():
            self._put(share, note)
        self._states.clear()

    def _put(self, share: int, note: Note) -> None:
        waiting = self._waiting[share]
        waiting.append(note)
        if len(waiting) >= _NOTES_AT_ONCE:
            self._write(share)

    def _write(self, share: int) -> None:
        block = _encode(self._waiting[share])
        try:
            self._files[share].write(len(block).to_bytes(_LENGTH))
            self._files[share].write(block)
            self._files[share].flush()
        except OSError as error:
            raise NoRoom(
                f"a temporary file in {gettempdir()} cannot be written ({error.strerror}) → set TMPDIR to a "
                "directory with room for what the inputs of a partition take, and judge fewer partitions at a time (--jobs)"
            ) from error
        self._waiting[share].clear()
