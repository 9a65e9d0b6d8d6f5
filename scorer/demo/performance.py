"""The demo while it runs: publisher, readers and view side by side. Knows what to await, no Kafka client."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Final

from rich.text import Text

from scorer.contracts.records import Record
from scorer.demo.board import Board
from scorer.demo.causes import Causes
from scorer.demo.ending import BEST, seen
from scorer.demo.feed import TOPICS, Feed
from scorer.demo.interrupts import Interrupts
from scorer.demo.meter import Meter
from scorer.demo.pooling import owed
from scorer.demo.present import Present
from scorer.demo.processes import Worker
from scorer.demo.publisher import publish
from scorer.demo.screens import Screen
from scorer.demo.story import Story
from scorer.demo.words import Lang
from scorer.domain.model import Model
from scorer.engine.keys import is_lead
from scorer.settings import Settings
from scorer.transport.changelog import unframe
from scorer.transport.clients import read, sending
from scorer.transport.clock import ScaledClock

FRAME_S: Final = 0.25
FRAMES_A_SAMPLE: Final = 4
FIRST_SCORE_S: Final = 60.0
"""Ten times as long as it takes; on a machine that busy a demo is no pleasure."""


@dataclass(slots=True)
class Performance:
    """Everything that is on stage."""

    settings: Settings
    clock: ScaledClock
    story: Story
    board: Board
    model: Model
    screen: Screen
    worker: Worker
    lang: Lang
    _meter: Meter = field(default_factory=Meter)
    _present: Present = field(init=False)

    def __post_init__(self) -> None:
        self._present = Present(self.model)

    async def play(self, seconds: float | None, interrupts: Interrupts) -> None:
        """Until a stop is asked for, `seconds` after the first score, or a failure (raised)."""
        async with sending(self.settings) as send:
            parts = [
                asyncio.create_task(publish(self.story.posts, self.clock, send, self.board)),
                asyncio.create_task(self._hear_outputs()),
                asyncio.create_task(self._hear_states()),
            ]
            try:
                await self._show(seconds, interrupts, parts)
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)

    async def _show(
        self, seconds: float | None, interrupts: Interrupts, parts: list[asyncio.Task[None]]
    ) -> None:
        began, frame = time.monotonic(), 0
        ends = math.inf
        while not interrupts.asked and time.monotonic() < ends:
            self._check(parts, time.monotonic() - began)
            if seconds is not None and self.board.rows and ends == math.inf:
                ends = time.monotonic() + seconds
            if frame % FRAMES_A_SAMPLE == 0:
                self.board.sample()
                self.board.events_per_second = self._meter.read(
                    time.monotonic(), self.board.published
                )
            self._draw()
            frame += 1
            await asyncio.sleep(FRAME_S)

    def _check(self, parts: list[asyncio.Task[None]], waited_s: float) -> None:
        """Raise what has gone wrong, if anything has."""
        self.worker.check()
        for part in parts:
            if part.done():
                part.result()  # raises what the part has raised; a story may simply end
        if waited_s > FIRST_SCORE_S and not self.board.rows:
            raise self.worker.failed(f"no score after {waited_s:.0f} s")

    def _draw(self) -> None:
        now_us = self.clock.now_us()
        self.board.look(lambda lead_id: self._present.outlook(lead_id, now_us))
        self.screen.show(
            self.board, now_us, lambda lead_id: self._present.why(lead_id, now_us, self.lang)
        )

    def told(self) -> list[Text]:
        """The lines that stay when the show is over; to be called when it ends."""
        now_us = self.clock.now_us()
        self.board.tell(BEST, lambda lead_id: self._present.why(lead_id, now_us, self.lang))
        simulated_us = now_us - self.story.curtain_us
        return list(seen(self.board, simulated_us, self.clock.scale, self.lang))

    async def _hear_outputs(self) -> None:
        feed = Feed(self.board, Causes(self.model, self.lang), self.lang, self.screen.hear)
        logical = {self.settings.topic(name): name for name in TOPICS}
        async for record in read(self.settings, list(logical), follow=True):
            feed.record(logical[record.topic], record.key, record.value)

    async def _hear_states(self) -> None:
        pool = self.settings.changelog("pool")
        logs = [self.settings.changelog("scoring"), pool]
        async for record in read(self.settings, logs, follow=True):
            self._state(record, pooled=record.topic == pool)

    def _state(self, record: Record, *, pooled: bool) -> None:
        if not is_lead(key := record.key or b""):
            return
        state = None if record.value is None else unframe(record.value)[1]
        if pooled:
            self.board.owes(key.decode(), owed(key.decode(), state))
        else:
            self._present.heard(key.decode(), state)
