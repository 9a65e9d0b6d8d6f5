"""One piece of evidence, posted to a case. Knows what each kind means for owner, flags and clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from scorer.domain.events import OutcomeKind
from scorer.domain.evidence import BODY, ID, KIND, SOURCE, TIME, Entry
from scorer.domain.followup.case import TOUCHES_KEPT, Case
from scorer.domain.followup.clocks import (
    came_back,
    exempt_from,
    fire,
    next_due,
    owned,
    pooled,
    signal,
    stand,
    start,
    touched,
    warmer,
)
from scorer.domain.followup.entries import (
    CREATED,
    HOLD,
    LOCK,
    OUTCOME,
    OWNER_LEFT,
    OWNERSHIP,
    TIER,
    TOUCH,
)
from scorer.domain.followup.outputs import Reason
from scorer.domain.followup.policy import Clock, Exemption, FollowUpPolicy
from scorer.domain.followup.table import Move, Signal
from scorer.domain.followup.telling import Step, Telling, episode_id
from scorer.domain.outputs import RANK, Tier


def pass_time(case: Case, told: Telling, until_us: int, *, inclusive: bool) -> int:
    """Say everything that the clocks do by themselves up to an instant; the latest that came, or 0."""
    latest_us = 0
    while (due := next_due(case, told.policy)) is not None and (
        due.at_us < until_us or (inclusive and due.at_us == until_us)
    ):
        fire(case, told, due)
        latest_us = due.at_us
    return latest_us


def post(case: Case, told: Telling, entry: Entry) -> None:
    """Post evidence to a case that has been advanced to its time."""
    policy = told.policy
    before = {clock: exempt_from(case, policy, clock) for clock in case.runs}
    handle = _KINDS.get(entry[KIND])
    if handle is not None:
        handle(case, told, entry)
    if case.flags or any(before.values()):
        stand(case, told, entry[TIME], before)


def _created(case: Case, told: Telling, entry: Entry) -> None:
    if case.created_us is not None:
        return
    at_us = entry[TIME]
    case.created_us, case.source_channel = at_us, entry[BODY]
    owner = case.owner or entry[BODY + 1]
    if case.owner is not None:  # taken before it was created: its clocks begin now
        case.since_us = at_us
        start(case, told, Signal.OWNED, at_us)
    elif owner is not None:
        owned(case, told, at_us, _episode(entry), owner, case.pool)
    else:
        pooled(case, told, at_us, _episode(entry), case.pool)
        start(case, told, Signal.POOLED, at_us)


def _ownership(case: Case, told: Telling, entry: Entry) -> None:
    owner, pool = entry[BODY + 1], entry[BODY + 2]
    if owner == case.owner:
        return  # given to the one who has it: no clock begins anew
    if owner is None:
        pooled(case, told, entry[TIME], _episode(entry), pool or case.pool)
        start(case, told, Signal.POOLED, entry[TIME])
    else:
        owned(case, told, entry[TIME], _episode(entry), owner, pool or case.pool)


def _touch(case: Case, told: Telling, entry: Entry) -> None:
    at_us, kind, by = entry[TIME], entry[BODY], entry[BODY + 1]
    if told.policy.by_owner and by is not None and by != case.owner:
        return
    case.touches_total += 1
    case.touch_log = [*case.touch_log[1 - TOUCHES_KEPT :], [at_us, kind, by]]
    if case.owner is None:
        return
    case.touches += 1
    case.last_touch_us = at_us
    touched(case, told, at_us, kind)


def _tier(case: Case, told: Telling, entry: Entry) -> None:
    before, case.tier = case.tier, Tier(entry[BODY])
    case.score, case.why_en, case.why_zh = entry[BODY + 1 : BODY + 4]
    _flag(case, Exemption.DISQUALIFIED, case.tier is Tier.DISQUALIFIED)
    if RANK[case.tier] > RANK[before]:
        warmer(case, told, entry[TIME])


def _hold(case: Case, told: Telling, entry: Entry) -> None:
    _flag(case, Exemption.PAUSED, entry[BODY])


def _lock(case: Case, told: Telling, entry: Entry) -> None:
    _flag(case, Exemption.LOCKED, entry[BODY])


def _outcome(case: Case, told: Telling, entry: Entry) -> None:
    at_us, kind = entry[TIME], entry[BODY]
    if kind == OutcomeKind.OPPORTUNITY_OPENED:
        _flag(case, Exemption.OPEN_OPPORTUNITY, True)
        signal(case, told, Signal.OPPORTUNITY, at_us, kind)
    elif kind == OutcomeKind.WON:
        _flag(case, Exemption.OPEN_OPPORTUNITY, False)
        signal(case, told, Signal.WON, at_us, kind)
        if Exemption.WON in told.policy.exempt:
            signal(case, told, Signal.CLOSED, at_us)
            case.closed = True
    elif kind == OutcomeKind.LOST:
        _flag(case, Exemption.OPEN_OPPORTUNITY, False)
    elif kind == OutcomeKind.DISQUALIFIED:
        _flag(case, Exemption.DISQUALIFIED, True)
    elif kind == OutcomeKind.REOPENED:
        _flag(case, Exemption.DISQUALIFIED, case.tier is Tier.DISQUALIFIED)
        _reopen(case, told, entry)


def _reopen(case: Case, told: Telling, entry: Entry) -> None:
    """After a win: the same owner has a new episode (or the pool does)."""
    if not case.closed:
        return
    case.closed = False
    if case.owner is None:
        pooled(case, told, entry[TIME], _episode(entry), case.pool)
        start(case, told, Signal.POOLED, entry[TIME])
    else:
        owned(case, told, entry[TIME], _episode(entry), case.owner, case.pool)


def _owner_left(case: Case, told: Telling, entry: Entry) -> None:
    """The owner is gone: to whom the lead goes was said with it, or it returns (F22)."""
    at_us, owner, to = entry[TIME], entry[BODY], entry[BODY + 1]
    if case.owner != owner:
        return
    if case.created_us is None:  # nobody was told that he had it, so nobody is told that he has not
        case.owner, case.episode = to, _episode(entry)
        return
    if to is not None:
        over = told.handed_over(case, to, at_us)
        told.steps.append(Step(None, case.episode, case.since_us, Move.END, None, at_us, over))
        owned(case, told, at_us, _episode(entry), to, case.pool)
        return
    back = told.returned(case, Reason.OWNER_LEFT, None, at_us)
    told.steps.append(Step(None, case.episode, case.since_us, Move.END, None, at_us, back))
    pooled(case, told, at_us, _episode(entry), back.pool)
    came_back(case, told, back, at_us)


def _flag(case: Case, exemption: Exemption, on: bool) -> None:
    flags = {*case.flags, exemption.value} if on else {*case.flags} - {exemption.value}
    case.flags = sorted(flags)


def _episode(entry: Entry) -> str:
    return episode_id(entry[SOURCE], entry[ID])


_Handler = Callable[[Case, Telling, Any], None]
_KINDS: Final[Mapping[str, _Handler]] = {
    CREATED: _created,
    OWNERSHIP: _ownership,
    TOUCH: _touch,
    TIER: _tier,
    HOLD: _hold,
    LOCK: _lock,
    OUTCOME: _outcome,
    OWNER_LEFT: _owner_left,
}


def post_late(case: Case, policy: FollowUpPolicy, entry: Entry) -> None:
    """Post evidence older than the history: a touch counts, where its order does not matter."""
    if entry[KIND] != TOUCH or case.owner is None:
        return
    case.touches_total += 1
    at_us = entry[TIME]
    if at_us < case.since_us or (case.last_touch_us is not None and at_us <= case.last_touch_us):
        return
    case.touches += 1
    case.last_touch_us = at_us
    told = Telling(policy, "")
    if Clock.FIRST_RESPONSE in case.runs or Clock.NEXT_FOLLOW_UP in case.runs:
        touched(case, told, at_us, entry[BODY])
