"""What is known of a lead's follow-up however its story went: its records, what lies there, its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published_pool import POOL_TOPIC
from scorer.contracts.records import Record
from scorer.contracts.stored import StateError
from scorer.domain.marks import mark
from scorer.engine import owners
from scorer.engine.ports import Stage, StateWrite
from scorer.verify import compare
from scorer.verify.lying import Lying
from scorer.verify.retell import Lead, Terms
from scorer.verify.said import Identity

Ids = frozenset[Identity]


class Known(NamedTuple):
    """A lead, or an owner."""

    key: bytes
    queues: tuple[Sequence[Record], ...]  # by input
    sure: tuple[int, ...]  # how many of each were folded; the rest may have been
    lying: Lying
    stored: bytes | None
    held: Held | None
    make_stage: Callable[[], Stage]
    terms: Terms

    @classmethod
    def of(cls, lead: Lead, make_stage: Callable[[], Stage], terms: Terms) -> Self:
        """What the topics hold about one key."""
        queues = tuple((*sure, *extra) for sure, extra in zip(lead.inputs, lead.extra, strict=True))
        sure = tuple(map(len, lead.inputs))
        lying = Lying(lead.said.get(POOL_TOPIC, []))
        held = None if owners.is_owner(lead.key) else Held.in_(lead.stored)
        return cls(lead.key, queues, sure, lying, lead.stored, held, make_stage, terms)

    @property
    def owner(self) -> bytes | None:
        """Whose records these are, if it is not a lead."""
        return owners.owner_of(self.key).encode() if owners.is_owner(self.key) else None

    def fits(self, state: bytes | None) -> bool:
        """Whether a state is the stored one. Of an owner there is only one order."""
        if state == self.stored or owners.is_owner(self.key):
            return True
        if state is None or self.stored is None:
            return False
        right, found = StateWrite(state, None), StateWrite(self.stored, None)
        return compare.state([right], found, decode_follow_up) is None

    def strays(self, before: Ids, ids: Ids, cursor: int, *, erased: bool) -> bool:
        """Whether a step takes in evidence that the stored state does not hold, or erases what it holds.

        Until the lead is erased for the last time the stored state tells nothing of it.
        """
        if self.held is None or cursor <= self.lying.erased_last:
            return False
        return bool(before & self.held.ids) if erased else not self.held.all_of(ids - before)


class Held(NamedTuple):
    """Identities in a stored state, and marks of those that have left its history."""

    ids: Ids
    marks: frozenset[bytes]

    @classmethod
    def in_(cls, raw: bytes | None) -> Self | None:
        """What some bytes hold; None when that does not tell what was folded."""
        if raw is None:
            return None
        try:
            state = decode_follow_up(raw)
        except StateError:
            return None
        return None if state.forgotten_us else cls(frozenset(state.ids), frozenset(state.marks))

    def all_of(self, ids: Ids) -> bool:
        """Whether this evidence is held, or was."""
        return all(mark(*identity) in self.marks for identity in ids - self.ids)


def evidence(raw: bytes | None) -> Ids:
    """Identities in the history of a state."""
    return frozenset() if raw is None else frozenset(decode_follow_up(raw).ids)
