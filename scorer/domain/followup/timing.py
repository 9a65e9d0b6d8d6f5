"""From a start and a limit to a deadline. Knows boundaries and working time, knows no lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from scorer.domain.followup.calendar import instant, local
from scorer.domain.followup.policy import Clock, FollowUpPolicy, Limit, Reminder
from scorer.domain.model import DAY_US

_NO_LIMIT: Final = Limit({})


def deadline(policy: FollowUpPolicy, clock: Clock, start_us: int, span_us: int) -> int:
    """When a clock that starts now and may run for `span_us` expires.

    With a daily boundary, whole days are calendar days: due after strictly more than N of them, at
    the boundary. All else is due at the first boundary at or after the exact instant.
    """
    limit = policy.limits.get(clock, _NO_LIMIT)
    exact = _add(policy, limit, start_us, span_us)
    if policy.daily_minute is None:
        return exact
    by_day = not limit.working and span_us % DAY_US == 0
    if by_day:
        day = local(policy.zone, start_us).date() + timedelta(days=span_us // DAY_US + 1)
        return instant(policy.zone, day, policy.daily_minute)
    day = local(policy.zone, exact).date()
    at_us = instant(policy.zone, day, policy.daily_minute)
    if at_us < exact:
        at_us = instant(policy.zone, day + timedelta(days=1), policy.daily_minute)
    return at_us


def left_us(policy: FollowUpPolicy, clock: Clock, now_us: int, due_us: int) -> int:
    """How much of its time a clock has left, in the time that it counts."""
    limit = policy.limits.get(clock, _NO_LIMIT)
    if limit.working and policy.calendar is not None:
        return policy.calendar.between(now_us, due_us)
    return max(due_us - now_us, 0)


def resumed(policy: FollowUpPolicy, clock: Clock, now_us: int, left: int) -> int:
    """When a clock that stood still expires, with the time that was left."""
    return _add(policy, policy.limits.get(clock, _NO_LIMIT), now_us, left)


def reminder_us(
    policy: FollowUpPolicy, clock: Clock, reminder: Reminder, start_us: int, due_us: int
) -> int:
    """When a reminder of a deadline is to be said."""
    limit = policy.limits[clock]
    if not limit.working:
        whole = due_us - start_us
        share = round(whole * reminder.share) if reminder.share else whole - reminder.before_us
        return start_us + (reminder.after_us or share)
    if reminder.after_us:
        return _add(policy, limit, start_us, reminder.after_us)
    whole = left_us(policy, clock, start_us, due_us)
    share = round(whole * reminder.share) if reminder.share else whole - reminder.before_us
    return _add(policy, limit, start_us, share) if share > 0 else start_us


def _add(policy: FollowUpPolicy, limit: Limit, start_us: int, span_us: int) -> int:
    if limit.working and policy.calendar is not None:
        return policy.calendar.add(start_us, span_us)
    return start_us + span_us
