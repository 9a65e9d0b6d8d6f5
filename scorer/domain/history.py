"""A lead's ledgers from its evidence: what is redone, what settles. Emits nothing."""

from __future__ import annotations

from scorer.domain.evidence import ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.ledger import Ledger
from scorer.domain.passing import pass_quietly, settle_quietly
from scorer.domain.plan import Plan
from scorer.domain.posting import hold, post, post_late
from scorer.domain.remembered import Place, keep, leaving, place_of
from scorer.domain.scoring import bounded, grouped
from scorer.domain.state import LeadState

__all__ = ["Place", "apply", "place_of", "rebuild", "remember", "settle"]


def remember(state: LeadState, plan: Plan, entry: Entry, place: Place) -> None:
    """Put an entry where it belongs, without posting it to the head."""
    if keep(state, entry, place) and state.base is not None:
        post_late(state.base, plan, entry)


def rebuild(state: LeadState, plan: Plan) -> None:
    """The head anew: the base with the history posted in canonical order."""
    state.forget_lookups()
    head = state.base.copy() if state.base is not None else Ledger()
    for entry in state.history:
        if _counts(state, entry):
            apply(head, plan, entry)
    state.head = head


def _counts(state: LeadState, entry: Entry) -> bool:
    """Whether an entry leaves a trace: neither what was retracted nor the retraction does."""
    return entry[KIND] != RETRACTION and not state.is_retracted(entry[SOURCE], entry[ID])


def apply(ledger: Ledger, plan: Plan, entry: Entry) -> None:
    """Advance a ledger to an entry and post it."""
    pass_quietly(ledger, plan, entry[TIME], inclusive=False)
    posted = post(ledger, plan, entry)
    hold(ledger, plan, posted, bounded(plan, grouped(plan, posted.found)[0]))
    settle_quietly(ledger, plan, entry[TIME])


def settle(state: LeadState, plan: Plan) -> None:
    """Post what no longer fits the history to the base, the canonically oldest first."""
    for entry in leaving(state, plan.history):
        if state.base is None:
            state.base = Ledger()
        if _counts(state, entry):
            apply(state.base, plan, entry)
