"""What is kept of one lead. Knows its parts and their bounds, not how they are stored.

    settled evidence ──▶ base ──┐
    history (≤ 200, ≤ 30 d) ────┴──▶ head       head = base with the history posted, in canonical order

Evidence in order goes to the head alone. Evidence that arrives out of order within the history, and
retractions, rebuild the head from the base, so they end where the right order would have ended. What
leaves the history is posted to the base, always the canonically oldest first.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final, NamedTuple

from scorer.domain.evidence import BODY, ID, KIND, RETRACTION, SOURCE, Entry
from scorer.domain.ledger import Ledger
from scorer.domain.outputs import Cause
from scorer.domain.prediction import Change

SCHEMA: Final = 1
"""Version of the stored form. A newer one is refused, an older one is migrated on read."""

MARKS_KEPT: Final = 256
"""Identities of settled events that are remembered, so that their doubles are recognised."""

RETRACTIONS_KEPT: Final = 32


def mark(source: str, event_id: str) -> str:
    """A short stand-in for the identity of a settled event (64 bits)."""
    return blake2b(
        f"{source}\0{event_id}".encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


class Pending(NamedTuple):
    """Changes of score that will be said in one event (T4)."""

    first_score: float  # what was published before the run
    since_us: int
    changes: int
    cause: Cause  # of the latest


class LeadState:
    """One lead in the scoring stage."""

    __slots__ = (
        "_ids",
        "_retracted",
        "base",
        "forgotten_us",
        "frontier",
        "head",
        "history",
        "marks",
        "model_hash",
        "next",
        "pending",
        "published",
        "retractions",
    )

    def __init__(self, model_hash: str) -> None:
        self.model_hash = model_hash
        self.base: Ledger | None = None
        self.head = Ledger()
        self.history: list[Entry] = []
        self.marks: list[str] = []  # settled identities, oldest first
        self.frontier: Entry | None = None  # canonical order of the latest settled evidence
        self.forgotten_us = 0  # evidence at or before it can no longer be told from a double
        self.retractions: list[list[str]] = []  # settled retractions whose target never came
        self.published: float | None = None  # the score last published
        self.pending: Pending | None = None
        self.next: Change | None = None  # the next crossing by time alone
        self._ids: set[tuple[str, str]] | None = None
        self._retracted: set[tuple[str, str]] | None = None

    @property
    def ids(self) -> set[tuple[str, str]]:
        """Identities in the history; kept beside it so that a double costs one look-up."""
        if self._ids is None:
            self._ids = {(e[SOURCE], e[ID]) for e in self.history}
        return self._ids

    @property
    def retracted(self) -> set[tuple[str, str]]:
        """Identities that were retracted."""
        if self._retracted is None:
            self._retracted = {(s, i) for s, i in self.retractions}
            for e in self.history:
                if e[KIND] == RETRACTION:
                    self._retracted.add((e[BODY], e[BODY + 1]))
        return self._retracted

    def forget_lookups(self) -> None:
        """The sets above must be built anew."""
        self._ids = self._retracted = None

    def due_us(self, coalesce_us: int) -> int | None:
        """The next instant at which time alone changes something that is published."""
        crossing = self.next.time_us if self.next else None
        if self.pending is None:
            return crossing
        flush = self.pending.since_us + coalesce_us
        return flush if crossing is None else min(flush, crossing)
