"""Working time: adds it to instants and measures it between them. Knows dates, knows no country.

A calendar maps each local day to spans of absolute time. Hours are wall-clock hours, so that 09:00
is 09:00 before and after a change to summer time; what lies between two instants is what really
passed. Days on which the clocks change are walked minute by minute, which is exact wherever in the
day the change is, and happens twice a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE_US: Final = 60_000_000
_LONGEST_GAP_DAYS: Final = 366
"""Days without working time after which an addition gives up. `model check` finds such calendars."""

Hours = tuple[tuple[int, int], ...]
"""Spans of a working day as minutes after midnight, in order, none touching: ((540, 720), (780, 1080))."""

NEVER_US: Final = 2**62
"""An instant that never comes."""


class Day(NamedTuple):
    """The working time of one local day."""

    spans: tuple[tuple[int, int], ...]  # [from, to) in µs since the epoch
    total_us: int


class WorkingTime:
    """Weekdays with hours, less holidays, plus days that are worked in their stead."""

    __slots__ = ("_days", "holidays", "make_up", "week", "workdays", "zone")

    def __init__(
        self,
        zone: ZoneInfo,
        week: Mapping[int, Hours],
        *,
        holidays: frozenset[date] = frozenset(),
        workdays: frozenset[date] = frozenset(),
    ) -> None:
        """`week`: Monday is 0. `workdays` win over holidays and weekends; a workday that falls on a
        weekday without hours has those of the first weekday that has some.
        """
        self.zone = zone
        self.week = dict(week)
        self.holidays = holidays
        self.workdays = workdays
        self.make_up: Hours = next((self.week[d] for d in sorted(self.week) if self.week[d]), ())
        self._days: dict[int, Day] = {}  # by ordinal: a cache, a few hundred days long in practice

    @property
    def day_us(self) -> int:
        """The length of a working day: the longest of the week. What `1d` means in working time."""
        return max((_minutes(hours) for hours in self.week.values()), default=0) * _MINUTE_US

    @property
    def days_a_week(self) -> int:
        """Weekdays that are worked. What `1w` means in working days."""
        return sum(1 for hours in self.week.values() if hours)

    def add(self, start_us: int, span_us: int) -> int:
        """The first instant at which `span_us` of working time has passed since `start_us`."""
        if span_us <= 0:
            return start_us
        left, ordinal, idle = span_us, self._ordinal(start_us), 0
        while idle <= _LONGEST_GAP_DAYS and ordinal < date.max.toordinal() - 2:
            day = self._day(ordinal)
            idle = 0 if day.total_us else idle + 1
            if day.spans and day.spans[0][0] >= start_us and day.total_us < left:
                left -= day.total_us  # a whole day at once
            else:
                for begin, end in day.spans:
                    first = max(begin, start_us)
                    if end - first >= left:
                        return first + left
                    left -= max(end - first, 0)
            ordinal += 1
        return NEVER_US

    def between(self, start_us: int, end_us: int) -> int:
        """How much working time passes from `start_us` to `end_us`."""
        if end_us <= start_us:
            return 0
        total = 0
        for ordinal in range(self._ordinal(start_us), self._ordinal(end_us) + 1):
            day = self._day(ordinal)
            if day.spans and start_us <= day.spans[0][0] and day.spans[-1][1] <= end_us:
                total += day.total_us
            else:
                total += sum(max(min(e, end_us) - max(b, start_us), 0) for b, e in day.spans)
        return total

    def hours_of(self, day: date) -> Hours:
        """The hours that are worked on a local day."""
        usual = self.week.get(day.weekday(), ())
        if day in self.workdays:
            return usual or self.make_up
        return () if day in self.holidays else usual

    def _ordinal(self, instant_us: int) -> int:
        """The local day of an instant."""
        return local(self.zone, instant_us).toordinal()

    def _day(self, ordinal: int) -> Day:
        known = self._days.get(ordinal)
        if known is None:
            day = date.fromordinal(ordinal)
            spans = tuple(self._spans(day, self.hours_of(day)))
            known = self._days[ordinal] = Day(spans, sum(end - begin for begin, end in spans))
        return known

    def _spans(self, day: date, hours: Hours) -> Iterator[tuple[int, int]]:
        if not hours:
            return
        first_us = instant(self.zone, day, 0)
        next_us = instant(self.zone, day + timedelta(days=1), 0)
        if next_us - first_us == 1440 * _MINUTE_US:
            for begin, end in hours:
                yield first_us + begin * _MINUTE_US, first_us + end * _MINUTE_US
        else:
            yield from self._walked(day, hours, first_us, next_us)

    def _walked(
        self, day: date, hours: Hours, first_us: int, next_us: int
    ) -> Iterator[tuple[int, int]]:
        """The spans of a day on which the clocks change."""
        begun: int | None = None
        for at_us in range(first_us, next_us, _MINUTE_US):
            clock = local(self.zone, at_us)
            minute = clock.hour * 60 + clock.minute
            works = clock.date() == day and any(b <= minute < e for b, e in hours)
            if works and begun is None:
                begun = at_us
            elif not works and begun is not None:
                yield begun, at_us
                begun = None
        if begun is not None:
            yield begun, next_us


def local(zone: ZoneInfo, instant_us: int) -> datetime:
    """An instant as the clocks of a zone show it."""
    return (_EPOCH + timedelta(microseconds=instant_us)).astimezone(zone)


def instant(zone: ZoneInfo, day: date, minute: int) -> int:
    """The instant at which the clocks of a zone show a minute of a day (the first, if twice)."""
    clock = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minute)
    return (clock.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _minutes(hours: Hours) -> int:
    return sum(end - begin for begin, end in hours)
