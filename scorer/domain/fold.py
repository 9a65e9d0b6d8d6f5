"""One piece of evidence, or the passing of time, folded into a lead. Pure: no clock, no I/O.

Both functions own the state that they are given and change it in place: copying a state costs more
than folding an event. Same state, same event, same model: same result, always.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.events import Behaviour, Erased, LeadEvent
from scorer.domain.evidence import KIND, RETRACTION, entry_of, what
from scorer.domain.explain import Explanation, explain, valuate
from scorer.domain.history import Place, place_of, rebuild, remember, settle
from scorer.domain.instants import GRID_US
from scorer.domain.making import make
from scorer.domain.outputs import Cause, CauseKind, Output
from scorer.domain.passing import apply_change, pass_quietly, pass_time, settle_tier
from scorer.domain.plan import Plan
from scorer.domain.posting import Posted, hold, post
from scorer.domain.prediction import Change, next_crossing
from scorer.domain.publishing import Before, score_changed, tier_crossed
from scorer.domain.remodelling import adopt
from scorer.domain.scoring import score_at
from scorer.domain.state import LeadState, Pending


class Status(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    LATE = "late"  # out of order, within the history: exact
    SETTLED = "settled"  # older than the history: counted where order does not matter
    FORGOTTEN = "forgotten"  # too old to be told from a double: not counted
    HELD = "held"  # the lead is not created yet
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"  # a behaviour that the model does not know
    UNUSED = "unused"  # nothing that the model looks at
    ERASED = "erased"


@mypyc_attr(acyclic=True)
class Folded:
    """What folding an event came to."""

    __slots__ = ("outputs", "status", "suppressed")

    def __init__(self, status: Status, outputs: list[Output], suppressed: int = 0) -> None:
        self.status = status
        self.outputs = outputs
        self.suppressed = suppressed


EVIDENCE: Final[CauseKind] = CauseKind.EVIDENCE
RETRACTED: Final[CauseKind] = CauseKind.RETRACTION

_STATUS = {
    Place.NEXT: Status.APPLIED,
    Place.WITHIN: Status.LATE,
    Place.SETTLED: Status.SETTLED,
}


def fold(state: LeadState, event: LeadEvent, plan: Plan) -> Folded:
    """Fold one event. A crossing by time that lies before it is emitted first."""
    if type(event.body) is Erased:
        return Folded(Status.ERASED, [])
    entry = entry_of(event, plan)
    if entry is None:
        return Folded(Status.UNKNOWN if type(event.body) is Behaviour else Status.UNUSED, [])
    place = place_of(state, entry)
    if place is Place.DOUBLE:
        return Folded(Status.DUPLICATE, [])
    if place is Place.FORGOTTEN:
        return Folded(Status.FORGOTTEN, [])
    outputs: list[Output] = []
    if state.model_hash != plan.hash:
        outputs += remodel(state, event.lead_id, plan, event.time_us)
    retracts = entry[KIND] == RETRACTION
    if place is Place.NEXT:
        outputs += advance(state, event.lead_id, plan, event.time_us, inclusive=False)
    before = _standing(state)
    kind = RETRACTED if retracts else EVIDENCE
    cause = make(Cause, (kind, event.source, event.id, what(entry)))
    posted: Posted | None = None
    remember(state, plan, entry, place)
    undone = retracts or state.is_retracted(event.source, event.id)
    behind = _is_behind(state, event.time_us)
    if place is Place.NEXT and not undone and not behind:
        created = state.head.created_us is not None
        posted = post(state.head, plan, entry)
        if created:
            before.score = posted.score
        time_us = event.time_us
    else:
        if state.head.created_us is not None and place is Place.NEXT and not behind:
            before.score = score_at(state.head, plan, event.time_us)
        time_us = _redo(state, plan, before.since_us)
    settle(state, plan)
    outputs += _publish(state, event, plan, time_us, before, cause, posted)
    held = state.head.created_us is None
    suppressed = len(posted.suppressed) if posted else 0
    return Folded(Status.HELD if held else _STATUS[place], outputs, suppressed)


def _standing(state: LeadState) -> Before:
    """How the lead stands now, with the score that was last said."""
    return Before(state.head.tier, state.head.tier_since, state.published or 0.0)


def _is_behind(state: LeadState, time_us: int) -> bool:
    """Whether time alone changed the tier at or after an instant: a tick was ahead of the evidence."""
    changed = max(state.head.base_since, state.head.tier_since)
    return time_us < changed or (time_us == changed and state.head.last_us < changed)


def _redo(state: LeadState, plan: Plan, since_us: int) -> int:
    """Rebuild the head and bring it to the latest instant about which anything was said."""
    rebuild(state, plan)
    time_us = max(state.latest_us(), state.head.last_us, since_us)
    pass_quietly(state.head, plan, time_us, inclusive=True)
    return time_us


def _publish(
    state: LeadState,
    event: LeadEvent,
    plan: Plan,
    time_us: int,
    before: Before,
    cause: Cause,
    posted: Posted | None = None,
) -> list[Output]:
    """Decide the tier at `time_us` and say what changed."""
    head = state.head
    valuation = valuate(head, plan, time_us, None if posted is None else posted.found)
    if posted is not None:
        hold(head, plan, posted, valuation.earned)
    if head.created_us is None:
        state.next = state.pending = None  # a retracted creation leaves nothing to wait for
        return []
    explanation = explain(head, plan, time_us, valuation)
    settle_tier(head, plan, time_us, explanation.score)
    expected = state.next
    state.next = next_crossing(head, plan, time_us, valuation.found)
    if head.paused_at is not None:
        return []
    crossed = head.tier is not before.tier
    changed = crossed or _worth_saying(state, plan, explanation.score, expected)
    outputs = (
        _say_score(state, event.lead_id, plan, time_us, explanation, cause, event.traceparent)
        if changed
        else []
    )
    if crossed:
        outputs.append(
            tier_crossed(
                state,
                event.lead_id,
                plan,
                time_us,
                before,
                explanation,
                cause,
                event.traceparent,
            )
        )
    return outputs


def _worth_saying(state: LeadState, plan: Plan, score: float, expected: Change | None) -> bool:
    """Whether the score moved enough, or the crossing that was foretold with it moved."""
    if state.published is None:
        return True
    least = plan.min_delta
    if least > 0.0:
        return abs(score - state.published) >= least
    return score != state.published or state.next != expected


def _say_score(
    state: LeadState,
    lead_id: str,
    plan: Plan,
    time_us: int,
    explanation: Explanation,
    cause: Cause,
    traceparent: str | None = None,
) -> list[Output]:
    """Say a change of score, or add it to the run of changes that will be said in one event."""
    if plan.coalesce_us > 0 and state.published is not None:
        run = state.pending or Pending(state.published, time_us, 0, cause)
        state.pending = run._replace(changes=run.changes + 1, cause=cause)
        return []
    return [score_changed(state, lead_id, plan, time_us, explanation, cause, traceparent)]


def advance(
    state: LeadState, lead_id: str, plan: Plan, until_us: int, *, inclusive: bool = True
) -> list[Output]:
    """Bring a lead to an instant and say everything that time alone has changed until then."""
    head = state.head
    outputs: list[Output] = []
    if head.created_us is None:
        return outputs
    coalesce_us = plan.coalesce_us
    while (stop := state.due_us(coalesce_us)) is not None and (
        stop < until_us or (inclusive and stop == until_us)
    ):
        outputs += _cross(state, lead_id, plan, stop, inclusive=True)
        if state.flush_us(coalesce_us) == stop:
            outputs.append(_flush(state, lead_id, plan, stop))
    return outputs + _cross(state, lead_id, plan, until_us, inclusive=inclusive)


def _cross(
    state: LeadState, lead_id: str, plan: Plan, until_us: int, *, inclusive: bool
) -> list[Output]:
    """The crossings by time up to an instant."""
    head = state.head
    outputs: list[Output] = []
    if head.fast:  # beneath a fast track the tier by score may change unseen
        before = _standing(state)
        for change in pass_time(head, plan, until_us, inclusive=inclusive):
            if change.tier is not before.tier:
                outputs += _crossing(state, lead_id, plan, change, before)
                before = _standing(state)
        return outputs
    while (due := state.next) is not None and (
        due.time_us < until_us or (inclusive and due.time_us == until_us)
    ):
        before = _standing(state)
        apply_change(head, plan, due)
        outputs += _crossing(state, lead_id, plan, due, before)
    return outputs


def _crossing(
    state: LeadState, lead_id: str, plan: Plan, change: Change, before: Before
) -> list[Output]:
    """Say a crossing by time that was just applied, and predict the next."""
    head, time_us = state.head, change.time_us
    before.score = score_at(head, plan, max(time_us - GRID_US, head.last_us))
    valuation = valuate(head, plan, time_us)
    explanation = explain(head, plan, time_us, valuation)
    state.next = next_crossing(head, plan, time_us, valuation.found)
    cause = make(Cause, (change.cause, None, None, change.rule))
    outputs = _say_score(state, lead_id, plan, time_us, explanation, cause)
    outputs.append(tier_crossed(state, lead_id, plan, time_us, before, explanation, cause))
    return outputs


def _flush(state: LeadState, lead_id: str, plan: Plan, time_us: int) -> Output:
    """Say the collected run in one event."""
    run = state.pending
    assert run is not None
    state.pending = None
    said = score_changed(
        state, lead_id, plan, time_us, explain(state.head, plan, time_us), run.cause
    )
    return said._replace(first_score=run.first_score, changes=run.changes)


def remodel(state: LeadState, lead_id: str, plan: Plan, time_us: int) -> list[Output]:
    """Bring a state that was made by another model to this one."""
    before = _standing(state)
    adopt(state, plan)
    if state.head.created_us is None:
        return []
    at = max(time_us, state.head.last_us, before.since_us)
    pass_quietly(state.head, plan, at, inclusive=True)
    event = LeadEvent(lead_id, at, "", "", Erased())
    return _publish(state, event, plan, at, before, Cause(CauseKind.MODEL))
