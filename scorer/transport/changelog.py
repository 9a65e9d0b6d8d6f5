"""The records of a changelog: states, and how far the inputs are folded. Knows no client.

The value of a state is when the lead is due next, then the state.

Eight bytes before the state, rather than a header, so that a value is the same in the changelog and
in the local store: a restore copies it and rebuilds the due-index without decoding a state. A header
says under which model the state was made: what another model made is due at once, wherever it is
restored.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple
from zlib import crc32

import orjson

from scorer.contracts.records import Headers, Record
from scorer.engine.ports import StateWrite

_DUE: Final = struct.Struct(">Q")  # big-endian: byte order is the order of time
HEADER: Final = _DUE.size
NEVER: Final = b"\xff" * HEADER
AT_ONCE: Final = b"\x00" * HEADER


def due_bytes(due_us: int | None) -> bytes:
    """An instant as it stands before a state and in the due-index."""
    return NEVER if due_us is None else _DUE.pack(max(0, due_us))


def due_from(header: bytes) -> int | None:
    """The instant that `due_bytes` wrote."""
    return None if header == NEVER else int(_DUE.unpack(header)[0])


def frame(write: StateWrite) -> bytes | None:
    """The changelog value of a state; None is a tombstone."""
    return None if write.value is None else due_bytes(write.due_us) + write.value


def frame_all(writes: Mapping[bytes, StateWrite]) -> dict[bytes, bytes | None]:
    """The changelog value of each key: made once for the changelog and for the local store."""
    return {key: frame(write) for key, write in writes.items()}


def made_by(model_hash: str) -> Headers:
    """The headers of a changelog record."""
    return (("leadscorer.model", model_hash.encode()),)


def due_at_once(value: bytes) -> bytes:
    """The same state, to be looked at with the next tick."""
    return AT_ONCE + value[HEADER:]


def unframe(value: bytes) -> tuple[int | None, bytes]:
    """(due instant, state) of a changelog value that is no tombstone."""
    return due_from(value[:HEADER]), value[HEADER:]


class Position(NamedTuple):
    """How far one input of a partition is folded."""

    offset: int  # of the next record
    last: int  # `crc_of` the record before it, by which another log in its place is told


def crc_of(record: Record) -> int:
    """CRC-32 of a record's time, key and value."""
    return crc32(record.value or b"", crc32(record.key or b"", record.timestamp & 0xFFFF_FFFF))


def frame_positions(positions: Mapping[str, Position]) -> bytes:
    """The value under `POSITIONS`, by real topic name."""
    return NEVER + orjson.dumps({topic: [*position] for topic, position in positions.items()})


def unframe_positions(value: bytes) -> dict[str, Position]:
    """What `frame_positions` was given."""
    return {topic: Position(*fields) for topic, fields in orjson.loads(value[HEADER:]).items()}
