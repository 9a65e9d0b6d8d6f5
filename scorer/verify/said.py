"""One output as the referee remembers it: identity, cause, a digest. Knows CloudEvents, no stage.

Digests instead of values, so that a partition of a million outputs takes 300 MB and not 2 GB.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import msgspec
from msgspec import Struct

from scorer.contracts.instants import to_us
from scorer.contracts.records import Message, Record
from scorer.contracts.wire import Instant

Identity = tuple[str, str]
"""`(source, id)` of an event."""

ERASURE = "(erasure)"
"""Stands for the id of a null value: it has none."""
UNREADABLE = "(unreadable)"


class Said(NamedTuple):
    """An output, found on a topic or computed."""

    id: str
    digest: bytes
    time_us: int  # event time
    cause: Identity | None  # the event that brought it about at once; None: time, or the model
    model: str | None
    offset: int  # -1: computed
    at_ms: int  # broker time; of a computed one that of what brought it about

    @property
    def by_time(self) -> bool:
        return self.cause is None


class _Cause(Struct, gc=False):
    kind: str = ""
    source: str | None = None
    id: str | None = None


class _Model(Struct, gc=False):
    hash: str | None = None


class _Data(Struct, gc=False):
    cause: _Cause | None = None
    model: _Model | None = None
    first_score: float | None = None  # of a coalesced run, which is said when its time has come


class _Event(Struct, gc=False):
    id: str
    time: Instant
    data: _Data


_read = msgspec.json.Decoder(_Event).decode


def said(value: bytes | None, offset: int, at_ms: int) -> Said:
    """What a value says; any bytes are welcome."""
    if value is None:
        return Said(ERASURE, b"", at_ms * 1000, None, None, offset, at_ms)
    digest = blake2b(value, digest_size=16).digest()
    try:
        event = _read(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said(UNREADABLE, digest, at_ms * 1000, None, None, offset, at_ms)
    cause, model = event.data.cause, event.data.model
    identity = None
    if cause is not None and cause.source and cause.id and event.data.first_score is None:
        identity = (cause.source, cause.id)
    model_hash = model.hash if model is not None else None
    return Said(event.id, digest, to_us(event.time), identity, model_hash, offset, at_ms)


def said_by_record(record: Record) -> Said:
    """An output as it was found."""
    return said(record.value, record.offset, record.timestamp)


def said_by_message(message: Message, at_ms: int) -> Said:
    """An output as it must be."""
    return said(message.value, -1, at_ms)
