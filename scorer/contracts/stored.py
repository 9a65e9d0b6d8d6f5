"""How any stage's state is stored: what is known of the lead, then its history. Knows no state.

    3 | schema version | what is known of the lead, binary | its history: JSON, an entry a line

Binary, because numbers as JSON were a third of what an event costs; `lead-scorer explain LEAD --stored`
shows a state in words. What most evidence does not ask for (attributes, what limits remember) lies in
it as JSON and stays so until somebody looks into it (`SealedJson`); so does the history, because evidence
in order only adds a line to it, and takes the first from one that is full. A long state is compressed:
a history of 200 events shrinks from 21 KB to 8 by LZ4, and where that leaves more than 10 KB by zstd, so
that every state stays below 16 KiB. The first byte says which: 3, or 1 and 2 for what is compressed.
Earlier releases wrote `[` and `x` (`scorer.contracts.stored_json`).
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import cramjam  # type: ignore[import-untyped]
import orjson
from librt.strings import BytesWriter, read_i16_le, write_i16_le
from mypy_extensions import mypyc_attr

from scorer.contracts.binary import Reading, write_chunk, write_count, write_whole
from scorer.domain.evidence import ID, KIND, RETRACTION, Entry
from scorer.domain.marks import Marks
from scorer.domain.remembered import Packed, Remembered
from scorer.domain.sealed import Sealed

BINARY: Final = 3
COMPRESS_ABOVE: Final = 6_000
"""Bytes. Below, compressing costs more time than the bytes saved are worth."""
SQUEEZE_ABOVE: Final = 10_000
"""Bytes left by LZ4 (1 µs/KB and back a quarter of it) from which zstd (4 and 2 µs/KB) is worth its time."""
_BETWEEN: Final = b",\n"
"""Between two entries; a line break within a string is escaped."""
_LZ4: Final = b"\1"
_ZSTD: Final = b"\2"
_ZSTD_LEVEL: Final = 1
TAG_BYTES: Final = 2
_NOTHING: Final = 0
_dumps: Final = orjson.dumps
_loads: Final = orjson.loads
_crc32: Final = zlib.crc32
_SETTLED: Final = 1


class StateError(Exception):
    """A stored state that this version cannot read."""


def unreadable(what: str) -> StateError:
    """A state that is damaged. `what` names its kind, such as "lead state"."""
    return StateError(
        f"a stored {what} is not readable: delete the data directory, it is rebuilt from the changelog"
    )


def unknown_version(what: str, version: object, ours: int) -> StateError:
    """A state that a later release has written."""
    return StateError(
        f"a stored {what} has schema version {version}, this release reads {ours}: "
        "run the release that wrote it, or replay into a fresh application id"
    )


@mypyc_attr(acyclic=True)
class SealedJson(Sealed):
    """A value as JSON."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def open(self) -> Any:
        try:
            return _loads(self.text)
        except ValueError as error:
            raise unreadable("lead state") from error


def sealed(text: bytes) -> Sealed | None:
    """Where there is something."""
    return SealedJson(text) if text else None


def text_of(value: Any) -> bytes:
    """A value as it is sealed; nothing for an empty one."""
    if isinstance(value, SealedJson):
        return value.text
    return _dumps(value) if value else b""


def tag(event_id: str) -> int:
    """Sixteen bits that tell most events apart."""
    # The second form, which may hold anything, takes three times as long.
    raw = event_id.encode() if event_id.isascii() else event_id.encode("utf-8", "surrogatepass")
    return (_crc32(raw) & 0xFFFF) - 0x8000


@mypyc_attr(acyclic=True)
class PackedJson(Packed):
    """Entries as JSON, one a line, the brackets around them left out."""

    __slots__ = ("_asked", "_tag", "tags", "text")

    def __init__(
        self, text: bytes, tags: bytes, count: int, oldest_us: int, latest_us: int, retractions: int
    ) -> None:
        super().__init__(count, oldest_us, latest_us, retractions)
        self.text = text
        self._asked, self._tag = "", 0
        self.tags = tags  # two bytes an entry (`tag`): few identities are looked for in the text

    def may_hold(self, source: str, event_id: str) -> bool:
        wanted = self.tag_of(event_id)
        for at in range(0, len(self.tags), TAG_BYTES):
            if read_i16_le(self.tags, at) == wanted:
                return self._in_text(source, event_id)
        return False

    def tag_of(self, event_id: str) -> int:
        """`tag`, which is asked twice of an event: for a double, and when it is kept."""
        if event_id is not self._asked:
            self._asked, self._tag = event_id, tag(event_id)
        return self._tag

    def _in_text(self, source: str, event_id: str) -> bool:
        # A quotation mark within a string is escaped, so these bytes can only be two strings of an
        # entry that follow each other: its identity, or what it retracts.
        return _dumps((source, event_id))[1:-1] in self.text

    def entries(self) -> list[Entry]:
        return entries_from(_loads(b"[%b]" % self.text))

    def take_oldest(self) -> Entry | None:
        end = self.text.find(_BETWEEN)
        if end < 0:
            return None
        entry: Entry = tuple(_loads(self.text[:end]))
        self.text = self.text[end + len(_BETWEEN) :]
        self.tags = self.tags[TAG_BYTES:]
        self.count -= 1
        # The next begins with its instant.
        self.oldest_us = int(self.text[1 : self.text.find(b",")])
        if entry[KIND] == RETRACTION:
            self.retractions -= 1
        return entry


def entries_from(rows: list[list[Any]]) -> list[Entry]:
    """Entries from JSON."""
    return [tuple(row) for row in rows]


def begin(schema: int) -> BytesWriter:
    """A state's first bytes."""
    out = BytesWriter()
    out.append(BINARY)
    out.append(schema)
    return out


def finish(out: BytesWriter, state: Remembered) -> bytes:
    """Add what is remembered of the evidence, whatever it is evidence for; the bytes of the state."""
    if state.frontier is None and not state.marks and not state.retractions:
        out.append(_NOTHING)
    else:
        out.append(_SETTLED)
        settled = (state.frontier, state.forgotten_us, state.retractions)
        write_chunk(out, _dumps(settled))
        write_chunk(out, state.marks.packed)
    _write_history(out, state)
    raw = out.getvalue()
    return compressed(raw) if len(raw) > COMPRESS_ABOVE else raw


def _write_history(out: BytesWriter, state: Remembered) -> None:
    packed, recent = state.parts()
    count = state.length()
    write_count(out, count)
    if not count:
        return
    retractions = packed.retractions if packed is not None else 0
    for entry in recent:
        if entry[KIND] == RETRACTION:
            retractions += 1
    write_whole(out, state.oldest_us())
    write_whole(out, state.latest_us())
    write_count(out, retractions)
    write_count(out, count * TAG_BYTES)
    if isinstance(packed, PackedJson):
        out.write(packed.tags)
    for entry in recent:
        asked = packed.tag_of(entry[ID]) if isinstance(packed, PackedJson) else tag(entry[ID])
        write_i16_le(out, asked)
    first = True
    if isinstance(packed, PackedJson):
        out.write(packed.text)
        first = False
    for entry in recent:
        if not first:
            out.write(_BETWEEN)
        first = False
        out.write(_dumps(entry))


def open_state(raw: bytes) -> Reading | None:
    """Where a state's fields begin, its version read over; None: an earlier release wrote it as JSON.

    Raises `ValueError` or `IndexError` for what is none.
    """
    raw = plain(raw)
    return Reading(raw, 1) if raw[0] == BINARY else None


def read_remembered(reading: Reading, into: Remembered) -> None:
    """What `finish` wrote."""
    if reading.byte() == _SETTLED:
        settled: list[Any] = _loads(reading.chunk())
        frontier: list[Any] | None = settled[0]
        into.frontier = None if frontier is None else tuple(frontier)
        into.forgotten_us, into.retractions = settled[1], settled[2]
        into.marks = Marks(reading.chunk())
    count = reading.count()
    if count:
        oldest_us, latest_us = reading.whole(), reading.whole()
        retractions = reading.count()
        tags = reading.chunk()
        text = reading.raw[reading.at :]
        into.put_packed(PackedJson(text, tags, count, oldest_us, latest_us, retractions))


def compressed(raw: bytes) -> bytes:
    """A long state as it is stored."""
    small = _LZ4 + bytes(cramjam.lz4.compress_block(raw))
    if len(small) <= SQUEEZE_ABOVE:
        return small
    return _ZSTD + bytes(cramjam.zstd.compress(raw, _ZSTD_LEVEL))


def plain(raw: bytes) -> bytes:
    """A stored state without its compression. Raises `ValueError` for what is none."""
    how = raw[:1]
    if how in (b"\3", b"["):
        return raw
    try:
        if how == _LZ4:
            return bytes(cramjam.lz4.decompress_block(raw[1:]))
        if how == _ZSTD:
            return bytes(cramjam.zstd.decompress(raw[1:]))
        return zlib.decompress(raw)
    except (cramjam.DecompressionError, zlib.error) as error:
        raise ValueError("not compressed as a state is") from error
