"""Free memory back to the system, and a collector that looks seldom. Knows CPython's and glibc's allocators.

A rebalance or a backlog takes tens of megabytes for seconds. glibc keeps them: what is free lies between
what is not, and only the top of a heap is given back by itself. A worker that had lived for a quarter of
an hour among kills and outages held 128 MB there, of which 60 were free. Elsewhere that does nothing.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 10
"""Giving back takes 2 ms for 10 MB, in which nothing else runs; taking the pages again costs as much."""


def _found() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # musl, macOS, Windows
        return None
    return trim


_trim: Final = _found()


def give_back() -> None:
    """Return the pages that nothing uses."""
    if _trim is not None:
        _trim(0)


def spare_the_collector() -> None:
    """Leads are many small objects without cycles: looking for cycles among them is for nothing.

    With Python's own thresholds it takes 28 to 67 µs an event, and up to 370 ms at a time; so, 1 to
    2 µs and 30 to 80 ms, seldom. Memory is the same: reference counts free what is freed.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
    gc.enable()
