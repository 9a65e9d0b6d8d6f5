"""What time it is for a worker. Knows the wall clock and a faster one, knows no Kafka and no lead.

Everything below the lanes gets its time as an argument; this is where that argument comes from.
The faster clock exists for `lead-scorer demo`: weeks of silence and decay pass in a minute, through
the same lanes and the same fold as in production (docs/decisions/simulated-time.md).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Protocol

_US: Final = 1_000_000


class Clock(Protocol):
    """The worker's idea of now. Cheap, never blocks, never runs backwards on purpose."""

    def now_us(self) -> int:
        """µs since the epoch, UTC."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """The time of the machine: what every worker but the demo's uses."""

    def now_us(self) -> int:
        return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Was at `origin_us` when the wall clock was at `started_us`, and runs `scale` times as fast.

    The three numbers are handed to every process of a demo, so that the publisher, the worker and
    the view agree on the time without talking to each other.
    """

    origin_us: int
    started_us: int
    scale: float

    def now_us(self) -> int:
        elapsed_us = time.time_ns() // 1_000 - self.started_us
        return self.origin_us + int(elapsed_us * self.scale)

    def seconds_until(self, instant_us: int) -> float:
        """Real seconds until the clock shows `instant_us`; ≤ 0 when it has passed."""
        return (instant_us - self.now_us()) / self.scale / _US


def clock_for(scale: float, origin_us: int | None, started_us: int | None) -> Clock:
    """The clock that the settings `clock.scale`, `clock.origin_us` and `clock.started_us` describe."""
    if origin_us is None or started_us is None:
        return WallClock()
    return ScaledClock(origin_us, started_us, scale)
