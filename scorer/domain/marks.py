"""Identities of settled events, so that their doubles are recognised. Knows no events."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from mypy_extensions import mypyc_attr

MARKS_KEPT: Final = 256
"""How many a lead remembers."""

MARK_BYTES: Final = 6


def mark(source: str, event_id: str) -> bytes:
    """A short stand-in for the identity of a settled event: 48 bits, of which a lead keeps 256.

    One new event in 10^12 is taken for a double; 16 bits more would cost a busy lead 0.5 KB.
    """
    identity = f"{source}\0{event_id}".encode("utf-8", "surrogatepass")
    return blake2b(identity, digest_size=MARK_BYTES).digest()


@mypyc_attr(acyclic=True)
class Marks:
    """The latest marks, oldest first, one behind the other in one string of bytes."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes = b"") -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed) // MARK_BYTES

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self.packed), MARK_BYTES):
            yield self.packed[at : at + MARK_BYTES]

    def has(self, source: str, event_id: str) -> bool:
        """Whether the identity is among them."""
        if not self.packed:
            return False
        wanted = mark(source, event_id)
        at = self.packed.find(wanted)
        while at % MARK_BYTES and at >= 0:  # the end of one mark and the beginning of the next
            at = self.packed.find(wanted, at + 1)
        return at >= 0

    def add(self, source: str, event_id: str) -> bool:
        """Remember one more; True when the oldest is forgotten for it."""
        self.packed += mark(source, event_id)
        full = len(self.packed) > MARKS_KEPT * MARK_BYTES
        if full:
            self.packed = self.packed[MARK_BYTES:]
        return full
