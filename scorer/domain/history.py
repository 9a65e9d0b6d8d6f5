"""The bounded history of a lead: where evidence goes, what is redone, what settles. Emits nothing."""

from __future__ import annotations

from bisect import insort
from enum import StrEnum
from typing import Final

from scorer.domain.evidence import BODY, ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.ledger import Ledger
from scorer.domain.passing import pass_quietly, settle_quietly
from scorer.domain.plan import Plan
from scorer.domain.posting import hold, post, post_late
from scorer.domain.scoring import earned
from scorer.domain.state import MARKS_KEPT, RETRACTIONS_KEPT, LeadState, mark

FEW: Final = 24
"""Events of a lead that stay in its history even when they are older than `history.for`."""


class Place(StrEnum):
    """Where a piece of evidence belongs."""

    DOUBLE = "double"  # seen before
    NEXT = "next"  # after everything known
    WITHIN = "within"  # inside the history: the head must be redone
    SETTLED = "settled"  # before the history: counts where order does not matter
    FORGOTTEN = "forgotten"  # so old that it could not be told from a double


def place_of(state: LeadState, entry: Entry) -> Place:
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


def remember(state: LeadState, plan: Plan, entry: Entry, place: Place) -> None:
    """Put an entry where it belongs, without posting it to the head."""
    if place is Place.SETTLED:
        _add_mark(state, entry)
        if entry[KIND] == RETRACTION:
            state.retractions = [
                *state.retractions[1 - RETRACTIONS_KEPT :],
                [entry[BODY], entry[BODY + 1]],
            ]
        elif state.base is not None and (entry[SOURCE], entry[ID]) not in state.retracted:
            post_late(state.base, plan, entry)
    elif place is Place.NEXT:
        state.history.append(entry)
    else:
        insort(state.history, entry, key=lambda e: e[:KIND])
    if place is not Place.SETTLED:
        state.ids.add((entry[SOURCE], entry[ID]))


def rebuild(state: LeadState, plan: Plan) -> None:
    """The head anew: the base with the history posted in canonical order."""
    state.forget_lookups()
    head = state.base.copy() if state.base is not None else Ledger()
    retracted = state.retracted
    for entry in state.history:
        if (entry[SOURCE], entry[ID]) not in retracted:
            apply(head, plan, entry)
        else:
            head.last_us = max(head.last_us, entry[TIME])
    state.head = head


def apply(ledger: Ledger, plan: Plan, entry: Entry) -> None:
    """Advance a ledger to an entry and post it."""
    pass_quietly(ledger, plan, entry[TIME], inclusive=False)
    posted = post(ledger, plan, entry)
    tau = ledger.lead_time(plan, entry[TIME])
    hold(ledger, plan, posted, earned(ledger, plan, tau, tau))
    settle_quietly(ledger, plan, entry[TIME])


def settle(state: LeadState, plan: Plan) -> None:
    """Post what no longer fits the history to the base, the canonically oldest first.

    The latest few are kept whatever their age: most leads never have more, and so never pay for a
    second ledger.
    """
    bounds, history = plan.model.history, state.history
    if len(history) <= FEW:
        return
    oldest = history[-1][TIME] - bounds.for_us
    while len(history) > bounds.events or (len(history) > FEW and history[0][TIME] < oldest):
        entry = history.pop(0)
        if state.base is None:
            state.base = Ledger()
        identity = (entry[SOURCE], entry[ID])
        if identity not in state.retracted:
            apply(state.base, plan, entry)
        else:
            state.base.last_us = max(state.base.last_us, entry[TIME])
        state.frontier = entry[:KIND]
        _add_mark(state, entry)
        state.ids.discard(identity)
        if entry[KIND] == RETRACTION:
            _settle_retraction(state, entry)


def _settle_retraction(state: LeadState, entry: Entry) -> None:
    """A settled retraction is kept only while its target may still come or is still in the history."""
    target = (entry[BODY], entry[BODY + 1])
    if mark(*target) not in state.marks:
        state.retractions = [*state.retractions[1 - RETRACTIONS_KEPT :], list(target)]


def _add_mark(state: LeadState, entry: Entry) -> None:
    state.marks.append(mark(entry[SOURCE], entry[ID]))
    if len(state.marks) > MARKS_KEPT:
        del state.marks[0]
        state.forgotten_us = max(state.forgotten_us, entry[TIME])
