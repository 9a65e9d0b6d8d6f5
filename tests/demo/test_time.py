"""Time in a demo: a clock that runs faster, and a broker that is not asked more often than needed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from scorer.transport.clock import ScaledClock, WallClock, clock_for
from scorer.transport.patience import QUICK_ANSWERS, be_patient

HOUR_US = 3_600_000_000


def test_a_scaled_clock_shows_its_origin_when_it_starts_and_then_runs_faster() -> None:
    """Started ten real seconds ago at six hours a second, it is sixty hours ahead of its origin."""
    started_us = time.time_ns() // 1_000 - 10_000_000
    clock = ScaledClock(1_000 * HOUR_US, started_us, 6 * 3_600.0)

    passed_us = clock.now_us() - 1_000 * HOUR_US

    assert 60 * HOUR_US <= passed_us < 62 * HOUR_US
    assert clock.seconds_until(1_000 * HOUR_US) < 0 < clock.seconds_until(1_100 * HOUR_US)


def test_without_an_origin_the_time_is_that_of_the_machine() -> None:
    """No worker runs on simulated time by accident."""
    assert clock_for(1.0, None, None) == WallClock()
    assert clock_for(2.0, 5, 7) == ScaledClock(5, 7, 2.0)


class _Consumer:
    """As much of aiokafka's consumer as patience looks at; answers are news or nothing, at once."""

    def __init__(self, answers: list[bool]) -> None:
        self._fetcher = self
        self._fetch_max_wait_ms = 100
        self.answers = answers

    async def _proc_fetch_request(self, assignment: Any, node: int, request: Any) -> bool:
        return self.answers.pop(0)


async def _naps(monkeypatch: pytest.MonkeyPatch, answers: list[bool]) -> list[float]:
    """The pauses that were made while these answers came."""
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", nap)
    consumer: Any = _Consumer(answers)
    be_patient(consumer)
    for _ in range(len(answers)):
        await consumer._fetcher._proc_fetch_request(None, 0, None)
    return naps


async def test_a_broker_that_never_waits_is_asked_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the third empty answer on, each is followed by the wait that the broker left out."""
    naps = await _naps(monkeypatch, [False] * (QUICK_ANSWERS + 2))

    assert naps == [0.1] * 3


async def test_news_are_never_delayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """While records come, the next request follows at once."""
    assert await _naps(monkeypatch, [False, False, True] * 5) == []
