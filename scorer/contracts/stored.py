"""How any stage's state is stored: JSON arrays, compressed when long, versioned. Knows no state.

Two lines: what is known of the lead, and its history. JSON, so that an operator can read a state with
any tool; as arrays, for size; the history apart, because evidence in order only adds to it: it is kept
as bytes until something looks into it, which saves a third of what an event costs. A busy lead's state
is compressed: a history of 200 events shrinks from 18 KB to a third, and stays below 16 KiB.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import orjson

from scorer.domain.evidence import KIND, RETRACTION, Entry
from scorer.domain.remembered import Packed, Remembered

COMPRESS_ABOVE: Final = 6_000
"""Bytes. Below, compressing costs more time (10 µs/KB) than the bytes saved are worth."""

UNSPLIT: Final = 1
"""The schema version in which the history was a field among the others."""


class StateError(Exception):
    """A stored state that this version cannot read."""


class PackedJson(Packed):
    """Entries as JSON, the brackets around them left out."""

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
            lines += b","
    lines += orjson.dumps(recent)[1:]
    return zlib.compress(lines, 1) if len(lines) > COMPRESS_ABOVE else lines


def unpack(raw: bytes, schema: int, what: str, into: Remembered, unsplit: int) -> list[Any]:
    """The fields of some bytes; their history goes `into` the state.

    Raises `StateError` for what another version wrote and this cannot read. `what` names the kind of
    state in the message, such as "lead state"; `unsplit` is the place that the history had among the
    fields while it was one of them.
    """
    try:
        lines = raw if raw[:1] == b"[" else zlib.decompress(raw)
        end = lines.find(b"\n")
        fields: list[Any] = orjson.loads(lines[:end] if end >= 0 else lines)
        version = fields[0]
    except (ValueError, zlib.error, IndexError, TypeError) as error:
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
