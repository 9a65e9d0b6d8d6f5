"""The follow-up section of a document → the policy of the domain. Knows both types; knows no YAML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from scorer.contracts.model.days_off import days_off
from scorer.contracts.model.follow_up_shape import (
    ClockEntry,
    DailyEntry,
    ExemptEntry,
    FollowUpEntry,
    ReminderEntry,
    WorkingHoursEntry,
)
from scorer.contracts.model.scalars import parse_duration
from scorer.contracts.model.section_shape import DaysEntry
from scorer.contracts.model.spans import hours_of, minutes_of, weekdays_of
from scorer.domain.followup.calendar import Hours, WorkingTime
from scorer.domain.followup.policy import (
    WITHOUT_OPPORTUNITY,
    Clock,
    Exempt,
    Exemption,
    FollowUpPolicy,
    Limit,
    OnChange,
    OnEnd,
    Pools,
    Reminder,
)
from scorer.domain.outputs import Tier


def follow_up(
    entry: FollowUpEntry, zone: ZoneInfo, model_version: str, model_hash: str
) -> FollowUpPolicy:
    """The policy. The entry must have passed `follow_up_names.refusals`."""
    calendar = _calendar(entry.calendar, zone) if entry.calendar != "24x7" else None
    limits = {clock: getattr(entry.limits, clock.value) for clock in Clock}
    unassigned = entry.limits.unassigned
    return FollowUpPolicy(
        hash=_hash(entry, zone, calendar),
        model_version=model_version,
        model_hash=model_hash,
        limits={clock: _limit(each, calendar) for clock, each in limits.items() if each},
        touches=frozenset(entry.touches.kinds),
        by_owner=entry.touches.by == "owner",
        exempt=_exemptions(entry),
        calendar=calendar,
        daily_minute=(
            minutes_of(entry.boundary.daily) if isinstance(entry.boundary, DailyEntry) else None
        ),
        zone=zone,
        on_change=OnChange(entry.on_policy_change),
        pools=Pools(
            default=entry.pools.default,
            dead=entry.pools.dead,
            dead_after=entry.pools.dead_after or 0,
            manager=unassigned.to if unassigned else Pools().manager,
        ),
        enabled=entry.enabled,
    )


def span_us(text: str, calendar: WorkingTime | None) -> int:
    """The length of `3d`: of working time a day is as long as the calendar's longest."""
    if calendar is not None and text[-1] == "d":
        return int(text[:-1]) * calendar.day_us
    if calendar is not None and text[-1] == "w":
        return int(text[:-1]) * calendar.days_a_week * calendar.day_us
    return parse_duration(text)


def week_of(entry: WorkingHoursEntry) -> dict[int, Hours]:
    """Weekday → hours in order. What is named twice adds up."""
    week: dict[int, list[tuple[int, int]]] = {}
    for days, spans in entry.hours.items():
        for day in weekdays_of(days):
            week.setdefault(day, []).extend(hours_of(span) for span in spans)
    return {day: tuple(sorted(spans)) for day, spans in week.items()}


def _calendar(entry: WorkingHoursEntry, zone: ZoneInfo) -> WorkingTime:
    off: set[date] = set()
    on: set[date] = set()
    for each in entry.holidays:
        if isinstance(each, str):
            country = days_off(each)
            off |= country.holidays
            on |= country.workdays
        else:
            own = set(_days(each))
            off |= own
            on -= own  # a day off of one's own is off, also where the country works
    on |= set(entry.workdays)
    return WorkingTime(zone, week_of(entry), holidays=frozenset(off), workdays=frozenset(on))


def _days(each: date | DaysEntry) -> Iterable[date]:
    if isinstance(each, DaysEntry):
        count = (each.to - each.from_).days + 1
        return (each.from_ + timedelta(days=n) for n in range(count))
    return (each,)


def _limit(entry: ClockEntry, calendar: WorkingTime | None) -> Limit:
    working = calendar is not None and entry.time != "elapsed"
    counted = calendar if working else None
    spans = {tier: getattr(entry.limit, tier.value) for tier in Tier}
    return Limit(
        {tier: span_us(text, counted) for tier, text in spans.items() if text},
        tuple(_reminder(each, counted) for each in entry.remind),
        working,
    )


def _reminder(entry: ReminderEntry, counted: WorkingTime | None) -> Reminder:
    before_us = span_us(entry.before, counted) if entry.before else 0
    after_us = span_us(entry.after, counted) if entry.after else 0
    return Reminder(entry.to, entry.at or 0.0, before_us, after_us, entry.risk)


def _exemptions(entry: FollowUpEntry) -> dict[Exemption, Exempt]:
    named = {each: getattr(entry.exempt, each.value) for each in Exemption}
    return {each: _exempt(each, said) for each, said in named.items() if said is not None}


def _exempt(exemption: Exemption, entry: ExemptEntry | object) -> Exempt:
    if not isinstance(entry, ExemptEntry):
        return Exempt(on_end=OnEnd.RESTART)
    usual = WITHOUT_OPPORTUNITY if exemption is Exemption.OPEN_OPPORTUNITY else Exempt()
    return Exempt(
        frozenset(map(Clock, entry.clocks)) if entry.clocks is not None else usual.clocks,
        frozenset(map(Tier, entry.tiers)) if entry.tiers is not None else usual.tiers,
        OnEnd(entry.on_end),
    )


def _hash(entry: FollowUpEntry, zone: ZoneInfo, calendar: WorkingTime | None) -> str:
    """16 hex digits of what the section says, the days of the named countries among it."""
    content = [
        entry.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        zone.key,
        sorted(map(str, calendar.holidays)) if calendar else [],
        sorted(map(str, calendar.workdays)) if calendar else [],
    ]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
