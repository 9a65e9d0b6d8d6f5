"""Which keys may have come before, in a few megabytes for any number of them. Knows keys, knows no store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_BITS: Final = (
    25  # 4 MB; with a million keys one in thirty is asked about in vain, with ten one in four
)
_MASK: Final = (1 << _BITS) - 1


class Seen:
    """A Bloom filter with one hash: takes a new key for an old one now and then, never an old for a new."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << (_BITS - 3))

    def again(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those that may have come before; all of them have, from now on."""
        bits, found = self._bits, []
        for key in keys:
            place = hash(key) & _MASK
            byte, bit = place >> 3, 1 << (place & 7)
            if bits[byte] & bit:
                found.append(key)
            else:
                bits[byte] |= bit
        return found
