"""When a lane commits: at once after a quiet moment, then not more often than it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

from scorer.engine.ports import Effects
from scorer.transport.clock import WallClock
from scorer.transport.fetched import Consumed, Fetched, Frontier
from scorer.transport.inbox import Inbox
from scorer.transport.lane import Lane, Pace
from scorer.transport.report import LaneReport
from scorer.transport.store import Store
from scorer.transport.writer import Written
from tests.fixtures.toy import ToyStage

TOPIC = "leads.behaviours.v1"


class Commits:
    """Stands for the writer, and takes no time."""

    def __init__(self) -> None:
        self.made: list[int] = []  # how many outputs each
        self.more = asyncio.Event()

    async def commit(
        self, effects: Effects, values: Mapping[bytes, bytes | None], _: Mapping[str, int]
    ) -> Written:
        self.made.append(len(effects.outputs))
        self.more.set()
        return Written(len(self.made), 0)

    async def stop(self) -> None:
        pass

    async def until(self, outputs: int) -> None:
        async with asyncio.timeout(10):
            while sum(self.made) < outputs:
                self.more.clear()
                await self.more.wait()


Put = Callable[[int], None]


@asynccontextmanager
async def lane(place: Path, commit_s: float) -> AsyncIterator[tuple[Put, Commits]]:
    """A lane at work: how to give it a record (by its offset), and what it has committed."""
    far_us = 1 << 60
    inbox = Inbox({TOPIC: 0}, lambda _: Frontier(far_us, 0), 2_000, 4_000_000)
    commits, watch = Commits(), create_autospec(LaneReport, instance=True)
    made: Any = Lane(
        ToyStage(),
        inbox,
        Store(place / "0", "here"),
        commits,  # type: ignore[arg-type]
        clock=WallClock(),
        pace=Pace(tick_s=0.05, due_batch=10, commit_s=commit_s, flush_s=600),
        watch=watch,
        on_failure=_raised,
    )

    def put(offset: int) -> None:
        record = Consumed(TOPIC, 0, offset, far_us // 1000, b"lead", b"%d" % offset, ())
        made.put(Fetched(TOPIC, 0, offset, offset + 1, [record]))

    made.start()
    try:
        yield put, commits
    finally:
        await made.stop()


def _raised(error: Exception) -> None:
    raise error


async def test_an_event_after_a_quiet_moment_is_committed_at_once_and_the_next_waits(
    tmp_path: Path,
) -> None:
    async with lane(tmp_path, commit_s=3_600) as (put, commits):
        put(0)
        await commits.until(1)
        put(1)
        await asyncio.sleep(0.2)
        assert commits.made == [1]


async def test_what_comes_meanwhile_is_committed_together(tmp_path: Path) -> None:
    began = time.monotonic()
    async with lane(tmp_path, commit_s=0.1) as (put, commits):
        for offset in range(50):
            put(offset)
            await asyncio.sleep(0.01)
        await commits.until(50)
        seconds = time.monotonic() - began

    assert len(commits.made) <= seconds / 0.1 + 1
    assert sum(commits.made) == 50


async def test_without_an_interval_a_lane_commits_what_is_there(tmp_path: Path) -> None:
    async with lane(tmp_path, commit_s=0) as (put, commits):
        for offset in range(5):
            put(offset)
            await commits.until(offset + 1)
    assert commits.made == [1] * 5
