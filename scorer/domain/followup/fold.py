"""One piece of evidence, or the passing of time, folded into a lead's follow-up case. Pure.

What is said is the timeline of the case: a function of the evidence alone. Evidence that comes late
makes another timeline, and the difference of the two is what remains to be said: a return that no
longer is in it is voided, unless somebody took the lead meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from scorer.domain.events import Erased, LeadEvent
from scorer.domain.evidence import ID, KIND, RETRACTION, SOURCE, TIME, Entry
from scorer.domain.followup.case import Case
from scorer.domain.followup.changing import adopt
from scorer.domain.followup.clocks import due_of, next_due
from scorer.domain.followup.entries import entry_of, what
from scorer.domain.followup.outputs import (
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Returned,
    Stage,
    Voided,
)
from scorer.domain.followup.policy import Clock, FollowUpPolicy
from scorer.domain.followup.posting import pass_time, post, post_late
from scorer.domain.followup.state import FollowUpState
from scorer.domain.followup.table import Move, State
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


class Folded(NamedTuple):
    status: Status
    steps: list[Step]

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
    quick = (
        place is Place.NEXT
        and entry[KIND] != RETRACTION
        and entry[TIME] > state.said_us
        and (entry[SOURCE], entry[ID]) not in state.retracted
    )
    if quick:
        keep(state, entry, place)
        said_us = pass_time(state.head, told, entry[TIME], inclusive=False)
        state.said_us = max(state.said_us, said_us)
        post(state.head, told, entry)
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
    return Folded(Status.APPLIED, told.steps)


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


def _pass_and_post(state: FollowUpState, case: Case, told: Telling, entry: Entry) -> None:
    if (entry[SOURCE], entry[ID]) in state.retracted:
        return
    pass_time(case, told, entry[TIME], inclusive=False)
    post(case, told, entry)


def _timeline(state: FollowUpState, told: Telling) -> Case:
    """The case anew, from its base and the history, up to what was said; steps go to `told`."""
    state.forget_lookups()
    case = state.base.copy() if state.base is not None else Case()
    for entry in state.history:
        _pass_and_post(state, case, told, entry)
    pass_time(case, told, state.said_us, inclusive=True)
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
    said = {_key(step): step for step in without.steps}
    will = {_key(step): step for step in with_it.steps}
    gone = [step for key, step in said.items() if key not in will]
    new = [step for key, step in will.items() if key not in said]
    both = _ids(gone) & _ids(new)  # said already, and still so: only since when has changed
    gone = [step for step in gone if _id(step) not in both]
    new = [step for step in new if _id(step) not in both]
    steps = [_voided(step, old, state.head, entry, with_it) for step in gone]
    found = [step for step in steps if step is not None]
    return [*found, *_worth_saying(new, gone, state.head, entry[TIME])]


def _id(step: Step) -> str | None:
    return None if step.output is None else step.output.about.id


def _ids(steps: Iterable[Step]) -> set[str | None]:
    return {_id(step) for step in steps} - {None}


def _key(step: Step) -> tuple[object, ...]:
    number = step.output.number if isinstance(step.output, FollowUpDue) else 0
    return step.episode, step.clock, step.start_us, step.move, step.at_us, number


def _voided(step: Step, old: Case, new: Case, entry: Entry, told: Telling) -> Step | None:
    """The undoing of a return that should not have been; None when the lead has moved on (F13)."""
    returned = step.output
    if not isinstance(returned, Returned) or old.returned_id != returned.about.id:
        return None
    about = told.about(new, "voided", returned.about.time_us, entry[SOURCE], entry[ID])
    dues = [due_of(new, told.policy, c, r, entry[TIME]) for c, r in new.runs.items()]
    output = Voided(
        about._replace(time_us=max(returned.about.time_us, entry[TIME]), episode=step.episode),
        returned.deadline,
        returned.reason,
        returned.about.id,
        returned.about.time_us,
        entry[SOURCE],
        entry[ID],
        what(entry),
        entry[TIME],
        min(dues, default=None),
    )
    state = State.VOIDED if step.clock else None
    return Step(step.clock, step.episode, step.start_us, Move.UNDO, state, step.at_us, output)


def _worth_saying(
    new: Iterable[Step], gone: Iterable[Step], head: Case, now_us: int
) -> Iterable[Step]:
    """What late evidence has brought to light and is still true of the lead."""
    firsts = {(s.episode, s.clock): s.output.about.id for s in gone if isinstance(s.output, Met)}
    for step in new:
        output = step.output
        if output is None:
            yield step
        elif isinstance(output, Met):
            corrects = firsts.get((step.episode, step.clock))
            first = step.clock is Clock.FIRST_RESPONSE
            yield step._replace(output=output._replace(corrects=corrects)) if first else step
        elif _still_true(output, head):
            late = output.about._replace(time_us=max(output.about.time_us, now_us))
            yield step._replace(output=output._replace(about=late))


def _still_true(output: PoolOutput, head: Case) -> bool:
    if isinstance(output, Returned):
        return head.returned_id == output.about.id
    if isinstance(output, HandedOver):
        return head.owner == output.about.owner
    if isinstance(output, FollowUpDue):
        run = head.runs.get(output.deadline.clock)
        if output.stage is Stage.EXPIRED:
            return head.episode == output.about.episode
        return run is not None and run.start_us == output.deadline.start_us
    return True
