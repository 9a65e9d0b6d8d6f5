"""The small words of the model language: durations, shares, days, points, names.

Each knows its text form, its JSON Schema and the sentence for what is no such word. Durations
become microseconds, days stay dates: the domain's units.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS_US: Final = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
MAX_DURATION_US: Final = 100 * 366 * _UNITS_US["d"]  # sums of times must stay below 2^63
DURATION_PATTERN: Final = r"^[0-9]{1,9}(s|m|h|d|w)$"
WEIGHT_PATTERN: Final = r"^-?[a-z][a-z0-9_]*$"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


def refuse(kind: str, message: str, remedy: str) -> PydanticCustomError:
    """An error whose text is already what the author of the model reads."""
    context = {"message": message, "remedy": remedy}
    return PydanticCustomError(f"model_{kind}", "{message} → {remedy}", context)


def parse_duration(value: object) -> int:
    """`90s 15m 24h 7d 2w` → µs."""
    if isinstance(value, str) and re.fullmatch(DURATION_PATTERN, value):
        duration_us = int(value[:-1]) * _UNITS_US[value[-1]]
        if duration_us <= MAX_DURATION_US:
            return duration_us
    raise refuse("duration", f"`{value}` is no duration", "write such as 90s, 15m, 24h, 7d or 2w")


def parse_positive_duration(value: object) -> int:
    """A duration longer than nothing."""
    duration_us = parse_duration(value)
    if duration_us == 0:
        raise refuse("duration", f"`{value}` is no time at all", "write such as 15m, 24h or 7d")
    return duration_us


def format_duration(duration_us: int) -> str:
    """µs → a form that the language reads back to the same: `14d`, `36h`, `90s`. Never weeks."""
    for unit in ("d", "h", "m"):
        if duration_us and duration_us % _UNITS_US[unit] == 0:
            return f"{duration_us // _UNITS_US[unit]}{unit}"
    return f"{duration_us // _UNITS_US['s']}s"


def parse_share(value: object) -> float:
    """`15%` or 0.15 → 0.15; more than nothing, at most all."""
    share = -1.0
    if isinstance(value, str) and re.fullmatch(r"^[0-9]{1,3}(\.[0-9]+)?%$", value):
        share = float(value[:-1]) / 100
    elif isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value)
    if not 0 < share <= 1:
        raise refuse("share", f"`{value}` is no share of the points", "write such as 15%")
    return share


def parse_points(value: object) -> float | str:
    """A number, a weight's name, or `-name`. Names are resolved where the weights are known."""
    if isinstance(value, str) and re.fullmatch(WEIGHT_PATTERN, value):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e6:
        return float(value)
    remedy = "write a number such as 12 or -4.5, or the name of a weight such as strong or -strong"
    raise refuse("points", f"`{value}` is no number of points", remedy)


def parse_day(value: object) -> date:
    """`2026-10-01` → a date."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refuse("day", f"`{value}` is no day of the calendar", "write such as 2026-10-01")


def parse_number(value: object) -> float:
    """A plain number; `true` is none, and neither is "12" in quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e9:
        return float(value)
    raise refuse("number", f"`{value}` is no number", "write it in digits, without quotes: 12.5")


_DURATION_SCHEMA = {"type": "string", "pattern": DURATION_PATTERN, "examples": ["24h", "7d"]}

Duration = Annotated[int, BeforeValidator(parse_duration), WithJsonSchema(_DURATION_SCHEMA)]
PositiveDuration = Annotated[
    int, BeforeValidator(parse_positive_duration), WithJsonSchema(_DURATION_SCHEMA)
]
Number = Annotated[float, BeforeValidator(parse_number)]
AtLeastZero = Annotated[float, Field(ge=0), BeforeValidator(parse_number)]
AtMostZero = Annotated[float, Field(le=0), BeforeValidator(parse_number)]
MoreThanZero = Annotated[float, Field(gt=0), BeforeValidator(parse_number)]
Share = Annotated[
    float,
    BeforeValidator(parse_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]+)?%$"},
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            ],
            "examples": ["15%"],
        }
    ),
]
Points = Annotated[
    float | str,
    BeforeValidator(parse_points),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": WEIGHT_PATTERN}]}),
]
Day = Annotated[
    date,
    BeforeValidator(parse_day),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-10-01"]}),
]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Of things that the model names: rules, dimensions, groups."""
Word = Annotated[str, Field(min_length=1, max_length=256)]
"""Of things that publishers name, in any script: behaviours and attributes."""
