"""The clocks of a case: what starts, moves, stops and expires them. Reads the tables, says steps.

Every function changes the case that it is given, at an instant that it is given.
"""

from __future__ import annotations

from typing import Final

from scorer.domain.followup.calendar import NEVER_US
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.outputs import PoolOutput, Reason, Returned
from scorer.domain.followup.policy import (
    FOLLOW_UP,
    Clock,
    Exemption,
    FollowUpPolicy,
    OnEnd,
)
from scorer.domain.followup.table import CLOCKS, Expiry, Move, Signal
from scorer.domain.followup.telling import ARM, Telling, deadline_of, episode_id
from scorer.domain.followup.timing import deadline, left_us, reminder_us, resumed

EXPIRES: Final = -1
"""Stands for the deadline itself where a reminder has its number."""


class Due:
    """The next thing that a clock does by itself."""

    __slots__ = ("at_us", "clock", "reminder")

    def __init__(self, at_us: int, clock: Clock, reminder: int) -> None:
        self.at_us = at_us
        self.clock = clock
        self.reminder = reminder  # its place in the policy, or EXPIRES


_RANK: Final = {clock: rank for rank, clock in enumerate(CLOCKS)}
_NAMES: Final = {clock: clock.value for clock in CLOCKS}
_NOTICES: Final = frozenset(c for c, row in CLOCKS.items() if row.expires is Expiry.NOTICE)
_REASONS: Final = {clock: Reason(clock.value) for clock in CLOCKS if clock not in _NOTICES}

# To look a member up in its enumeration costs as much as a clock.
SHIFT: Final[Move] = Move.SHIFT
REMIND: Final[Move] = Move.REMIND
MEET: Final[Move] = Move.MEET
EXPIRE: Final[Move] = Move.EXPIRE
END: Final[Move] = Move.END
POOLED: Final[Signal] = Signal.POOLED
OWNED: Final[Signal] = Signal.OWNED
TOUCHED: Final[Signal] = Signal.TOUCHED
UNASSIGNED: Final[Clock] = Clock.UNASSIGNED
FIRST_RESPONSE: Final[Clock] = Clock.FIRST_RESPONSE
NEXT_FOLLOW_UP: Final[Clock] = Clock.NEXT_FOLLOW_UP
MAXIMUM_HOLDING: Final[Clock] = Clock.MAXIMUM_HOLDING
NO_OPPORTUNITY: Final[Clock] = Clock.NO_OPPORTUNITY
OPEN_OPPORTUNITY: Final = Exemption.OPEN_OPPORTUNITY.value


def signal(case: Case, told: Telling, what: Signal, at_us: int, by: str = "") -> None:
    """Let a signal end clocks, as the table says."""
    for clock, row in CLOCKS.items():
        run = case.runs.get(clock)
        if run is None:
            continue
        if what in row.met_by:
            _end(case, told, clock, MEET, at_us, told.met(case, clock, run, at_us, by))
        elif what in row.cancelled_by:
            _end(case, told, clock, END, at_us, None)


def start(case: Case, told: Telling, what: Signal, at_us: int, carried_us: int = 0) -> None:
    """Start the clocks that a signal starts."""
    if case.created_us is None or case.closed:
        return
    for clock, row in CLOCKS.items():
        if what in row.starts and _applies(case, clock, what):
            arm(case, told, clock, at_us, carried_us)


def touched(case: Case, told: Telling, at_us: int, by: str) -> None:
    """A valid touch: it meets the follow-up deadline and moves it (F8)."""
    carried_us = max(
        (
            due_of(case, told.policy, clock, case.runs[clock], at_us)
            for clock in FOLLOW_UP
            if clock in case.runs
        ),
        default=0,
    )
    signal(case, told, TOUCHED, at_us, by)
    start(case, told, TOUCHED, at_us, carried_us)


def arm(case: Case, told: Telling, clock: Clock, at_us: int, carried_us: int = 0) -> None:
    """Start a clock, if the lead's tier has a limit for it."""
    policy = told.policy
    span_us = policy.limit_us(clock, case.tier)
    if span_us is None or clock in case.runs:
        return
    due_us = max(deadline(policy, clock, at_us, span_us), carried_us)
    longest = case.runs.get(MAXIMUM_HOLDING)
    if clock is NEXT_FOLLOW_UP and longest is not None:
        latest_us = due_of(case, policy, MAXIMUM_HOLDING, longest, at_us)
        due_us = min(due_us, latest_us)
    run = case.runs[clock] = Run(at_us, span_us, due_us)
    told.moved(case, clock, run, ARM, at_us, None)


def warmer(case: Case, told: Telling, at_us: int) -> None:
    """The lead heats up: deadlines move to the earlier of the running one and one from now (F10)."""
    policy = told.policy
    for clock, run in case.runs.items():
        span_us = policy.limit_us(clock, case.tier)
        if span_us is None:
            continue
        if run.left_us is not None:
            run.left_us = min(run.left_us, span_us)
            continue
        due_us = deadline(policy, clock, at_us, span_us)
        if due_us < run.due_us:
            told.moved(case, clock, run, SHIFT, at_us, None)
            run.due_us, run.since_us, run.span_us = due_us, at_us, span_us
            run.next = None
    if case.created_us is None or case.closed:
        return
    for clock in CLOCKS:
        if _applies(case, clock, None):
            arm(case, told, clock, at_us)


def stand(case: Case, told: Telling, at_us: int, before: dict[Clock, set[str]]) -> None:
    """Stop and restart clocks as their exemptions begin and end."""
    policy = told.policy
    for clock, run in list(case.runs.items()):
        now = exempt_from(case, policy, clock)
        if now and run.left_us is None:
            run.left_us = left_us(policy, clock, at_us, run.due_us)
        elif not now and run.left_us is not None:
            ended = before.get(clock, set())
            if any(policy.exempt[Exemption(e)].on_end is OnEnd.RESTART for e in ended):
                _end(case, told, clock, END, at_us, None, done=False)
                arm(case, told, clock, at_us)
            else:
                told.moved(case, clock, run, SHIFT, at_us, None)
                run.due_us = resumed(policy, clock, at_us, run.left_us)
                run.left_us, run.since_us, run.next = None, at_us, None


def exempt_from(case: Case, policy: FollowUpPolicy, clock: Clock) -> set[str]:
    """The exemptions that hold a clock now."""
    if not case.flags:
        return set()
    found = set()
    for flag in case.flags:
        exempt = policy.exempt.get(Exemption(flag))
        if exempt and clock in exempt.clocks and case.tier in exempt.tiers:
            found.add(flag)
    return found


def next_due(case: Case, policy: FollowUpPolicy) -> Due | None:
    """What the clocks do next by themselves, if nothing else happens."""
    if not policy.enabled or case.created_us is None:
        return None
    first: Due | None = None
    for clock, run in case.runs.items():
        if run.left_us is None and clock in policy.limits:
            due: Due = run.next or _next_of(policy, clock, run)
            run.next = due
            if first is None or _comes_before(due, first):
                first = due
    if first is None or first.at_us >= NEVER_US:
        return None
    if first.at_us >= case.floor_us:
        return first
    return Due(case.floor_us, first.clock, first.reminder)


def _comes_before(due: Due, other: Due) -> bool:
    """Of two clocks at one instant, the one that is named first."""
    if due.at_us == other.at_us:
        return _RANK[due.clock] < _RANK[other.clock]
    return due.at_us < other.at_us


def fire(case: Case, told: Telling, due: Due) -> None:
    """A reminder or a deadline has come."""
    run = case.runs[due.clock]
    if due.reminder != EXPIRES:
        said = told.reminded(case, due.clock, run, due.reminder + 1, due.at_us)
        told.moved(case, due.clock, run, REMIND, due.at_us, said)
        run.sent |= 1 << due.reminder
        run.next = None
    elif due.clock in _NOTICES:
        notice = told.expired(case, due.clock, run, due.at_us)
        _end(case, told, due.clock, EXPIRE, due.at_us, notice)
    else:
        back = told.returned(case, _REASONS[due.clock], deadline_of(due.clock, run), due.at_us)
        _end(case, told, due.clock, EXPIRE, due.at_us, back)
        pooled(case, told, due.at_us, episode_id(case.episode, str(due.at_us)), back.pool)
        came_back(case, told, back, due.at_us)


def pooled(case: Case, told: Telling, at_us: int, episode: str, pool: str | None) -> None:
    """The lead has no owner any more. Its clock in the pool is for the caller to start."""
    signal(case, told, POOLED, at_us)
    _enter(case, at_us, episode, None, pool)


def came_back(case: Case, told: Telling, back: Returned, at_us: int) -> None:
    """The lead is in the pool because we returned it; what was open with its owner is not any more."""
    case.returned_id, case.returns, case.dead = back.about.id, back.return_count, back.dead
    case.flags = [flag for flag in case.flags if flag != OPEN_OPPORTUNITY]
    start(case, told, POOLED, at_us)


def owned(
    case: Case, told: Telling, at_us: int, episode: str, owner: str, pool: str | None
) -> None:
    """The lead has an owner, from now on; by whichever path, the clocks are the same (F19)."""
    signal(case, told, OWNED, at_us, "assigned")
    _enter(case, at_us, episode, owner, pool)
    start(case, told, OWNED, at_us)


def due_of(case: Case, policy: FollowUpPolicy, clock: Clock, run: Run, at_us: int) -> int:
    """When a clock expires, if it went on now."""
    return run.due_us if run.left_us is None else resumed(policy, clock, at_us, run.left_us)


def _enter(case: Case, at_us: int, episode: str, owner: str | None, pool: str | None) -> None:
    case.owner, case.pool, case.episode, case.since_us = owner, pool, episode, at_us
    case.returned_id, case.dead = None, False
    case.touches, case.last_touch_us, case.done = 0, None, []


def _end(
    case: Case,
    told: Telling,
    clock: Clock,
    move: Move,
    at_us: int,
    output: PoolOutput | None,
    *,
    done: bool = True,
) -> None:
    run = case.runs[clock]
    told.moved(case, clock, run, move, at_us, output)
    del case.runs[clock]
    if done and clock not in FOLLOW_UP and clock not in case.done:
        case.done.append(_NAMES[clock])


def _applies(case: Case, clock: Clock, what: Signal | None) -> bool:
    """Whether a clock is one for the case as it is; `what` started it, None: a warmer tier did."""
    if clock is UNASSIGNED:
        return case.owner is None and not case.dead and clock not in case.done
    if case.owner is None or clock in case.done:
        return False
    if clock is FIRST_RESPONSE:
        return case.touches == 0 and NEXT_FOLLOW_UP not in case.runs
    if clock is NEXT_FOLLOW_UP:
        return FIRST_RESPONSE not in case.runs
    if clock is NO_OPPORTUNITY:
        return OPEN_OPPORTUNITY not in case.flags
    return True


def _next_of(policy: FollowUpPolicy, clock: Clock, run: Run) -> Due:
    at_us, first = run.due_us, EXPIRES
    for number, reminder in enumerate(policy.limits[clock].reminders):
        if run.sent & 1 << number:
            continue
        reminded_us = reminder_us(policy, clock, reminder, run.start_us, run.due_us)
        if reminded_us <= run.start_us:
            continue  # the limit is shorter than the time before it
        reminded_us = max(reminded_us, run.since_us)
        if reminded_us < at_us:  # of two at one instant, the one that is named first
            at_us, first = reminded_us, number
    return Due(at_us, clock, first)
