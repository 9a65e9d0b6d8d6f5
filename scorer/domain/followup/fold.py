"""One piece of evidence, or the passing of time, folded into a lead's follow-up case. Pure.

What is said is the timeline of the case: a function of the evidence alone. Evidence that comes late
makes another timeline, and the difference of the two is what remains to be said: a return that no
longer is in it is voided, unless somebody took the lead meanwhile.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from scorer.domain.events import Erased, LeadEvent
from scorer.domain.evidence import ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.followup.case import Case
from scorer.domain.followup.changing import adopt
from scorer.domain.followup.clocks import next_due
from scorer.domain.followup.entries import entry_of
from scorer.domain.followup.outputs import PoolOutput
from scorer.domain.followup.policy import FollowUpPolicy
from scorer.domain.followup.posting import pass_time, post, post_late
from scorer.domain.followup.revision import Revision, kept
from scorer.domain.followup.state import FollowUpState
from scorer.domain.followup.telling import Step, Telling
from scorer.domain.model import History
from scorer.domain.remembered import Place, keep, leaving, place_of


class Status(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    LATE = "late"  # out of order, or after its deadline had passed: exact all the same
    SETTLED = "settled"  # older than the history: counted where order does not matter
    FORGOTTEN = "forgotten"  # too old to be told from a double: not counted
    HELD = "held"  # the lead is not created yet
    DUPLICATE = "duplicate"
    UNUSED = "unused"  # no clock cares
    ERASED = "erased"


APPLIED: Final[Status] = Status.APPLIED


class Folded:
    """What folding an event, or letting time pass, came to."""

    __slots__ = ("status", "steps")

    def __init__(self, status: Status, steps: list[Step]) -> None:
        self.status = status
        self.steps = steps

    @property
    def outputs(self) -> list[PoolOutput]:
        """What is to be published, in order."""
        return [step.output for step in self.steps if step.output is not None]


def fold(state: FollowUpState, event: LeadEvent, policy: FollowUpPolicy, bounds: History) -> Folded:
    """Fold one event. Deadlines that lie before it expire first."""
    if type(event.body) is Erased:
        return Folded(Status.ERASED, [])
    entry = entry_of(event, policy)
    if entry is None:
        return Folded(Status.UNUSED, [])
    return fold_entry(state, event.lead_id, entry, policy, bounds)


def fold_entry(
    state: FollowUpState, lead_id: str, entry: Entry, policy: FollowUpPolicy, bounds: History
) -> Folded:
    """Fold one entry: of an event, or of an owner's leaving."""
    place = place_of(state, entry)
    if place is Place.DOUBLE:
        return Folded(Status.DUPLICATE, [])
    if place is Place.FORGOTTEN:
        return Folded(Status.FORGOTTEN, [])
    told = Telling(policy, lead_id)
    if state.policy_hash != policy.hash:
        adopt(state, told, max(entry[TIME], state.said_us))
        place = place_of(state, entry)
    newest = place is Place.NEXT and entry[TIME] > state.said_us
    if newest:
        said_us = pass_time(state.head, told, entry[TIME], inclusive=False)
        state.said_us = max(state.said_us, said_us)
    quick = (
        newest and entry[KIND] != RETRACTION and (entry[SOURCE], entry[ID]) not in state.retracted
    )
    if quick:
        keep(state, entry, place)
        post(state.head, told, entry)
        if state.sayings:
            revision = Revision(state.sayings, state.head, state.head, entry, told)
            told.steps = revision.added(told.steps)
            state.sayings = revision.sayings
    else:
        told.steps += _redo(state, lead_id, entry, policy, place)
    settle(state, policy, bounds)
    if state.head.created_us is None:
        return Folded(Status.HELD, [])
    status = Status.APPLIED if quick else Status.LATE
    return Folded(Status.SETTLED if place is Place.SETTLED else status, told.steps)


def advance(state: FollowUpState, lead_id: str, policy: FollowUpPolicy, until_us: int) -> Folded:
    """Bring a lead to an instant and say everything that time alone has brought until then."""
    told = Telling(policy, lead_id)
    if state.policy_hash != policy.hash:
        adopt(state, told, until_us)
    said_us = pass_time(state.head, told, until_us, inclusive=True)
    state.said_us = max(state.said_us, said_us)
    return Folded(APPLIED, told.steps)


def due_us(state: FollowUpState, policy: FollowUpPolicy) -> int | None:
    """The next instant at which time alone says something."""
    due = next_due(state.head, policy)
    return None if due is None else due.at_us


def settle(state: FollowUpState, policy: FollowUpPolicy, bounds: History) -> None:
    """Post what no longer fits the history to the base, the canonically oldest first."""
    quiet = Telling(policy, "")
    for entry in leaving(state, bounds):
        if state.base is None:
            state.base = Case()
        _pass_and_post(state, state.base, quiet, entry)
    if state.sayings:
        state.sayings = kept(state.sayings, state.frontier[TIME] if state.frontier else 0)


def _pass_and_post(state: FollowUpState, case: Case, told: Telling, entry: Entry) -> int:
    """The latest instant at which a clock has said anything before the entry, or 0."""
    if (entry[SOURCE], entry[ID]) in state.retracted:
        return 0
    said_us = pass_time(case, told, entry[TIME], inclusive=False)
    post(case, told, entry)
    return said_us


def _timeline(state: FollowUpState, told: Telling) -> Case:
    """The case anew, from its base and the history, up to what was said; steps go to `told`."""
    state.forget_lookups()
    case = state.base.copy() if state.base is not None else Case()
    said_us = 0
    for entry in state.history:
        said_us = max(said_us, _pass_and_post(state, case, told, entry))
    pass_time(case, told, state.said_us, inclusive=True)
    state.said_us = max(state.said_us, said_us)
    return case


def _redo(
    state: FollowUpState, lead_id: str, entry: Entry, policy: FollowUpPolicy, place: Place
) -> list[Step]:
    """The timeline with the late entry, less the one without it."""
    old = state.head
    without, with_it = Telling(policy, lead_id), Telling(policy, lead_id)
    _timeline(state, without)
    if keep(state, entry, place) and state.base is not None:
        post_late(state.base, policy, entry)
    state.head = _timeline(state, with_it)
    revision = Revision(state.sayings, old, state.head, entry, with_it)
    steps = revision.changed(without.steps, with_it.steps)
    state.sayings = revision.sayings
    return steps
