"""The demo while it runs: publisher, readers and view side by side. Knows what to await, no Kafka client."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from scorer.contracts.records import Record
from scorer.demo.board import Board
from scorer.demo.causes import Causes
from scorer.demo.ending import BEST
from scorer.demo.feed import TOPICS, Feed
from scorer.demo.interrupts import Interrupts
from scorer.demo.meter import Meter
from scorer.demo.present import Present
from scorer.demo.processes import Worker
from scorer.demo.publisher import publish
from scorer.demo.screens import Screen
from scorer.demo.story import Story
from scorer.demo.words import Lang
from scorer.domain.model import Model
from scorer.settings import Settings
from scorer.transport.changelog import unframe
from scorer.transport.clients import read, sending
from scorer.transport.clock import ScaledClock

FRAME_S: Final = 0.25
FRAMES_A_SAMPLE: Final = 4


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
    seconds: float = 0.0  # how long it has been shown
    _meter: Meter = field(default_factory=Meter)
    _present: Present = field(init=False)

    def __post_init__(self) -> None:
        self._present = Present(self.model)

    @property
    def simulated_us(self) -> int:
        """How much time has passed in the story since the curtain rose."""
        return int(self.seconds * self.clock.scale * 1_000_000)

    async def play(self, seconds: float | None, interrupts: Interrupts) -> None:
        """Until a stop is asked for, `seconds` are over, or a part fails (its error is raised)."""
        async with sending(self.settings) as send:
            parts = [
                asyncio.create_task(publish(self.story.posts, self.clock, send, self.board)),
                asyncio.create_task(self._hear_outputs()),
                asyncio.create_task(self._hear_states()),
            ]
            try:
                await self._show(seconds, interrupts, parts)
                self._explain_best()
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)

    async def _show(
        self, seconds: float | None, interrupts: Interrupts, parts: list[asyncio.Task[None]]
    ) -> None:
        began, frame = time.monotonic(), 0
        while not interrupts.asked and (seconds is None or self.seconds < seconds):
            self.worker.check()
            for part in parts:
                if part.done():
                    part.result()  # raises what the part has raised; a story may simply end
            if frame % FRAMES_A_SAMPLE == 0:
                self.board.sample()
                self.board.events_per_second = self._meter.read(
                    time.monotonic(), self.board.published
                )
            self._draw()
            frame += 1
            await asyncio.sleep(FRAME_S)
            self.seconds = time.monotonic() - began

    def _draw(self) -> None:
        now_us = self.clock.now_us()
        self.board.look(lambda lead_id: self._present.score(lead_id, now_us))
        self.screen.show(
            self.board, now_us, lambda lead_id: self._present.why(lead_id, now_us, self.lang)
        )

    def _explain_best(self) -> None:
        """For the lines that stay when the show is over."""
        now_us = self.clock.now_us()
        self.board.tell(BEST, lambda lead_id: self._present.why(lead_id, now_us, self.lang))

    async def _hear_outputs(self) -> None:
        feed = Feed(self.board, Causes(self.model, self.lang), self.lang, self.screen.hear)
        logical = {self.settings.topic(name): name for name in TOPICS}
        async for record in read(self.settings, list(logical), follow=True):
            feed.record(logical[record.topic], record.key, record.value)

    async def _hear_states(self) -> None:
        async for record in read(self.settings, [self.settings.changelog("scoring")], follow=True):
            self._state(record)

    def _state(self, record: Record) -> None:
        state = None if record.value is None else unframe(record.value)[1]
        self._present.heard((record.key or b"").decode(), state)
