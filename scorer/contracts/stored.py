"""How any stage's state is stored: JSON arrays, compressed when long, versioned. Knows no state.

What is known of the lead is a line, and each entry of its history is one. JSON, so that an operator can
read a state with any tool; as arrays, for size; the history apart, because evidence in order only adds a
line to it, and takes the first from one that is full: it is kept as bytes until something looks into it,
which saves a third of what an event costs, and half of a busy lead's. A long state is compressed: a
history of 200 events shrinks from 21 KB to 8 by LZ4, and where that leaves more than 10 KB by zstd, so
that every state stays below 16 KiB. The first byte says which: `[`, 1 or 2; `x` is zlib, which wrote
earlier states.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import cramjam  # type: ignore[import-untyped]
import orjson

from scorer.domain.evidence import KIND, RETRACTION, Entry
from scorer.domain.remembered import Packed, Remembered

COMPRESS_ABOVE: Final = 6_000
"""Bytes. Below, compressing costs more time than the bytes saved are worth."""
SQUEEZE_ABOVE: Final = 10_000
"""Bytes left by LZ4 (1 µs/KB and back a quarter of it) from which zstd (4 and 2 µs/KB) is worth its time."""
_BETWEEN: Final = b",\n"
"""Between two entries; a line break within a string is escaped."""
_LZ4: Final = b"\1"
_ZSTD: Final = b"\2"
_ZSTD_LEVEL: Final = 1

UNSPLIT: Final = 1
"""The schema version in which the history was a field among the others."""


class StateError(Exception):
    """A stored state that this version cannot read."""


class PackedJson(Packed):
    """Entries as JSON, one a line, the brackets around them left out."""

    __slots__ = ("text",)

    def __init__(self, text: bytes, about: list[int]) -> None:
        super().__init__(about[0], about[1], about[2], about[3])
        self.text = text

    def may_hold(self, source: str, event_id: str) -> bool:
        # A quotation mark within a string is escaped, so these bytes can only be two strings of an
        # entry that follow each other: its identity, or what it retracts.
        return orjson.dumps((source, event_id))[1:-1] in self.text

    def entries(self) -> list[Entry]:
        return _entries(orjson.loads(b"[%b]" % self.text))

    def take_oldest(self) -> Entry | None:
        end = self.text.find(_BETWEEN)
        if end < 0:
            return None
        try:
            entry: Entry = tuple(orjson.loads(self.text[:end]))
        except ValueError:  # an earlier release wrote several entries to a line
            return None
        self.text = self.text[end + len(_BETWEEN) :]
        self.count -= 1
        # The next begins with its instant.
        self.oldest_us = int(self.text[1 : self.text.find(b",")])
        if entry[KIND] == RETRACTION:
            self.retractions -= 1
        return entry


def _entries(rows: list[list[Any]]) -> list[Entry]:
    return [tuple(row) for row in rows]


def pack(fields: list[Any], history: Remembered) -> bytes:
    """The bytes of a state's fields, of which the first is its schema version, and of its history."""
    packed, recent = history.parts()
    retractions = packed.retractions if packed is not None else 0
    for entry in recent:
        if entry[KIND] == RETRACTION:
            retractions += 1
    fields.append([history.length(), history.oldest_us(), history.latest_us(), retractions])
    lines = orjson.dumps(fields) + b"\n["
    if isinstance(packed, PackedJson):
        lines += packed.text
        if recent:
            lines += _BETWEEN
    lines += _BETWEEN.join([orjson.dumps(entry) for entry in recent]) + b"]"
    return compressed(lines) if len(lines) > COMPRESS_ABOVE else lines


def compressed(lines: bytes) -> bytes:
    """A long state as it is stored."""
    small = _LZ4 + bytes(cramjam.lz4.compress_block(lines))
    if len(small) <= SQUEEZE_ABOVE:
        return small
    return _ZSTD + bytes(cramjam.zstd.compress(lines, _ZSTD_LEVEL))


def plain(raw: bytes) -> bytes:
    """The lines of a stored state. Raises `ValueError` for what is none."""
    how = raw[:1]
    if how == b"[":
        return raw
    try:
        if how == _LZ4:
            return bytes(cramjam.lz4.decompress_block(raw[1:]))
        if how == _ZSTD:
            return bytes(cramjam.zstd.decompress(raw[1:]))
        return zlib.decompress(raw)
    except (cramjam.DecompressionError, zlib.error) as error:
        raise ValueError("not compressed as a state is") from error


def unpack(raw: bytes, schema: int, what: str, into: Remembered, unsplit: int) -> list[Any]:
    """The fields of some bytes; their history goes `into` the state.

    Raises `StateError` for what another version wrote and this cannot read. `what` names the kind of
    state in the message, such as "lead state"; `unsplit` is the place that the history had among the
    fields while it was one of them.
    """
    try:
        lines = plain(raw)
        end = lines.find(b"\n")
        fields: list[Any] = orjson.loads(lines[:end] if end >= 0 else lines)
        version = fields[0]
    except (ValueError, IndexError, TypeError) as error:
        raise StateError(
            f"a stored {what} is not readable: delete the data directory, it is rebuilt from the changelog"
        ) from error
    if version != schema and version != UNSPLIT:  # noqa: PLR1714  (a set costs as much as a field)
        raise StateError(
            f"a stored {what} has schema version {version}, this release reads {schema}: "
            "run the release that wrote it, or replay into a fresh application id"
        )
    if version == UNSPLIT:
        into.history = _entries(fields.pop(unsplit))
    elif end >= 0:
        about: list[int] = fields.pop()
        if about[0]:
            into.put_packed(PackedJson(lines[end + 2 : -1], about))
    return fields
