"""What one batch or tick of the pool stage has loaded and changed, and the writes that follow.

Knows states and the index of owners; folds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scorer.contracts.pool_codec import encode_follow_up
from scorer.contracts.records import Message
from scorer.domain.followup.fold import due_us
from scorer.domain.followup.policy import FollowUpPolicy
from scorer.domain.followup.state import FollowUpState
from scorer.domain.making import make
from scorer.engine import owners
from scorer.engine.cache import StateCache
from scorer.engine.ports import StateWrite


class Unit:
    """What one batch or tick has loaded and changed."""

    __slots__ = ("changed", "outputs", "owners", "states", "writes")

    def __init__(self, outputs: list[Message]) -> None:
        self.outputs = outputs
        self.states: dict[bytes, FollowUpState | None] = {}
        self.owners: dict[bytes, str | None] = {}  # as the index has them
        self.changed: dict[bytes, None] = {}  # in the order of change
        self.writes: dict[bytes, StateWrite] = {}

    def load(self, found: Iterable[tuple[bytes, FollowUpState | None]]) -> None:
        """Note states as they are stored, before anything changes them."""
        for key, state in found:
            if state is not None:
                self.states[key] = state
                self.owners[key] = state.head.owner

    def finish(
        self, cache: StateCache[FollowUpState], policy: FollowUpPolicy
    ) -> Mapping[bytes, StateWrite]:
        """The states to store, which are the ones at hand from now on, and their index entries."""
        for key in self.changed:
            state = self.states[key]
            cache.put(key, state)
            self._index(key, None if state is None else state.head.owner)
            if state is None:
                self.writes[key] = StateWrite(None, None)
            else:
                written = encode_follow_up(state), due_us(state, policy)
                self.writes[key] = make(StateWrite, written)
        return self.writes

    def _index(self, key: bytes, now: str | None) -> None:
        before = self.owners.get(key)
        if before == now:
            return
        if before is not None:
            self.writes[owners.index_key(before, key)] = StateWrite(None, None)
        if now is not None:
            self.writes[owners.index_key(now, key)] = owners.PRESENT
