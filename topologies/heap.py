"""Free memory back to the system. Knows glibc's allocator; elsewhere it does nothing.

A rebalance or a backlog takes tens of megabytes for seconds. glibc keeps them: what is free lies between
what is not, and only the top of a heap is given back by itself. A worker that had lived for a quarter of
an hour among kills and outages held 128 MB there, of which 60 were free.
"""

from __future__ import annotations

import ctypes
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
