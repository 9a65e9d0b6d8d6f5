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
from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.evidence import BODY, ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.marks import Marks
from scorer.domain.model import History

FEW: Final = 24
"""Events of a lead that stay in its history even when they are older than `history.for`."""

RETRACTIONS_KEPT: Final = 32


class Place(StrEnum):
    """Where a piece of evidence belongs."""

    DOUBLE = "double"  # seen before
    NEXT = "next"  # after everything known
    WITHIN = "within"  # inside the history: the head must be redone
    SETTLED = "settled"  # before the history: counts where order does not matter
    FORGOTTEN = "forgotten"  # so old that it could not be told from a double


DOUBLE: Final[Place] = Place.DOUBLE
NEXT: Final[Place] = Place.NEXT


@mypyc_attr(acyclic=True)
class Packed:
    """Entries of a history in their stored form, which nothing has had to look into yet.

    Evidence in order needs to know no more of them than this, and so costs the same however much a
    lead has done. What the form is, is for those who inherit to say.
    """

    __slots__ = ("count", "latest_us", "oldest_us", "retractions")

    def __init__(self, count: int, oldest_us: int, latest_us: int, retractions: int) -> None:
        self.count = count
        self.oldest_us = oldest_us
        self.latest_us = latest_us
        self.retractions = retractions

    def may_hold(self, source: str, event_id: str) -> bool:
        """False only if no entry has this identity."""
        raise NotImplementedError

    def entries(self) -> list[Entry]:
        """All of them, in canonical order."""
        raise NotImplementedError

    def take_oldest(self) -> Entry | None:
        """Take the oldest of several out; None: these have to be unpacked for that."""
        raise NotImplementedError


@mypyc_attr(acyclic=True)
class Remembered:
    """What is remembered of a lead's evidence, whatever it is evidence for.

    The history is the packed part, if there is one, and what was kept since.
    """

    __slots__ = (
        "_ids",
        "_packed",
        "_recent",
        "_retracted",
        "forgotten_us",
        "frontier",
        "marks",
        "retractions",
    )

    def __init__(self) -> None:
        self._packed: Packed | None = None
        self._recent: list[Entry] = []
        self.marks = Marks()  # settled identities
        self.frontier: Entry | None = None  # canonical order of the latest settled evidence
        self.forgotten_us = 0  # evidence at or before it can no longer be told from a double
        self.retractions: list[list[str]] = []  # settled retractions whose target never came
        self._ids: set[tuple[str, str]] | None = None
        self._retracted: set[tuple[str, str]] | None = None

    @property
    def history(self) -> list[Entry]:
        """The evidence that is kept one by one, in canonical order; to be changed by this module."""
        packed = self._packed
        if packed is not None:
            self._recent = packed.entries() + self._recent
            self._packed = None
        return self._recent

    @history.setter
    def history(self, entries: list[Entry]) -> None:
        self._packed, self._recent = None, entries
        self.forget_lookups()

    def parts(self) -> tuple[Packed | None, list[Entry]]:
        """The history as it lies here: what is packed, and what came after."""
        return self._packed, self._recent

    def put_packed(self, packed: Packed) -> None:
        """Make this the whole history."""
        self._packed, self._recent = packed, []

    def length(self) -> int:
        """How many pieces of evidence the history holds."""
        return len(self._recent) + (self._packed.count if self._packed is not None else 0)

    def latest_us(self) -> int:
        """The event time of the latest of them; nought without any."""
        if self._recent:
            latest: int = self._recent[-1][TIME]
            return latest
        return self._packed.latest_us if self._packed is not None else 0

    def oldest_us(self) -> int:
        """The event time of the oldest of them; nought without any."""
        if self._packed is not None:
            return self._packed.oldest_us
        oldest: int = self._recent[0][TIME] if self._recent else 0
        return oldest

    def holds(self, source: str, event_id: str) -> bool:
        """Whether the history has this evidence."""
        if self._packed is not None and self._packed.may_hold(source, event_id):
            return (source, event_id) in self.ids
        if self._packed is None and len(self._recent) > FEW:
            return (source, event_id) in self.ids
        for entry in self._recent:  # noqa: SIM110  (a few are compared sooner than a set is built)
            if entry[ID] == event_id and entry[SOURCE] == source:
                return True
        return False

    @property
    def ids(self) -> set[tuple[str, str]]:
        """Identities in the history; kept beside it so that a double costs one look-up."""
        history = self.history
        if self._ids is None:
            self._ids = {(e[SOURCE], e[ID]) for e in history}
        return self._ids

    @property
    def retracted(self) -> set[tuple[str, str]]:
        """Identities that were retracted."""
        if self._retracted is None:
            self._retracted = {(s, i) for s, i in self.retractions}
            if self._packed is not None and not self._packed.retractions:
                kept = self._recent
            else:
                kept = self.history
            for e in kept:
                if e[KIND] == RETRACTION:
                    self._retracted.add((e[BODY], e[BODY + 1]))
        return self._retracted

    def is_retracted(self, source: str, event_id: str) -> bool:
        """Whether this evidence was."""
        retracted = self.retracted
        return len(retracted) > 0 and (source, event_id) in retracted

    def append(self, entry: Entry) -> None:
        """Keep one more entry, which comes after all others."""
        self._recent.append(entry)
        if self._ids is not None:
            self._ids.add((entry[SOURCE], entry[ID]))

    def insert(self, entry: Entry) -> None:
        """Keep one more entry where its place is."""
        insort(self.history, entry, key=lambda e: e[:KIND])
        if self._ids is not None:
            self._ids.add((entry[SOURCE], entry[ID]))

    def drop_oldest(self) -> Entry:
        """Take the oldest entry out."""
        if self._packed is not None:
            oldest = self._packed.take_oldest()
            if oldest is not None:
                return oldest
        entry = self.history.pop(0)
        if self._ids is not None:
            self._ids.discard((entry[SOURCE], entry[ID]))
        return entry

    def forget_lookups(self) -> None:
        """The sets above must be built anew."""
        self._ids = self._retracted = None


def place_of(state: Remembered, entry: Entry) -> Place:
    """Where an entry belongs in a lead's evidence."""
    if state.holds(entry[SOURCE], entry[ID]):
        return DOUBLE
    newer = entry[TIME] > state.latest_us()
    if newer and state.frontier is None:
        return NEXT  # nearly all evidence
    if state.marks.has(entry[SOURCE], entry[ID]):
        return DOUBLE
    key = entry[:KIND]
    if state.frontier is not None and key < state.frontier:
        return Place.FORGOTTEN if entry[TIME] <= state.forgotten_us else Place.SETTLED
    late = not newer and state.length() > 0 and key < state.history[-1][:KIND]
    return Place.WITHIN if late else NEXT


def keep(state: Remembered, entry: Entry, place: Place) -> bool:
    """Put an entry where it belongs, without posting it to the head.

    True when it is older than the history and is to be posted to the base, where that is possible.
    """
    if place is Place.SETTLED:
        _add_mark(state, entry)
        if entry[KIND] == RETRACTION:
            _keep_retraction(state, entry[BODY], entry[BODY + 1])
            return False
        return not state.is_retracted(entry[SOURCE], entry[ID])
    if place is NEXT:
        state.append(entry)
    else:
        state.insert(entry)
    return False


def leaving(state: Remembered, bounds: History) -> Iterator[Entry]:
    """Take what no longer fits out of the history, the canonically oldest first, to be posted.

    The latest few are kept whatever their age: most leads never have more, and so never pay for a
    second ledger.
    """
    if state.length() <= FEW:
        return
    oldest_us = state.latest_us() - bounds.for_us
    while state.length() > bounds.events or (
        state.length() > FEW and state.oldest_us() < oldest_us
    ):
        entry = state.drop_oldest()
        yield entry
        settled(state, entry)


def settled(state: Remembered, entry: Entry) -> None:
    """An entry has left the history for the base: remember that it was there."""
    state.frontier = entry[:KIND]
    _add_mark(state, entry)
    if entry[KIND] == RETRACTION and not state.marks.has(entry[BODY], entry[BODY + 1]):
        # Kept only while its target may still come, or is still in the history.
        _keep_retraction(state, entry[BODY], entry[BODY + 1])


def _keep_retraction(state: Remembered, source: str, event_id: str) -> None:
    state.retractions = [*state.retractions[1 - RETRACTIONS_KEPT :], [source, event_id]]
    state.forget_lookups()  # else a state from the cache would know more than one from the store


def _add_mark(state: Remembered, entry: Entry) -> None:
    if state.marks.add(entry[SOURCE], entry[ID]):
        state.forgotten_us = max(state.forgotten_us, entry[TIME])
