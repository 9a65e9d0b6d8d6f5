"""What lies on one topic about one lead, and how far it has been told. Knows no stage."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from scorer.verify.said import ERASURE, Said


class Lying:
    """Outputs in the order in which they lie there; a cursor is the number of the next."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said
        self._places: dict[tuple[str, bytes], list[int]] = defaultdict(list)
        for number, one in enumerate(said):
            self._places[one.id, one.digest].append(number)
        erasures = self._places.get((ERASURE, b""), [])
        self.erased_last = erasures[-1] if erasures else -1
        """Where the lead's last erasure lies; -1: it never was erased."""
        self.end = len(said)

    def next(self, cursor: int, one: Said) -> int | None:
        """The cursor behind an output, if it lies next; doubles of what was said are passed over."""
        while cursor < self.end:
            there = self._said[cursor]
            if (one.id, one.digest) == (there.id, there.digest):
                return cursor + 1
            if not cursor or there.id != self._said[cursor - 1].id:
                return None
            cursor += 1
        return None

    def later(self, cursor: int, one: Said) -> int | None:
        """The cursor behind an output, if it lies anywhere from here on."""
        places = self._places.get((one.id, one.digest), [])
        number = bisect_left(places, cursor)
        return None if number == len(places) else places[number] + 1
