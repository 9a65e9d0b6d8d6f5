"""Instants on the wire (RFC 3339) and in the domain (µs since the epoch). Knows no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

DAY_US: Final = 86_400_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR: Final = datetime(2020, 1, 1, tzinfo=UTC)
_NEAR_US: Final = 1_577_836_800_000_000
"""Seconds since 2020 are below 2^29 for long: their product is worked out without big integers."""
_EXACT_IN_SECONDS_US: Final = 4_000_000_000_000_000
"""Below it (the year 2096) a float of seconds is off by less than 0.25 µs, so rounding is exact."""


def to_us(instant: datetime) -> int:
    """An aware datetime as µs since the epoch; exact for every instant a datetime can hold."""
    since = instant - _NEAR
    return (since.days * 86_400 + since.seconds) * 1_000_000 + (since.microseconds + _NEAR_US)


def to_datetime(instant_us: int) -> datetime:
    """µs since the epoch as an aware datetime in UTC, which msgspec and orjson write with Z."""
    if 0 <= instant_us < _EXACT_IN_SECONDS_US:
        return datetime.fromtimestamp(instant_us / 1_000_000, UTC)  # 0.3 µs instead of 0.45
    return EPOCH + timedelta(microseconds=instant_us)


LAST_US: Final = to_us(datetime.max.replace(tzinfo=UTC))
"""The last instant that RFC 3339 can write: the end of the year 9999."""
