"""The demo in memory: the same people, stage and view, without broker, processes and clock.

For tests, and for the picture in the docs: `python -m scorer.demo.rehearsal docs/demo.svg`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import MONOKAI

from scorer import __version__
from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message
from scorer.demo.board import Board
from scorer.demo.causes import Causes
from scorer.demo.feed import DEAD_LETTERS_TOPIC, Feed
from scorer.demo.pooling import owed
from scorer.demo.present import Present
from scorer.demo.publisher import message_of
from scorer.demo.script import HOUR_US
from scorer.demo.story import Story, invented
from scorer.demo.view import Frame, draw
from scorer.demo.words import Lang
from scorer.domain.model import DAY_US
from scorer.engine.keys import is_lead
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import INPUTS as POOL_INPUTS
from scorer.engine.pool import pool_factory
from scorer.engine.scoring import scoring_factory

STEP_US: Final = 6 * HOUR_US  # what a real second shows at the default speed
SHOWN_US: Final = 12 * DAY_US  # of the picture: two minutes into the show, less the backlog
WIDTH, HEIGHT = 110, 32


class Rehearsal:
    """One partition, both stages, one board; time goes where `until` says."""

    def __init__(self, story: Story, lang: Lang = Lang.EN, model_name: str = "default") -> None:
        model = load_model(model_name)
        self.board, self.present, self.lang = Board(), Present(model), lang
        self.feed = Feed(self.board, Causes(model, lang), lang)
        self.driver = MemoryDriver(scoring_factory(model, app="demo", version=__version__)(0))
        self.pool = MemoryDriver(pool_factory(model, app="demo", version=__version__)(0))
        self._story, self._next = story, next(story.posts)

    def until(self, instant_us: int) -> None:
        """Publish and score everything up to an instant."""
        while self._next.time_us <= instant_us:
            message = message_of(self._next)
            record = MemoryRecord(
                message.topic, message.key, message.value, message.timestamp_ms or 0
            )
            self._hear(self.driver.feed([record]))
            if message.topic in POOL_INPUTS:
                self._hear(self.pool.feed([record]))
            self.board.published += 1
            self._next = next(self._story.posts)
        self._hear(self.driver.advance(instant_us))
        self._hear(self.pool.advance(instant_us))
        for dead in self.driver.dead_letters:
            self.feed.record(DEAD_LETTERS_TOPIC, dead.key, dead.value)
        self.driver.dead_letters.clear()

    def look(self, now_us: int) -> None:
        """One sample of every trend, with the scores of this instant."""
        for key, state in self.driver.store.states.items():
            self.present.heard(key.decode(), state)
        for key, state in self.pool.store.states.items():
            if is_lead(key):
                self.board.owes(key.decode(), owed(key.decode(), state))
        self.board.look(lambda lead_id: self.present.outlook(lead_id, now_us))
        self.board.sample()

    def watch(self, from_us: int, until_us: int) -> int:
        """Let the show run, with a look in every step; returns the last instant looked at."""
        self.until(from_us)
        for now_us in range(from_us, until_us, STEP_US):
            self.until(now_us)
            self.look(now_us)
        return now_us

    def _hear(self, outputs: list[Message]) -> None:
        for output in outputs:
            self.feed.record(output.topic, output.key, output.value)
            if output.topic in POOL_INPUTS:
                self._hear(self.pool.feed([MemoryRecord(*output[:3])]))


def picture(width: int = WIDTH, height: int = HEIGHT, lang: Lang = Lang.EN) -> str:
    """What the live view shows some time into the show, as SVG."""
    story = invented(seed=7, leads=60)
    rehearsal = Rehearsal(story, lang)
    now_us = rehearsal.watch(story.curtain_us, story.curtain_us + SHOWN_US)
    rehearsal.board.events_per_second = 5.0
    frame = Frame(width, height, now_us, STEP_US / 1_000_000, lang)
    rehearsal.board.tell(frame.lead_lines, lambda lead: rehearsal.present.why(lead, now_us, lang))
    console = Console(
        file=io.StringIO(), record=True, width=width, height=height, force_terminal=True
    )
    console.print(draw(rehearsal.board, frame), end="")
    return console.export_svg(title="lead-scorer demo", theme=MONOKAI)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
