"""The follow-up section as tables of words. Pure data, as everything that `model show` prints."""

from __future__ import annotations

from collections.abc import Iterator

from scorer.contracts.model.scalars import format_duration
from scorer.contracts.model.spans import WEEKDAYS
from scorer.domain.followup.calendar import Hours, WorkingTime
from scorer.domain.followup.policy import OWNED, Clock, FollowUpPolicy, Limit, Reminder
from scorer.domain.outputs import Tier

Row = tuple[str, ...]
LIMIT_COLUMNS: Row = ("clock", *(tier.value for tier in Tier), "counted in", "reminders")


def limit_rows(policy: FollowUpPolicy | None) -> Iterator[Row]:
    """One row a clock."""
    if policy is None:
        return
    for clock in (Clock.UNASSIGNED, *OWNED):
        limit = policy.limits.get(clock)
        if limit is not None:
            spans = (_span(limit, tier) for tier in Tier)
            counted = "working time" if limit.working else "time"
            reminders = ", ".join(_reminder(each) for each in limit.reminders)
            yield (clock.value, *spans, counted, reminders)


def policy_rows(policy: FollowUpPolicy | None) -> Iterator[Row]:
    """What else the section says."""
    if policy is None:
        return
    if not policy.enabled:
        yield "enabled", "no: nothing is said or returned"
    whose = "the owner's" if policy.by_owner else "anyone's"
    yield "touches", f"{', '.join(sorted(policy.touches)) or 'all kinds'}, {whose}, not automatic"
    yield "exempt", ", ".join(sorted(policy.exempt)) or "nothing"
    if policy.calendar is not None:
        yield "working time", _week(policy.calendar)
        yield (
            "days off",
            f"{len(policy.calendar.holidays)}, worked instead: {len(policy.calendar.workdays)}",
        )
    if policy.daily_minute is not None:
        yield "boundary", f"daily at {_clock(policy.daily_minute)}"
    yield "when it changes", f"{policy.on_change} running deadlines"
    if policy.pools.dead_after:
        yield "dead pool", f"{policy.pools.dead}, after {policy.pools.dead_after} returns"


def _span(limit: Limit, tier: Tier) -> str:
    span = limit.by_tier.get(tier)
    return "" if span is None else format_duration(span)


def _reminder(reminder: Reminder) -> str:
    if reminder.share:
        when = f"at {reminder.share:.0%}"
    elif reminder.before_us:
        when = f"{format_duration(reminder.before_us)} before"
    else:
        when = f"after {format_duration(reminder.after_us)}"
    return f"{when} to {reminder.to}" + (" (risk)" if reminder.risk else "")


def _week(calendar: WorkingTime) -> str:
    days = sorted(day for day, hours in calendar.week.items() if hours)
    return "; ".join(f"{WEEKDAYS[day]} {_hours(calendar.week[day])}" for day in days)


def _hours(hours: Hours) -> str:
    return " ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
