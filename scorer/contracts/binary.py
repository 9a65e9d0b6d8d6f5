"""Numbers and texts of a stored state as bytes, and back. Knows no state.

Little-endian, a number without its digits: reading and writing one takes a twentieth of what JSON takes.
Texts carry their length. Everything goes through `librt.strings`, which compiled code uses without
making a Python object of a number.
"""

from __future__ import annotations

from typing import Final

from librt.strings import (
    BytesWriter,
    read_f64_le,
    read_i16_le,
    read_i32_le,
    read_i64_le,
    write_f64_le,
    write_i16_le,
    write_i32_le,
    write_i64_le,
)
from mypy_extensions import mypyc_attr

_KEPT: Final = 10_000
_as_bytes: Final[dict[str, bytes]] = {}
_SLOTS: Final = 4_096
_raw: Final = [b""] * _SLOTS
_texts: Final = [""] * _SLOTS
"""Words as bytes and as text, each at a place that follows from its bytes; the latest of two stays."""


def write_whole(out: BytesWriter, number: int) -> None:
    """An integer of 64 bits."""
    write_i64_le(out, number)


def write_float(out: BytesWriter, number: float) -> None:
    """A float, to the bit."""
    write_f64_le(out, number)


def write_count(out: BytesWriter, number: int) -> None:
    """An integer of 32 bits."""
    write_i32_le(out, number)


def write_word(out: BytesWriter, text: str) -> None:
    """A text that comes again in other states: the id of a rule, the name of a channel."""
    word = _as_bytes.get(text)
    if word is None:
        alone = BytesWriter()
        write_text(alone, text)
        word = alone.getvalue()
        if len(_as_bytes) >= _KEPT:
            _as_bytes.clear()
        _as_bytes[text] = word
    out.write(word)


def write_text(out: BytesWriter, text: str) -> None:
    """A text that hardly comes again, of 32,767 bytes at most."""
    raw = text.encode()
    write_i16_le(out, len(raw))
    out.write(raw)


def write_chunk(out: BytesWriter, chunk: bytes) -> None:
    """Bytes with their length."""
    write_i32_le(out, len(chunk))
    out.write(chunk)


@mypyc_attr(acyclic=True)
class Reading:
    """Bytes and how far they have been read. Raises `IndexError` beyond their end."""

    __slots__ = ("at", "raw")

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw = raw
        self.at = at

    def byte(self) -> int:
        """The next byte."""
        value = self.raw[self.at]
        self.at += 1
        return value

    def whole(self) -> int:
        """An integer of 64 bits."""
        value: int = read_i64_le(self.raw, self.at)
        self.at += 8
        return value

    def float(self) -> float:
        """A float."""
        value = read_f64_le(self.raw, self.at)
        self.at += 8
        return value

    def count(self) -> int:
        """An integer of 32 bits."""
        value: int = read_i32_le(self.raw, self.at)
        self.at += 4
        return value

    def word(self) -> str:
        """A text that comes again; the same object each time."""
        length = self._length()
        raw = self._take(length)
        if not length:
            return ""
        # A dictionary of bytes, which do not keep their hash, takes three times as long.
        place = (
            length * 131
            + raw[0] * 31
            + raw[length // 2] * 173
            + raw[length // 3] * 57
            + raw[-1] * 7
        ) % _SLOTS
        if _raw[place] != raw:
            _raw[place], _texts[place] = raw, raw.decode()
        return _texts[place]

    def text(self) -> str:
        """A text that hardly comes again."""
        return self._take(self._length()).decode()

    def chunk(self) -> bytes:
        """Bytes with their length."""
        return self._take(self.count())

    def _length(self) -> int:
        """That of a text, which stands before it."""
        value: int = read_i16_le(self.raw, self.at)
        self.at += 2
        return value

    def _take(self, length: int) -> bytes:
        """So many bytes."""
        end = self.at + length
        taken = self.raw[self.at : end]
        if length < 0 or len(taken) != length:
            raise IndexError("bytes end too early")
        self.at = end
        return taken
