"""The decoded states that a stage keeps at hand. Knows keys and ages, knows no lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from scorer.engine.ports import StateReader

S = TypeVar("S")


class StateCache(Generic[S]):
    """At most `kept` states, those written last; the rest is read from the store and decoded."""

    def __init__(self, kept: int, decode: Callable[[bytes], S]) -> None:
        self._kept = kept
        self._decode = decode
        self._states: dict[bytes, S] = {}  # the oldest write first

    def load(self, keys: Iterable[bytes], states: StateReader) -> dict[bytes, S]:
        """The states of those keys that have one, in the order of the keys."""
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in self._states]
        stored = dict(zip(missing, states.get_many(missing), strict=True)) if missing else {}
        found: dict[bytes, S] = {}
        for key in wanted:
            raw = stored.get(key)
            if raw is not None:
                found[key] = self._decode(raw)
            elif key not in stored:
                found[key] = self._states[key]
        return found

    def put(self, key: bytes, state: S | None) -> None:
        """The state as it was just written; None: there is none any more."""
        self._states.pop(key, None)
        if state is not None:
            self._states[key] = state

    def trim(self) -> None:
        """Let the oldest go; once a batch is enough."""
        for key in list(self._states)[: max(len(self._states) - self._kept, 0)]:
            del self._states[key]
