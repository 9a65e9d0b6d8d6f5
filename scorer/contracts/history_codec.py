"""A history as bytes, an entry behind the other, and two bytes an entry by which doubles are told. Knows entries.

    instant | kind | source | id | what it says: a behaviour and its object, of other kinds JSON

Evidence in order adds an entry and looks into none. A full history gives its oldest away.
"""

from __future__ import annotations

import zlib
from typing import Final, cast

import orjson
from librt.strings import BytesWriter, read_i16_le, read_i64_le, write_i16_le
from mypy_extensions import mypyc_attr

from scorer.contracts.binary import (
    Reading,
    write_chunk,
    write_count,
    write_text,
    write_whole,
    write_word,
)
from scorer.domain.evidence import BEHAVIOUR, BODY, ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.remembered import Packed, Remembered

TAG_BYTES: Final = 2
_BARE: Final = 0
_ABOUT: Final = 1
_dumps: Final = orjson.dumps
_loads: Final = orjson.loads
_crc32: Final = zlib.crc32


def tag(event_id: str) -> int:
    """Sixteen bits that tell most events apart."""
    return (_crc32(event_id.encode()) & 0xFFFF) - 0x8000


@mypyc_attr(acyclic=True)
class PackedEntries(Packed):
    """Entries as they are stored."""

    __slots__ = ("_asked", "_tag", "raw", "tags")

    def __init__(
        self, raw: bytes, tags: bytes, count: int, oldest_us: int, latest_us: int, retractions: int
    ) -> None:
        super().__init__(count, oldest_us, latest_us, retractions)
        self.raw = raw
        self.tags = tags  # `tag` of each
        self._asked, self._tag = "", 0

    def may_hold(self, source: str, event_id: str) -> bool:
        wanted = self.tag_of(event_id)
        for at in range(0, len(self.tags), TAG_BYTES):
            if read_i16_le(self.tags, at) == wanted:
                return event_id.encode() in self.raw
        return False

    def tag_of(self, event_id: str) -> int:
        """`tag`, which is asked twice of an event: for a double, and when it is kept."""
        if event_id is not self._asked:
            self._asked, self._tag = event_id, tag(event_id)
        return self._tag

    def entries(self) -> list[Entry]:
        reading = Reading(self.raw, 0)
        return [read_entry(reading) for _ in range(self.count)]

    def take_oldest(self) -> Entry | None:
        if self.count < 2:
            return None
        reading = Reading(self.raw, 0)
        entry = read_entry(reading)
        self.raw, self.tags = self.raw[reading.at :], self.tags[TAG_BYTES:]
        self.count -= 1
        self.oldest_us = read_i64_le(self.raw, 0)  # every entry begins with its instant
        if entry[KIND] == RETRACTION:
            self.retractions -= 1
        return entry


def write_entry(out: BytesWriter, entry: Entry) -> None:
    """Add an entry."""
    kind = cast("str", entry[KIND])
    write_whole(out, entry[TIME])
    out.append(ord(kind))
    write_word(out, entry[SOURCE])
    write_text(out, entry[ID])
    if kind == BEHAVIOUR:
        about = entry[BODY + 1]
        write_word(out, entry[BODY])
        out.append(_BARE if about is None else _ABOUT)
        if about is not None:
            write_chunk(out, cast("str", about).encode())
    else:
        write_chunk(out, _dumps(entry[BODY:]))


def read_entry(reading: Reading) -> Entry:
    """The next entry."""
    time_us, kind = reading.whole(), chr(reading.byte())
    source, event_id = reading.word(), reading.text()
    if kind == BEHAVIOUR:
        name = reading.word()
        about = reading.chunk().decode() if reading.byte() == _ABOUT else None
        return (time_us, source, event_id, kind, name, about)
    return (time_us, source, event_id, kind, *_loads(reading.chunk()))


def write_history(out: BytesWriter, state: Remembered) -> None:
    """Add the history of a state, which is its last part."""
    packed, recent = state.parts()
    count = state.length()
    write_count(out, count)
    if not count:
        return
    kept = packed if isinstance(packed, PackedEntries) else None
    retractions = kept.retractions if kept is not None else 0
    for entry in recent:
        if entry[KIND] == RETRACTION:
            retractions += 1
    write_whole(out, state.oldest_us())
    write_whole(out, state.latest_us())
    write_count(out, retractions)
    write_count(out, count * TAG_BYTES)
    if kept is not None:
        out.write(kept.tags)
    for entry in recent:
        write_i16_le(out, kept.tag_of(entry[ID]) if kept is not None else tag(entry[ID]))
    if kept is not None:
        out.write(kept.raw)
    for entry in recent:
        write_entry(out, entry)


def read_history(reading: Reading, into: Remembered) -> None:
    """What `write_history` wrote."""
    count = reading.count()
    if count:
        oldest_us, latest_us = reading.whole(), reading.whole()
        retractions = reading.count()
        tags = reading.chunk()
        raw = reading.raw[reading.at :]
        into.put_packed(PackedEntries(raw, tags, count, oldest_us, latest_us, retractions))
