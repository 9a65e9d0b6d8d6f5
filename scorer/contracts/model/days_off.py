"""Public holidays and make-up working days of a country. Knows the library that keeps them.

`holidays` (docs/decisions/public-holidays.md) is imported only when a model names a country: it
takes a tenth of a second. The years are fixed, so that the same file always means the same days.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final, NamedTuple

YEARS: Final = range(2015, 2041)


class DaysOff(NamedTuple):
    """What a country says about its days."""

    holidays: frozenset[date]
    workdays: frozenset[date]  # weekends that are worked in the stead of a holiday


@cache
def days_off(code: str) -> DaysOff:
    """The days of a country (`CN`) or of a part of one (`DE-BY`)."""
    import holidays  # noqa: PLC0415  (a tenth of a second, for who names a country)

    country, _, part = code.partition("-")
    days = holidays.country_holidays(country, subdiv=part or None, years=YEARS)
    return DaysOff(frozenset(days), frozenset(days.weekend_workdays))


@cache
def known(code: str) -> bool:
    """Whether there is such a country, or such a part of it."""
    import holidays  # noqa: PLC0415  (a tenth of a second, for who names a country)

    country, _, part = code.partition("-")
    supported = holidays.list_supported_countries()
    return country in supported and (not part or part in supported[country])
