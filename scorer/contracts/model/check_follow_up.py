"""Checks of the follow-up section: limits that never pass, reminders that never come, odd calendars."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from scorer.contracts.model.days_off import YEARS, days_off
from scorer.contracts.model.findings import Finding, Severity, Subject
from scorer.contracts.model.follow_up_shape import FollowUpEntry, WorkingHoursEntry
from scorer.contracts.model.problems import Path
from scorer.contracts.model.scalars import format_duration
from scorer.domain.followup.policy import OWNED, Clock, FollowUpPolicy, Limit, Reminder
from scorer.domain.outputs import Tier

_WARMEST_FIRST: Final = (Tier.HOT, Tier.WARM, Tier.COLD)


def follow_up_checks(subject: Subject) -> Iterator[Finding]:
    """Everything worth a look in the follow-up section."""
    policy, entry = subject.model.follow_up, subject.document.follow_up
    if policy is None or entry is None:
        return
    for clock, limit in policy.limits.items():
        path: Path = ("follow_up", "limits", clock.value)
        yield from _never_fires(subject, policy, clock, path)
        yield from _slower_when_warmer(subject, limit, path)
        for index, reminder in enumerate(limit.reminders):
            yield from _reminder_never(subject, limit, reminder, (*path, "remind", index))
    yield from _touches_go_unlimited(subject, policy)
    if isinstance(entry.calendar, WorkingHoursEntry):
        yield from _calendar(subject, entry, entry.calendar)


def _never_fires(
    subject: Subject, policy: FollowUpPolicy, clock: Clock, path: Path
) -> Iterator[Finding]:
    """A limit behind another one that always passes first."""
    first = [(Clock.MAXIMUM_HOLDING, OWNED)]
    first += [(Clock.NO_DEAL, (Clock.NO_OPPORTUNITY,))]
    for other, behind in first:
        shorter = policy.limits.get(other)
        limit = policy.limits[clock]
        if shorter is None or other is clock or clock not in behind:
            continue
        if limit.working != shorter.working:
            continue  # working time and real time cannot be compared in general
        tiers = [t for t, span in limit.by_tier.items() if shorter.by_tier.get(t, span + 1) <= span]
        if tiers and len(tiers) == len(limit.by_tier):
            message = f"it can never pass: `{other}` returns the lead before"
            suggestion = f"make it shorter than `{other}`, or remove it"
            yield subject.finding(Severity.WARNING, "limit_never_fires", path, message, suggestion)


def _slower_when_warmer(subject: Subject, limit: Limit, path: Path) -> Iterator[Finding]:
    """A warmer lead that may wait longer than a colder one."""
    known = [(tier, limit.by_tier[tier]) for tier in _WARMEST_FIRST if tier in limit.by_tier]
    for (warm, span), (cold, shorter) in pairwise(known):
        if span > shorter:
            message = f"{warm} leads may wait longer than {cold} ones"
            yield subject.finding(
                Severity.INFO, "slower_when_warmer", path, message, "swap the two, if not meant"
            )


def _reminder_never(
    subject: Subject, limit: Limit, reminder: Reminder, path: Path
) -> Iterator[Finding]:
    """A reminder that would come with the deadline, after it, or before the start."""
    longest = max(limit.by_tier.values())
    late = reminder.share >= 1 or reminder.after_us >= longest
    early = reminder.before_us >= longest
    if late or early:
        when = "after the deadline" if late else "before the clock starts"
        message = f"it is never said: it would come {when} ({format_duration(longest)})"
        suggestion = "bring it between the start and the deadline, or remove it"
        yield subject.finding(Severity.WARNING, "reminder_never", path, message, suggestion)


def _touches_go_unlimited(subject: Subject, policy: FollowUpPolicy) -> Iterator[Finding]:
    """A first touch after which nobody has to follow up any more."""
    first, following = policy.limits.get(Clock.FIRST_RESPONSE), Clock.NEXT_FOLLOW_UP
    if first is not None and following not in policy.limits:
        message = "after the first touch no follow-up is ever due again"
        place = ("follow_up", "limits", "first_response")
        yield subject.finding(
            Severity.INFO,
            "one_touch_suffices",
            place,
            message,
            "add `next_follow_up`, if not meant",
        )


def _calendar(
    subject: Subject, entry: FollowUpEntry, calendar: WorkingHoursEntry
) -> Iterator[Finding]:
    place: Path = ("follow_up", "calendar")
    clocks = (getattr(entry.limits, name) for name in type(entry.limits).model_fields)
    if all(clock.time == "elapsed" for clock in clocks if clock is not None):
        message = "no limit counts working time"
        yield subject.finding(
            Severity.INFO, "unused_calendar", place, message, "remove it, or `time: elapsed`"
        )
    for index, each in enumerate(calendar.holidays):
        if isinstance(each, str) and (workdays := days_off(each).workdays):
            last = max(workdays).year
            if last < YEARS[-1]:
                message = f"make-up working days of {each} are known up to {last}"
                suggestion = (
                    "later ones come with a new release; until then name them in `workdays`"
                )
                yield subject.finding(
                    Severity.INFO,
                    "make_up_days_end",
                    (*place, "holidays", index),
                    message,
                    suggestion,
                )
