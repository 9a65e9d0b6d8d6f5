"""How many leads of each tier one store holds. Knows stored values and counts, knows no database.

The stage says with each commit what moved, so that nothing is read for it; whoever applies a changelog
without its stage (a restore) has the values looked at. Kept in the store, in the same write as the states
that it counts: a worker that was killed goes on from the right number. The place in the changelog is
kept with it, so that what a release without a census has written in between is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from scorer.engine.ports import TierOf


class Census:
    """The counts of one store, up to its last write."""

    def __init__(self, tier_of: TierOf | None, stored: bytes | None, offset: int) -> None:
        """`tier_of` None: nothing is counted. `stored` is what `written` returned for `offset`."""
        self._tier_of = tier_of
        self._counts: dict[str, int] | None = None
        if stored is not None and tier_of is not None:
            at, counts = orjson.loads(stored)
            self._counts = counts if at == offset else None

    @property
    def kept(self) -> bool:
        """Whether this store is one that counts."""
        return self._tier_of is not None

    @property
    def counts(self) -> Mapping[str, int] | None:
        """Leads by tier; None: not counted (yet)."""
        return self._counts

    def add(self, moved: Mapping[str, int]) -> None:
        """Take over what the stage says: by tier, how many more leads it holds."""
        counts = self._counts
        if counts is not None:
            for tier, more in moved.items():
                counts[str(tier)] = counts.get(tier, 0) + more

    def compare(self, before: Iterable[bytes | None], now: Iterable[bytes | None]) -> None:
        """Take over what a change from some states to others comes to."""
        if self._counts is not None:
            for state in before:
                self._count(state, -1)
            for state in now:
                self._count(state, 1)

    def begin(self) -> None:
        """Count from nothing."""
        if self.kept:
            self._counts = {}

    def found(self, state: bytes) -> None:
        """One more state."""
        self._count(state, 1)

    def written(self, offset: int) -> bytes | None:
        """As it is stored with the states up to a place of the changelog; None: nothing is counted."""
        return None if self._counts is None else orjson.dumps([offset, self._counts])

    def _count(self, state: bytes | None, by: int) -> None:
        if state is None or self._tier_of is None or self._counts is None:
            return
        tier = self._tier_of(state)
        if tier is not None:
            self._counts[tier] = self._counts.get(tier, 0) + by
