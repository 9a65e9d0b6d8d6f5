"""Instants lose nothing between the wire and the domain."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scorer.contracts.instants import LAST_US, to_datetime, to_us

ALL = st.integers(to_us(datetime.min.replace(tzinfo=UTC)), LAST_US)
OURS = st.integers(0, to_us(datetime(2100, 1, 1, tzinfo=UTC)))


@given(ALL | OURS)
def test_microseconds_survive_the_calendar(instant_us: int) -> None:
    assert to_us(to_datetime(instant_us)) == instant_us


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_calendar_survives_microseconds(instant: datetime) -> None:
    assert to_datetime(to_us(instant)) == instant
