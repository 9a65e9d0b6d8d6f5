"""How any stage's state is stored: what is known of the lead, then its history. Knows no state.

    3 | schema version | what is known of the lead | its history, an entry behind the other

Binary, because numbers as JSON were a third of what an event costs; `lead-scorer explain LEAD --stored`
shows a state in words. What most evidence does not ask for (attributes, what limits remember, the history)
stays as it lies there until somebody looks into it. A long state is compressed: a history of 200 events
shrinks from 13 KB to 8 by LZ4, and where that leaves more than 10 KB by zstd, so that every state stays
below 16 KiB. The first byte says which: 3, or 1 and 2 for what is compressed.
Earlier releases wrote `[` and `x` (`scorer.contracts.stored_json`).
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import cramjam  # type: ignore[import-untyped]
import orjson
from librt.strings import BytesWriter
from mypy_extensions import mypyc_attr

from scorer.contracts.binary import Reading, write_chunk
from scorer.contracts.history_codec import read_history, write_history
from scorer.domain.marks import Marks
from scorer.domain.outputs import Tier
from scorer.domain.remembered import Remembered
from scorer.domain.sealed import Sealed

BINARY: Final = 3
COMPRESS_ABOVE: Final = 6_000
"""Bytes. Below, compressing costs more time than the bytes saved are worth."""
SQUEEZE_ABOVE: Final = 10_000
"""Bytes left by LZ4 (1 µs/KB and back a quarter of it) from which zstd (4 and 2 µs/KB) is worth its time."""
_LZ4: Final = b"\1"
_ZSTD: Final = b"\2"
_ZSTD_LEVEL: Final = 1
_NOTHING: Final = 0
_SETTLED: Final = 1
_dumps: Final = orjson.dumps
_loads: Final = orjson.loads

TIERS: Final = (Tier.COLD, Tier.WARM, Tier.HOT, Tier.DISQUALIFIED)
PLACE_OF_TIER: Final = {tier: place for place, tier in enumerate(TIERS)}
"""A tier is stored as its place."""


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

    __slots__ = ()

    def open(self) -> Any:
        try:
            return _loads(self.raw)
        except ValueError as error:
            raise unreadable("lead state") from error


def sealed(text: bytes) -> Sealed | None:
    """Where there is something."""
    return SealedJson(text) if text else None


def text_of(value: Any) -> bytes:
    """A value as it is sealed; nothing for an empty one."""
    if isinstance(value, Sealed):
        return value.raw
    return _dumps(value) if value else b""


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
    write_history(out, state)
    raw = out.getvalue()
    return compressed(raw) if len(raw) > COMPRESS_ABOVE else raw


def open_state(raw: bytes, schema: int, what: str) -> Reading | None:
    """Where a state's fields begin; None: an earlier release wrote it as JSON.

    Raises `StateError` for what a later release wrote, `ValueError` or `IndexError` for what is no state.
    """
    raw = plain(raw)
    if raw[0] != BINARY:
        return None
    if raw[1] != schema:
        raise unknown_version(what, raw[1], schema)
    return Reading(raw, 2)


def read_remembered(reading: Reading, into: Remembered) -> None:
    """What `finish` wrote."""
    if reading.byte() == _SETTLED:
        settled: list[Any] = _loads(reading.chunk())
        frontier: list[Any] | None = settled[0]
        into.frontier = None if frontier is None else tuple(frontier)
        into.forgotten_us, into.retractions = settled[1], settled[2]
        into.marks = Marks(reading.chunk())
    read_history(reading, into)


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
