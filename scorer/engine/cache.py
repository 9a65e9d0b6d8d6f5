"""The decoded states that a stage keeps at hand. Knows keys and ages, knows no lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Generic, TypeVar

from scorer.engine.ports import StateReader

STATES_CACHED: Final = 64
"""Decoded states kept a partition: the leads of a burst, and the one that a bot hammers.

More of them are no faster, only larger: what was decoded a thousand leads ago has left the processor's
caches, and fetching it from memory costs what decoding it costs (`docs/performance.md`).
"""
S = TypeVar("S")


class StateCache(Generic[S]):
    """At most `STATES_CACHED` states, those written last; the rest is read from the store and decoded."""

    def __init__(self, decode: Callable[[bytes], S]) -> None:
        self._decode = decode
        self._states: dict[bytes, S] = {}  # the oldest write first

    def load(self, keys: Iterable[bytes], states: StateReader) -> Iterator[tuple[bytes, S | None]]:
        """Each key once, in their order, with its state; None: there is none.

        All are read at once and each is decoded when its turn comes, so that whoever is done with one
        before he asks for the next works in memory that is still warm.
        """
        wanted = list(dict.fromkeys(keys))
        at_hand = {key: self._states[key] for key in wanted if key in self._states}
        missing = [key for key in wanted if key not in at_hand]
        stored = dict(zip(missing, states.get_many(missing), strict=True)) if missing else {}
        for key in wanted:
            raw = stored.pop(key, None)
            yield key, at_hand.get(key) if raw is None else self._decode(raw)

    def put(self, key: bytes, state: S | None) -> None:
        """The state as it was just written; None: there is none any more. The oldest goes for it."""
        self._states.pop(key, None)
        if state is not None:
            self._states[key] = state
            if len(self._states) > STATES_CACHED:
                del self._states[next(iter(self._states))]
