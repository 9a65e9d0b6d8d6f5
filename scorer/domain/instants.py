"""Arithmetic on instants (µs). Knows no lead.

A product of two whole numbers of more than 30 bits costs compiled code 700 instructions, because it may be
larger than 64 bits; of these it never is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

GRID_US: Final = 1_000
"""Crossings are whole milliseconds: finer than the second that is promised, coarser than noise."""


def on_grid(time_us: int) -> int:
    """The last grid instant that is not after `time_us`."""
    return time_us - time_us % GRID_US


def grid_from(time_us: int) -> int:
    """The first grid instant that is not before `time_us`."""
    return time_us + -time_us % GRID_US


def times(span_us: i64, count: i64) -> i64:
    """A span so many times over; both below 292,000 years."""
    return span_us * count
