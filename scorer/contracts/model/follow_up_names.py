"""What the follow-up section must hold true beyond its shape: hours that are some, known countries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scorer.contracts.model.days_off import known
from scorer.contracts.model.follow_up_build import week_of
from scorer.contracts.model.follow_up_shape import FollowUpEntry, WorkingHoursEntry
from scorer.contracts.model.problems import Path
from scorer.contracts.model.spans import WEEKDAYS

Refusal = tuple[Path, str, str]
_CALENDAR: Path = ("follow_up", "calendar")


def follow_up_refusals(entry: FollowUpEntry) -> Iterator[Refusal]:
    """Everything that keeps the section from being a policy."""
    calendar = entry.calendar
    working = isinstance(calendar, WorkingHoursEntry)
    if isinstance(calendar, WorkingHoursEntry):
        yield from _hours(calendar)
        for index, each in enumerate(calendar.holidays):
            if isinstance(each, str) and not known(each):
                message = f"no public holidays are known of `{each}`"
                remedy = "write an ISO 3166 code such as CN, DE or DE-BY, or the days themselves"
                yield (*_CALENDAR, "holidays", index), message, remedy
    for name in type(entry.limits).model_fields:
        clock = getattr(entry.limits, name)
        if clock is not None and clock.time == "working" and not working:
            message = "there are no working hours to count"
            yield ("follow_up", "limits", name, "time"), message, "write `calendar: {hours: …}`"


def _hours(calendar: WorkingHoursEntry) -> Iterator[Refusal]:
    week = week_of(calendar)
    if not any(week.values()):
        message = "this calendar has no working time, so no limit would ever pass"
        yield (*_CALENDAR, "hours"), message, "write such as {mon-fri: 09:00-18:00}"
    for day, spans in sorted(week.items()):
        if any(end > begin for (_, end), (begin, _) in pairwise(spans)):
            message = f"hours of {WEEKDAYS[day]} overlap"
            yield (*_CALENDAR, "hours"), message, "leave the break between them out"
