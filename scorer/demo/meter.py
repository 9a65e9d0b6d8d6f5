"""Events per second, as a person wants to read it: steady, and of the last few seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW: Final = 5


class Meter:
    """The slope of a counter over its last readings."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, int]] = deque(maxlen=WINDOW + 1)

    def read(self, at_s: float, count: int) -> float:
        """Take a reading; returns the events per second since the oldest one kept."""
        self._readings.append((at_s, count))
        first_s, first = self._readings[0]
        return (count - first) / (at_s - first_s) if at_s > first_s else 0.0
