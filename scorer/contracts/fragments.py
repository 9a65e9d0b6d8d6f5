"""Pieces of JSON as text: points, instants, strings. Knows no event.

To the byte what msgspec writes for the same values, at a fifth of its cost: points are whole cents, of
which most lie in a table, and most instants of a minute share their day.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Final

import msgspec

from scorer.contracts.instants import DAY_US, LAST_US, to_datetime

_JSON: Final = msgspec.json.Encoder()
_CENTS: Final = [_JSON.encode(cents / 100).decode() for cents in range(20_001)]
_LAST_CENT: Final = 20_000
_FLOAT_EXACT: Final = 1e12
"""Points below which a hundredth of a point is still exact in a float."""
_TWO: Final = [f"{n:02}" for n in range(60)]
_THREE: Final = [f"{n:03}" for n in range(1_000)]
_DAYS_KEPT: Final = 10_000
_days: dict[int, str] = {}


def quoted(text: str) -> str:
    """A string as JSON, with its quotation marks."""
    return encode_basestring(text)


def number(value: float) -> str:
    """A float as JSON."""
    return _JSON.encode(value).decode()


def hundredths(points: float) -> str:
    """Points to 0.01, and never -0.0.

    Differs from `round` in exact ties alone, and values rounded before stay as they are.
    """
    if not -_FLOAT_EXACT < points < _FLOAT_EXACT:
        return number((points * 100 + 0.5) // 1 / 100)
    raised = points * 100.0 + 0.5
    cents = int(raised)
    if raised < float(cents):
        cents -= 1  # the floor, also below nought
    if 0 <= cents <= _LAST_CENT:
        return _CENTS[cents]
    if -_LAST_CENT <= cents < 0:
        return "-" + _CENTS[-cents]
    return number(cents / 100)


def instant(instant_us: int) -> str:
    """µs since the epoch as RFC 3339 in UTC, with its quotation marks."""
    if instant_us < 0:
        return f'"{_written(instant_us)}"'
    day = instant_us // DAY_US
    date = _days.get(day)
    if date is None:
        if len(_days) >= _DAYS_KEPT:
            _days.clear()
        date = _days[day] = '"' + _written(day * DAY_US)[:11]
    rest = instant_us % DAY_US
    seconds = rest // 1_000_000
    micros = rest - seconds * 1_000_000
    minutes = seconds // 60
    hours = minutes // 60
    time = f"{_TWO[hours]}:{_TWO[minutes - hours * 60]}:{_TWO[seconds - minutes * 60]}"
    if micros == 0:
        return f'{date}{time}Z"'
    millis = micros // 1_000
    return f'{date}{time}.{_THREE[millis]}{_THREE[micros - millis * 1_000]}Z"'


def instant_or_null(instant_us: int | None) -> str:
    """Null also for what lies beyond the calendar: a decay that takes 8,000 years has no date."""
    return "null" if instant_us is None or instant_us > LAST_US else instant(instant_us)


def _written(instant_us: int) -> str:
    return _JSON.encode(to_datetime(instant_us)).decode()[1:-1]
