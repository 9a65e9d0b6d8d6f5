"""Which calendar day an instant is on, remembered by quarters of an hour, is what the calendar says (C6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorer.domain.limits import local_day

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Shanghai",
        "Asia/Kathmandu",  # 5:45 ahead
        "America/Sao_Paulo",  # summer time began at midnight
        "America/Scoresbysund",  # and ended at it
        "Pacific/Apia",  # left a day out
        "Australia/Lord_Howe",  # half an hour of summer time
        "Africa/Monrovia",  # 44:30 behind, until 1972
    )
]
MICROSECOND = timedelta(microseconds=1)


def us(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND


@settings(max_examples=400)
@given(
    st.sampled_from(ZONES),
    st.integers(0, 2**31).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.lists(st.integers(-1_800_000_000, 1_800_000_000), max_size=4),
)
@example(ZoneInfo("Pacific/Apia"), datetime(2011, 12, 30, 10, tzinfo=UTC), [-1, 0, 1])
@example(ZoneInfo("Africa/Monrovia"), datetime(1971, 6, 1, 0, 40, tzinfo=UTC), [0])
@example(ZoneInfo("America/Sao_Paulo"), datetime(2018, 11, 4, 3, tzinfo=UTC), [-1, 0, 1])
def test_c6_a_remembered_day_is_the_day_of_the_calendar(
    zone: ZoneInfo, instant: datetime, beside: list[int]
) -> None:
    """At the instant, around it, and at the midnights on both sides."""
    local = instant.astimezone(zone)
    midnights = [
        local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=n) for n in (0, 1)
    ]
    for around in (instant, *(m.astimezone(UTC) for m in midnights)):
        for microseconds in (-1, 0, 1, *beside):
            at = around + microseconds * MICROSECOND
            assert local_day(us(at), zone) == at.astimezone(zone).toordinal()
