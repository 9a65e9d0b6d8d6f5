"""Dates and times as files write them. Knows formats and time zones, knows no columns, no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# 1900 as Excel counts it, its invented leap day included; in whatever zone the column is.
EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001
MICROSECOND: Final = timedelta(microseconds=1)
EARLIEST_YEAR: Final = 1970
LATEST_YEAR: Final = 2200

ORDERED: Final = ("ymd", "dmy", "mdy")
NAMED_FORMATS: Final = (*ORDERED, "epoch_s", "epoch_ms", "excel")
"""Formats with a name of their own; anything else must be a strptime pattern with `%`."""

_DATE: Final = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?![\d/])")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?=$|[T ])")
_CHINESE: Final = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?")
_DAY_MONTH: Final = re.compile(
    r"(?:[^\W\d]{2,9},?\s+)?(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+([^\W\d]{3,9})\.?,?[\s-]+(\d{2,4})"
)
_MONTH_DAY: Final = re.compile(
    r"(?:[^\W\d]{2,9},?\s+)?([^\W\d]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
_TIME: Final = re.compile(
    r"(?:[T,\s]\s*)?(上午|下午)?\s*(\d{1,2})(?:[:h时時点](\d{2}))(?:[:分](\d{2})秒?)?(?:[.,](\d{1,9}))?分?"
    r"\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan ene janv gen янв", "feb fév fev févr фев", "mar mär mrz mars мар", "apr abr avr апр", "may mai mag мая",
            "jun jui juin giu июн", "jul juil lug июл", "aug ago aoû août авг", "sep set sept сен", "oct okt out ott окт",
            "nov ноя", "dec dez dic déc дек",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip


def parse_time(text: str, form: str, zone: ZoneInfo) -> int | None:
    """The instant in µs since the epoch, None when the text is not of this form."""
    try:
        moment = _moment(text.strip(), form)
    except (ValueError, OverflowError):
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if not EARLIEST_YEAR <= aware.year <= LATEST_YEAR:
        return None
    return max(0, (aware - EPOCH) // MICROSECOND)


def _moment(text: str, form: str) -> datetime | None:
    if "%" in form:
        return datetime.strptime(text, form)  # noqa: DTZ007  # the caller gives it the column's zone
    if form in ("epoch_s", "epoch_ms"):
        seconds = float(text.replace(",", "")) / (1000 if form == "epoch_ms" else 1)
        return EPOCH + timedelta(seconds=seconds)
    if form == "excel":
        return EXCEL_EPOCH + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))
    return _written(text, form)


def _written(text: str, order: str) -> datetime | None:
    """A date written out in the given order, with or without a time of day and an offset."""
    date, rest = _date(text, order)
    if date is None:
        return None
    if not rest.strip(" \t,T"):
        return date
    match = _TIME.fullmatch(rest)
    if match is None:
        return None
    half, hour, minute, second, fraction, meridiem, offset = match.groups()
    hours = int(hour)
    afternoon = half == "下午" or (meridiem or "").lower() == "p"
    if half or meridiem:
        hours = hours % 12 + (12 if afternoon else 0)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    moment = date.replace(
        hour=hours, minute=int(minute), second=int(second or 0), microsecond=micro
    )
    if offset is None:
        return moment
    zone = "+00:00" if offset in ("Z", "UTC", "GMT") else offset
    return datetime.fromisoformat(moment.isoformat() + zone)


def _date(text: str, order: str) -> tuple[datetime | None, str]:
    if match := (_COMPACT.match(text) or _CHINESE.match(text)) if order == "ymd" else None:
        year, month, day = map(int, match.groups())
    elif match := _DATE.match(text):
        first, _, second, third = match.groups()
        if len(third) == 3 or len(first) == 3:
            return None, ""
        written = "ymd" if len(first) == 4 else order  # nobody writes year-day-month
        parts = dict(zip(written, (first, second, third), strict=True))
        if (len(parts["y"]) > 2) != (len(max(first, third, key=len)) > 2):
            return None, ""
        year, month, day = _full_year(parts["y"]), int(parts["m"]), int(parts["d"])
    elif match := _DAY_MONTH.match(text) or _MONTH_DAY.match(text):
        named = match.re is _MONTH_DAY
        name = match.group(1 if named else 2)
        month = _MONTHS.get(name.casefold(), _MONTHS.get(name.casefold()[:3], 0))
        year, day = _full_year(match.group(3)), int(match.group(2 if named else 1))
    else:
        return None, ""
    return datetime(year, month, day), text[match.end() :]  # noqa: DTZ001  # zone follows


def _full_year(text: str) -> int:
    """Two digits mean 1970 to 2069, as POSIX has it (68 and 69 apart)."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)
