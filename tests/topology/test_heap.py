"""What a burst took goes back to the system, though something else lies above it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from topologies import heap

PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_free_memory_between_what_is_in_use_is_given_back() -> None:
    burst = [os.urandom(700) for _ in range(200_000)]  # 150 MB, in pieces like states and records
    full = resident_mb()
    kept = burst[::40]
    del burst
    heap.give_back()
    assert resident_mb() < full - 50
    assert len(kept) == 5_000
