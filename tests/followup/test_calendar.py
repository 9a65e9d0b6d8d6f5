"""Working time: worked examples, clock changes, and a minute-by-minute oracle (F11)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.domain.followup.calendar import NEVER_US, WorkingTime, local
from tests.followup.given import (
    HOUR_US,
    MINUTE_US,
    SHANGHAI,
    WITH_BREAK,
    at,
    office,
    shown,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = tuple(
    ZoneInfo(name)
    for name in ("UTC", "Asia/Shanghai", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe")
)


def test_f11_friday_evening_plus_four_working_hours_is_monday_noon() -> None:
    """Friday 17:50 + 4 h = Monday 12:50, with 09:00 to 18:00."""
    due = office().add(at("2026-03-27 17:50"), 4 * HOUR_US)

    assert shown(due) == "2026-03-30 12:50"


def test_f11_a_break_is_no_working_time() -> None:
    """The same with a break from 12:00 to 13:00 is Monday 13:50."""
    due = office(week=WITH_BREAK).add(at("2026-03-27 17:50"), 4 * HOUR_US)

    assert shown(due) == "2026-03-30 13:50"


@pytest.mark.parametrize("friday", ["2026-03-27 17:50", "2026-10-23 17:50"])
def test_f11_nine_o_clock_is_nine_o_clock_on_both_sides_of_a_clock_change(friday: str) -> None:
    """Clocks change in Berlin on the Sunday between; the hours on the wall stay."""
    due = office(BERLIN).add(at(friday, BERLIN), 4 * HOUR_US)

    assert shown(due, BERLIN)[-5:] == "12:50"  # type: ignore[index]


def test_f11_hours_across_a_clock_change_are_hours_that_really_pass() -> None:
    """A night shift in which 02:00 to 03:00 does not exist is an hour shorter."""
    night = office(BERLIN, {6: ((0, 6 * 60),)})

    assert (
        night.between(at("2026-03-29 00:00", BERLIN), at("2026-03-29 12:00", BERLIN)) == 5 * HOUR_US
    )
    assert (
        night.between(at("2026-10-25 00:00", BERLIN), at("2026-10-25 12:00", BERLIN)) == 7 * HOUR_US
    )


def test_f11_holidays_rest_and_make_up_days_work() -> None:
    """National Day 2026: Friday 09-25 is off, and Sunday 09-20 is worked in its stead."""
    national = office(
        SHANGHAI,
        holidays=frozenset({date(2026, 9, 25)}),
        workdays=frozenset({date(2026, 9, 20)}),
    )

    assert (
        shown(national.add(at("2026-09-24 17:00", SHANGHAI), 2 * HOUR_US), SHANGHAI)
        == "2026-09-28 10:00"
    )
    assert (
        shown(national.add(at("2026-09-18 17:00", SHANGHAI), 2 * HOUR_US), SHANGHAI)
        == "2026-09-20 10:00"
    )


def test_an_addition_that_ends_with_the_day_ends_there_and_not_the_next_morning() -> None:
    """9 hours from 09:00 are over at 18:00."""
    assert shown(office().add(at("2026-03-30 09:00"), 9 * HOUR_US)) == "2026-03-30 18:00"


def test_a_calendar_without_working_time_never_comes_to_an_end() -> None:
    """Instead of searching for ever, the addition says so."""
    assert office(week={}).add(at("2026-03-30 09:00"), HOUR_US) == NEVER_US


spans = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=4, unique=True).map(
    lambda ends: tuple(
        (a, b) for a, b in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False) if a < b
    )
)
days_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
calendars = st.builds(
    lambda zone, week, off, on: WorkingTime(zone, week, holidays=off, workdays=on),
    st.sampled_from(ZONES),
    st.dictionaries(st.integers(0, 6), spans, max_size=7),
    st.frozensets(days_2026, max_size=20),
    st.frozensets(days_2026, max_size=20),
)
# The two weeks around clock changes in three of the zones, and one around the turn of the year.
starts = st.sampled_from(["2026-03-27", "2026-04-03", "2026-04-22", "2026-10-23", "2026-12-30"])


def works(calendar: WorkingTime, at_us: int) -> bool:
    """The oracle: whether a minute is working time, by its clock on the wall alone."""
    clock = local(calendar.zone, at_us)
    hours = calendar.week.get(clock.weekday(), ())
    if clock.date() in calendar.workdays:
        hours = hours or calendar.make_up
    elif clock.date() in calendar.holidays:
        hours = ()
    minute = clock.hour * 60 + clock.minute
    return any(begin <= minute < end for begin, end in hours)


@settings(max_examples=150, deadline=None)
@given(calendars, starts, st.integers(0, 3 * 1440), st.integers(0, 5 * 1440))
def test_f11_working_time_agrees_with_a_walk_from_minute_to_minute(
    calendar: WorkingTime, start: str, offset: int, length: int
) -> None:
    """What lies between two instants is the number of minutes that work; adding it back is exact."""
    first = at(f"{start} 00:00") + offset * MINUTE_US
    minutes = [first + n * MINUTE_US for n in range(length)]
    worked = [minute for minute in minutes if works(calendar, minute)]

    assert calendar.between(first, first + length * MINUTE_US) == len(worked) * MINUTE_US
    if worked:
        assert calendar.add(first, len(worked) * MINUTE_US) == worked[-1] + MINUTE_US


@given(calendars, st.integers(0, 10**15), st.integers(1, 10**11), st.integers(1, 10**11))
def test_adding_in_two_steps_is_adding_at_once(
    calendar: WorkingTime, start: int, first: int, second: int
) -> None:
    """Working time is a measure: no instant is counted twice or lost at a seam."""
    middle = calendar.add(start, first)
    if middle < NEVER_US:
        assert calendar.add(middle, second) == calendar.add(start, first + second)
