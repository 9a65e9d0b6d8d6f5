"""What a new policy does to a lead that another one armed (F20). Says nothing by itself."""

from __future__ import annotations

from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.clocks import arm, due_of
from scorer.domain.followup.policy import Clock, FollowUpPolicy, OnChange
from scorer.domain.followup.state import FollowUpState
from scorer.domain.followup.table import CLOCKS, Move
from scorer.domain.followup.telling import Telling
from scorer.domain.followup.timing import deadline
from scorer.domain.remembered import settled


def adopt(state: FollowUpState, told: Telling, now_us: int) -> None:
    """Bring a lead to the policy in force, at an instant.

    All evidence is settled: the history was folded by a policy that is not known any more.
    """
    state.policy_hash = told.policy.hash
    head = state.head
    for run in head.runs.values():
        run.next = None  # reminders may be others now
    for entry in state.history:
        settled(state, entry)
    state.history, state.sayings = [], []
    change = told.policy.on_change
    if head.created_us is not None and head.runs and change is not OnChange.KEEP:
        again = _restarted if change is OnChange.RESTART else _recomputed
        for clock, run in list(head.runs.items()):
            again(head, told, clock, run, now_us)
        for clock in CLOCKS:
            if clock not in head.runs and change is OnChange.RECOMPUTE:
                _arm_from_start(head, told, clock)
    head.floor_us = max(head.floor_us, now_us)
    state.said_us = max(state.said_us, now_us)
    state.base = head.copy()


def _restarted(case: Case, told: Telling, clock: Clock, run: Run, now_us: int) -> None:
    told.moved(case, clock, run, Move.END, now_us, None)
    del case.runs[clock]
    arm(case, told, clock, now_us)


def _recomputed(case: Case, told: Telling, clock: Clock, run: Run, now_us: int) -> None:
    policy = told.policy
    span_us = policy.limit_us(clock, case.tier)
    if span_us is None:
        told.moved(case, clock, run, Move.END, now_us, None)
        del case.runs[clock]
        return
    due_us = deadline(policy, clock, run.start_us, span_us)
    if clock is Clock.NEXT_FOLLOW_UP:
        due_us = _bounded(case, policy, due_us, now_us)
    if due_us != run.due_us:
        told.moved(case, clock, run, Move.SHIFT, now_us, None)
        run.due_us, run.span_us, run.since_us = due_us, span_us, now_us
        run.next = None


def _bounded(case: Case, policy: FollowUpPolicy, due_us: int, now_us: int) -> int:
    """The extension formula (F8) with the new limits."""
    first_us = policy.limit_us(Clock.FIRST_RESPONSE, case.tier)
    if first_us is not None:
        due_us = max(due_us, deadline(policy, Clock.FIRST_RESPONSE, case.since_us, first_us))
    longest = case.runs.get(Clock.MAXIMUM_HOLDING)
    if longest is not None:
        due_us = min(due_us, due_of(case, policy, Clock.MAXIMUM_HOLDING, longest, now_us))
    return due_us


def _arm_from_start(case: Case, told: Telling, clock: Clock) -> None:
    """A clock that the old policy did not have, from where it would have started."""
    if clock is Clock.MAXIMUM_HOLDING and case.owner is not None:
        arm(case, told, clock, case.since_us)
