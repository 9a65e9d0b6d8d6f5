"""Whether an occurrence counts. Knows limits, refuses to know points.

Semantics, section 3 (C6, C7): what a limit refuses is suppressed, with the reason, never lost.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

from scorer.domain.model import LimitKind
from scorer.domain.plan import LimitPlan

OBJECTS_KEPT: Final = 128
"""Objects that a `once_per_object` limit remembers: 8 bytes each keep a busy lead within 16 KiB."""

ROLLING: Final[LimitKind] = LimitKind.ROLLING
CALENDAR_DAY: Final[LimitKind] = LimitKind.CALENDAR_DAY
ONCE: Final[LimitKind] = LimitKind.ONCE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER_US: Final = 15 * 60 * 1_000_000
_QUARTERS_KEPT: Final = 10_000
_known: dict[tzinfo, dict[int, int]] = {}


def local_day(time_us: int, zone: tzinfo) -> int:
    """The calendar day of an instant in a time zone, as a proleptic day number."""
    days = _known.get(zone)
    if days is None:
        days = _known[zone] = {}
    quarter = time_us // _QUARTER_US
    day = days.get(quarter)
    if day is None:
        day = _day(quarter * _QUARTER_US, zone)
        if day != _day((quarter + 1) * _QUARTER_US - 1, zone):
            return _day(time_us, zone)  # midnight is within it
        if len(days) >= _QUARTERS_KEPT:
            days.clear()
        days[quarter] = day
    return day


def _day(time_us: int, zone: tzinfo) -> int:
    """The same, asking the calendar: twenty times what it costs to remember a quarter of an hour."""
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone(zone).toordinal()


def object_mark(name: str | None) -> str:
    """A short, stable stand-in for an object's name (64 bits)."""
    return blake2b((name or "").encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def refusal(
    limits: list[LimitPlan], memory: list[Any], time_us: int, about: str | None, zone: ZoneInfo
) -> str | None:
    """The reason why an occurrence does not count, or None; then every limit remembers it.

    `memory` holds one entry per limit and is changed only when the occurrence counts.
    """
    for i, limit in enumerate(limits):
        reason = _refuses(limit, memory[i], time_us, about, zone)
        if reason is not None:
            return reason
    for i, limit in enumerate(limits):
        memory[i] = _remember(limit, memory[i], time_us, about, zone)
    return None


def _refuses(
    limit: LimitPlan, entry: Any, time_us: int, about: str | None, zone: ZoneInfo
) -> str | None:
    kind = limit.kind
    if kind is ROLLING:
        recent = 0
        for t in entry or ():
            if t > time_us - limit.window_us:
                recent += 1
        return "rolling" if recent >= limit.count else None
    if kind is CALENDAR_DAY:
        full = entry and entry[0] == local_day(time_us, zone) and entry[1] >= limit.count
        return "calendar_day" if full else None
    if kind is ONCE:
        return "once" if entry else None
    return "once_per_object" if entry and object_mark(about) in entry else None


def _remember(limit: LimitPlan, entry: Any, time_us: int, about: str | None, zone: ZoneInfo) -> Any:
    kind = limit.kind
    if kind is ROLLING:
        kept = [t for t in entry or () if t > time_us - limit.window_us]
        return [*kept, time_us]
    if kind is CALENDAR_DAY:
        day = local_day(time_us, zone)
        return [day, entry[1] + 1] if entry and entry[0] == day else [day, 1]
    if kind is ONCE:
        return 1
    return [*(entry or ())[-(OBJECTS_KEPT - 1) :], object_mark(about)]
