"""The small words of the follow-up section: spans that keep their unit, hours of a day, clock times.

Knows their text forms and what is no such word. A span keeps its unit because a day of working time
is as long as the calendar says.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from scorer.contracts.model.scalars import DURATION_PATTERN, parse_positive_duration, refuse

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS: Final = "|".join(WEEKDAYS)
DAYS_PATTERN: Final = rf"^({_DAYS})(-({_DAYS}))?$"
_TIME: Final = r"([01]?[0-9]|2[0-4]):([0-5][0-9])"
_END_OF_DAY: Final = 24 * 60


def parse_span(value: object) -> str:
    """`15m`, `3d`: a duration longer than nothing, kept as it is written."""
    parse_positive_duration(value)
    return str(value)


def minutes_of(text: str) -> int | None:
    """`09:30` → 570; None for what is no time of day."""
    found = re.fullmatch(_TIME, text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else _END_OF_DAY + 1
    return minute if minute <= _END_OF_DAY else None


def parse_hours(value: object) -> str:
    """`09:00-12:00`: from before to, within one day."""
    if isinstance(value, str):
        begin, _, end = value.partition("-")
        first, last = minutes_of(begin), minutes_of(end)
        if first is not None and last is not None and first < last:
            return value
    raise refuse("hours", f"`{value}` are no hours of a day", "write such as 09:00-18:00")


def hours_of(text: str) -> tuple[int, int]:
    """`09:00-12:00` → (540, 720), of a text that `parse_hours` has let pass."""
    begin, _, end = text.partition("-")
    return minutes_of(begin) or 0, minutes_of(end) or 0


def parse_clock(value: object) -> str:
    """`02:00`: a time of day."""
    minute = minutes_of(value) if isinstance(value, str) else None
    if minute is None or minute == _END_OF_DAY:
        raise refuse("clock", f"`{value}` is no time of day", 'write it in quotes: "02:00"')
    return str(value)


def weekdays_of(text: str) -> list[int]:
    """`mon-fri` → [0, 1, 2, 3, 4]; `sat-mon` goes over the end of the week."""
    first, _, last = text.partition("-")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


Span = Annotated[
    str,
    BeforeValidator(parse_span),
    WithJsonSchema(
        {"type": "string", "pattern": DURATION_PATTERN, "examples": ["15m", "24h", "7d"]}
    ),
]
HourSpan = Annotated[
    str,
    BeforeValidator(parse_hours),
    WithJsonSchema(
        {"type": "string", "pattern": rf"^{_TIME}-{_TIME}$", "examples": ["09:00-18:00"]}
    ),
]
ClockTime = Annotated[
    str,
    BeforeValidator(parse_clock),
    WithJsonSchema({"type": "string", "pattern": rf"^{_TIME}$", "examples": ["02:00"]}),
]
DayRange = Annotated[str, Field(pattern=DAYS_PATTERN)]
