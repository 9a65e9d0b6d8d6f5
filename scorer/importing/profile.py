"""What the cells of one column look like. Counts and parses, decides nothing about meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from scorer.importing.cells import (
    GROUPED_BY_DOT,
    MISSING,
    clean,
    parse_bool,
    parse_number,
    writes_decimal_comma,
)
from scorer.importing.dates import EXCEL_EPOCH, ORDERED, parse_time
from scorer.importing.records import Row

MAX_ROWS: Final = 200_000  # of a larger file the beginning is looked at
SAMPLE: Final = 2_000  # distinct cells that are parsed; more would change no decision
MOST: Final = 0.98  # a column is of a kind when so many of its distinct cells are

MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
PHONE: Final = re.compile(r"(?:\+|00|\()?\d[\d\s()./-]{6,18}\d(?:\s*(?:x|ext\.?)\s*\d+)?")
UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
CODE: Final = re.compile(r"0\d+|\d{16,}")
URL: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
ADDRESS_OF_MACHINE: Final = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}", re.IGNORECASE
)


@dataclass
class Profile:
    """One column: its name, how many rows it has, and its cells that say something."""

    name: str
    rows: int
    counts: Counter[str] = field(repr=False)  # of the cells that are not empty
    empty_words: Counter[str] = field(repr=False)  # "Select", "N/A", … that stand for nothing

    @property
    def filled(self) -> int:
        return self.counts.total()

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @cached_property
    def sample(self) -> list[str]:
        return [cell for cell, _ in self.counts.most_common(SAMPLE)]

    @property
    def unique(self) -> bool:
        return self.filled == self.rows == self.distinct

    @cached_property
    def is_boolean(self) -> bool:
        return 1 <= self.distinct <= 4 and all(parse_bool(cell) is not None for cell in self.counts)

    @cached_property
    def decimal(self) -> str:
        """`,` when some cells are numbers only so (`12,5`), or group by points (`1.200` among `35`)."""
        pointed = [cell for cell in self.sample if "." in cell]
        grouped = all(GROUPED_BY_DOT.fullmatch(cell) and cell[0] != "0" for cell in pointed)
        by_points = bool(pointed) and grouped and any(cell.isdigit() for cell in self.sample)
        continental = by_points or any(map(writes_decimal_comma, self.sample))
        return "," if continental and self._numbers(",") else "."

    @cached_property
    def is_number(self) -> bool:
        """Whether the cells are quantities. `00042` is a code, and so are sixteen digits."""
        codes = any(CODE.fullmatch(cell) for cell in self.sample)
        return not codes and self._numbers(self.decimal)

    @cached_property
    def not_numbers(self) -> list[str]:
        """The few cells of a numeric column that are no numbers."""
        return [cell for cell in self.counts if parse_number(cell, self.decimal) is None]

    @cached_property
    def is_count(self) -> bool:
        """Whole numbers from zero on, as visits and calls are counted."""
        numbers = [parse_number(cell, self.decimal) for cell in self.sample]
        known = [number for number in numbers if number is not None]
        return self.is_number and all(
            isinstance(number, int) and 0 <= number < 10_000 for number in known
        )

    def share(self, pattern: re.Pattern[str]) -> float:
        """The share of distinct cells that are wholly of a pattern."""
        return sum(1 for cell in self.sample if pattern.fullmatch(cell)) / max(len(self.sample), 1)

    @cached_property
    def mean_words(self) -> float:
        return sum(len(cell.split()) for cell in self.sample) / max(len(self.sample), 1)

    @cached_property
    def mean_chars(self) -> float:
        return sum(map(len, self.sample)) / max(len(self.sample), 1)

    def _numbers(self, decimal: str) -> bool:
        good = sum(1 for cell in self.sample if parse_number(cell, decimal) is not None)
        few = len(self.sample) - good <= 2 and len(self.sample) >= 20
        return good > 0 and (good == len(self.sample) or few or good / len(self.sample) >= MOST)

    def time_formats(self, *, named_like_time: bool) -> list[str]:
        """The formats under which (nearly) all cells are times, the likeliest first."""
        forms: list[str] = list(ORDERED)
        if self.is_number:
            forms = _number_times(self.sample, self.decimal, named_like_time)
        zone, sample = ZoneInfo("UTC"), self.sample
        fits = [
            form for form in forms if sample and _hits(sample, form, zone) >= 0.95 * len(sample)
        ]
        if fits or self.is_number:
            return fits
        mixed = [form for form in forms if _hits(sample, form, zone) > 0.2 * len(sample)]
        together = sum(
            1 for cell in sample if any(parse_time(cell, form, zone) is not None for form in mixed)
        )
        return [" ".join(mixed)] if mixed and together >= 0.95 * len(sample) else []


def _hits(sample: Sequence[str], form: str, zone: ZoneInfo) -> int:
    return sum(1 for cell in sample if parse_time(cell, form, zone) is not None)


def _number_times(sample: Sequence[str], decimal: str, named_like_time: bool) -> list[str]:
    """Numbers that may be times: 20240501, epochs of 2001 to 2065, and serials if the name says so."""
    numbers = [n for cell in sample if isinstance(n := parse_number(cell, decimal), int | float)]
    if not numbers:
        return []
    low, high = min(numbers), max(numbers)
    if 1.0e9 <= low <= high < 3.0e9:
        return ["epoch_s"]
    if 1.0e12 <= low <= high < 3.0e12:
        return ["epoch_ms"]
    if 19_700_101 <= low <= high <= 21_001_231 and all(len(cell) == 8 for cell in sample):
        return ["ymd"]
    serials = 20_000 <= low <= high < 75_000  # from 1954 to 2105, counted from EXCEL_EPOCH
    return ["excel"] if serials and named_like_time and EXCEL_EPOCH.year == 1899 else []


def profile(columns: Sequence[str], rows: Iterable[object]) -> list[Profile]:
    """Look at all rows (the first 200,000) and describe every column."""
    counts: list[Counter[str]] = [Counter() for _ in columns]
    blanks: list[Counter[str]] = [Counter() for _ in columns]
    seen = 0
    for row in rows:
        if not isinstance(row, Row):
            continue
        for number, cell in enumerate(row.cells):
            text = clean(cell)
            if text:
                (blanks if text.casefold() in MISSING else counts)[number][text] += 1
        seen += 1
        if seen >= MAX_ROWS:
            break
    return [Profile(name, seen, counts[n], blanks[n]) for n, name in enumerate(columns)]
