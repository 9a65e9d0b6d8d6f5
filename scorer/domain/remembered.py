"""Evidence kept one by one, within bounds, so that its order of arrival cannot matter. Scores nothing.

    settled evidence ──▶ base ──┐
    history (≤ 200, ≤ 30 d) ────┴──▶ head       head = base with the history posted, in canonical order

Evidence in order goes to the head alone. Evidence that arrives out of order within the history, and
retractions, rebuild the head from the base, so they end where the right order would have ended. What
leaves the history is posted to the base, always the canonically oldest first. What a base and a head
are is for those who inherit from `Remembered` to say: the score of a lead, its follow-up clocks.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from scorer.domain.evidence import BODY, ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.model import History

FEW: Final = 24
"""Events of a lead that stay in its history even when they are older than `history.for`."""

MARKS_KEPT: Final = 256
"""Identities of settled events that are remembered, so that their doubles are recognised."""

RETRACTIONS_KEPT: Final = 32


class Place(StrEnum):
    """Where a piece of evidence belongs."""

    DOUBLE = "double"  # seen before
    NEXT = "next"  # after everything known
    WITHIN = "within"  # inside the history: the head must be redone
    SETTLED = "settled"  # before the history: counts where order does not matter
    FORGOTTEN = "forgotten"  # so old that it could not be told from a double


def mark(source: str, event_id: str) -> str:
    """A short stand-in for the identity of a settled event: 48 bits, of which a lead keeps 256.

    One new event in 10^12 is taken for a double; 16 bits more would cost a busy lead 0.7 KB.
    """
    return blake2b(
        f"{source}\0{event_id}".encode("utf-8", "surrogatepass"), digest_size=6
    ).hexdigest()


class Remembered:
    """What is remembered of a lead's evidence, whatever it is evidence for."""

    __slots__ = (
        "_ids",
        "_retracted",
        "forgotten_us",
        "frontier",
        "history",
        "marks",
        "retractions",
    )

    def __init__(self) -> None:
        self.history: list[Entry] = []
        self.marks: list[str] = []  # settled identities, oldest first
        self.frontier: Entry | None = None  # canonical order of the latest settled evidence
        self.forgotten_us = 0  # evidence at or before it can no longer be told from a double
        self.retractions: list[list[str]] = []  # settled retractions whose target never came
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


def place_of(state: Remembered, entry: Entry) -> Place:
    """Where an entry belongs in a lead's evidence."""
    ids = state.ids
    if (entry[SOURCE], entry[ID]) in ids:
        return Place.DOUBLE
    if state.frontier is None and (not state.history or entry[TIME] > state.history[-1][TIME]):
        return Place.NEXT  # nearly all evidence
    if state.marks and mark(entry[SOURCE], entry[ID]) in state.marks:
        return Place.DOUBLE
    key = entry[:KIND]
    if state.frontier is not None and key < state.frontier:
        return Place.FORGOTTEN if entry[TIME] <= state.forgotten_us else Place.SETTLED
    late = bool(state.history) and key < state.history[-1][:KIND]
    return Place.WITHIN if late else Place.NEXT


def keep(state: Remembered, entry: Entry, place: Place) -> bool:
    """Put an entry where it belongs, without posting it to the head.

    True when it is older than the history and is to be posted to the base, where that is possible.
    """
    if place is Place.SETTLED:
        _add_mark(state, entry)
        if entry[KIND] == RETRACTION:
            _keep_retraction(state, entry[BODY], entry[BODY + 1])
            return False
        return (entry[SOURCE], entry[ID]) not in state.retracted
    if place is Place.NEXT:
        state.history.append(entry)
    else:
        insort(state.history, entry, key=lambda e: e[:KIND])
    state.ids.add((entry[SOURCE], entry[ID]))
    return False


def leaving(state: Remembered, bounds: History) -> Iterator[Entry]:
    """Take what no longer fits out of the history, the canonically oldest first, to be posted.

    The latest few are kept whatever their age: most leads never have more, and so never pay for a
    second ledger.
    """
    history = state.history
    if len(history) <= FEW:
        return
    oldest = history[-1][TIME] - bounds.for_us
    while len(history) > bounds.events or (len(history) > FEW and history[0][TIME] < oldest):
        entry = history.pop(0)
        yield entry
        settled(state, entry)


def settled(state: Remembered, entry: Entry) -> None:
    """An entry has left the history for the base: remember that it was there."""
    state.frontier = entry[:KIND]
    _add_mark(state, entry)
    state.ids.discard((entry[SOURCE], entry[ID]))
    if entry[KIND] == RETRACTION and mark(entry[BODY], entry[BODY + 1]) not in state.marks:
        # Kept only while its target may still come, or is still in the history.
        _keep_retraction(state, entry[BODY], entry[BODY + 1])


def _keep_retraction(state: Remembered, source: str, event_id: str) -> None:
    state.retractions = [*state.retractions[1 - RETRACTIONS_KEPT :], [source, event_id]]
    state.forget_lookups()  # else a state from the cache would know more than one from the store


def _add_mark(state: Remembered, entry: Entry) -> None:
    state.marks.append(mark(entry[SOURCE], entry[ID]))
    if len(state.marks) > MARKS_KEPT:
        del state.marks[0]
        state.forgotten_us = max(state.forgotten_us, entry[TIME])
