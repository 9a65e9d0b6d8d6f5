"""The words for time in a story: `day 3 14:00`, `+2h`, `2026-03-04 14:00`. Knows no events.

Day 1 is the story's start; `day 3` alone is the same time of day two calendar days later. Days are
those of the story's time zone, `+24h` is time that has passed: they differ when clocks change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, WithJsonSchema

from scorer.contracts.instants import to_datetime, to_us
from scorer.contracts.model.scalars import parse_duration, refuse

_TIME: Final = r"(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)"
_DAY: Final = re.compile(rf"day (?P<day>\d{{1,5}})(?: +{_TIME})?")
_AFTER: Final = re.compile(r"\+ *\d+[smhdw](?: +\d+[smhdw])*")
_DATE: Final = re.compile(
    rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})(?:[T ]+{_TIME}(?P<zone>Z|[+-]\d{{2}}:\d{{2}})?)?"
)
_REMEDY: Final = "write such as `day 3 14:00`, `+2h` (after the step before) or `2026-03-04 14:00`"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where a story stands in time."""

    start_us: int
    zone: ZoneInfo

    def instant(self, text: str, previous_us: int) -> int:
        """The instant that the words mean; `previous_us` is that of the step before."""
        if found := _DAY.fullmatch(text):
            start = self.local(self.start_us)
            day = start.date() + timedelta(days=int(found["day"]) - 1)
            return self._at(day, _time(found["time"]) if found["time"] else start.time())
        if _AFTER.fullmatch(text):
            return previous_us + after_us(text)
        return moment_us(text, self.zone)

    def day(self, instant_us: int) -> int:
        """The day of the story: 1 on the day of its start."""
        return (self.local(instant_us).date() - self.local(self.start_us).date()).days + 1

    def local(self, instant_us: int) -> datetime:
        """The instant as the clock on the wall shows it."""
        return to_datetime(instant_us).astimezone(self.zone)

    def words(self, instant_us: int) -> str:
        """`day 3 14:00`; seconds only where there are any."""
        local = self.local(instant_us)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"day {self.day(instant_us)} {clock}"

    def _at(self, day: date, clock: time) -> int:
        return to_us(datetime.combine(day, clock, self.zone).astimezone(UTC))


def moment_us(text: str, zone: ZoneInfo | None = None) -> int:
    """An instant that stands for itself: a date, a date and a time, with or without an offset."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise refuse("moment", f"`{text}` is no moment", _REMEDY)
    moment = f"{found['date']}T{_time(found['time'] or '0:00').isoformat()}"
    local = datetime.fromisoformat(moment + (found["zone"] or "").replace("Z", "+00:00"))
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone or UTC)
    return to_us(local.astimezone(UTC))


def after_us(text: str) -> int:
    """`+1d 2h` → µs."""
    return sum(parse_duration(part) for part in re.findall(r"\d+[smhdw]", text))


def _time(text: str) -> time:
    hour, rest = text.split(":", 1)
    seconds, dot, part = rest.partition(".")
    return time.fromisoformat(f"{int(hour):02}:{seconds}{dot}{part.ljust(6, '0') if dot else ''}")


def _moment(text: str) -> str:
    """The words, when they mean an instant."""
    try:
        Calendar(0, ZoneInfo("UTC")).instant(text, 0)
    except (ValueError, OverflowError):
        raise refuse("moment", f"`{text}` is no moment", _REMEDY) from None
    return text


def _absolute(text: str) -> str:
    try:
        moment_us(text)
    except (ValueError, OverflowError):
        raise refuse(
            "moment", f"`{text}` is no date and time", "write such as 2026-03-02 09:00"
        ) from None
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("zone", f"`{name}` is no time zone", "write such as Asia/Shanghai") from None
    return name


_SCHEMA: Final = {"type": "string", "examples": ["day 3 14:00", "+2h", "2026-03-04 14:00"]}
Moment = Annotated[str, AfterValidator(_moment), WithJsonSchema(_SCHEMA)]
Start = Annotated[
    str,
    AfterValidator(_absolute),
    WithJsonSchema({"type": "string", "examples": ["2026-03-02 09:00"]}),
]
Zone = Annotated[str, AfterValidator(_zone)]
