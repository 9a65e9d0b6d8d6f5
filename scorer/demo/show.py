"""`lead-scorer demo` from the first step to the last. Knows every part by name and none of its work.

broker ─ topics ─ worker (`lead-scorer run`) ─ publisher ─ view, and everything away again
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from scorer.contracts.model.file import load_model
from scorer.demo.board import Board
from scorer.demo.ending import remarks
from scorer.demo.interrupts import Interrupts
from scorer.demo.performance import Performance
from scorer.demo.processes import Worker
from scorer.demo.screens import LiveScreen, PlainScreen, Screen
from scorer.demo.script import HOUR_US
from scorer.demo.story import Story, invented
from scorer.demo.surroundings import settings_for
from scorer.demo.words import WORDS, Lang
from scorer.domain.model import Model
from scorer.settings import environment
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.clock import ScaledClock

SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may ask of a demo."""

    seed: int = 7
    leads: int = 60  # who arrive in four simulated weeks
    speed: float = 6.0  # simulated hours in a real second
    seconds: float | None = None  # None: until Ctrl-C
    plain: bool = False
    lang: Lang = Lang.EN
    model: str = "default"
    csv: Path | None = None
    mapping: Path | None = None  # none: one is suggested


def run(options: Options, console: Console | None = None) -> int:
    """Blocks until Ctrl-C, `seconds`, or a `TransportError`. Leaves nothing behind; returns 0."""
    console = console or Console()
    model = load_model(options.model)  # before anything is started: it may be the user's own
    story = _story(options, model)
    board, screen = Board(), _screen(options, console)
    with Interrupts() as interrupts:
        with ExitStack() as props:
            with screen:
                performance = _set_up(options, story, model, board, screen, props)
                asyncio.run(performance.play(options.seconds, interrupts))
            final = performance.told()
            console.print(WORDS[options.lang].stopping, style="dim")
        for line in (*final, *remarks(options.lang, story.bad_rows)):
            console.print(line, no_wrap=True, overflow="ellipsis")
    return 0


def _story(options: Options, model: Model) -> Story:
    if options.csv is None:
        return invented(options.seed, options.leads)
    from scorer.demo.own_leads import own  # noqa: PLC0415  # 0.3 s that few need

    return own(options.csv, options.mapping, model)


def _set_up(
    options: Options, story: Story, model: Model, board: Board, screen: Screen, props: ExitStack
) -> Performance:
    """Start every process; `props` ends them, the last one first."""
    starting = WORDS[options.lang].starting
    home = Path(props.enter_context(TemporaryDirectory(prefix="lead-scorer-demo-")))
    screen.step(starting[0])
    broker = props.enter_context(EmbeddedBroker(home / "broker"))
    scale = options.speed * HOUR_US / SECOND_US
    clock = ScaledClock(story.curtain_us, time.time_ns() // 1_000, scale)
    settings = settings_for(home, broker.bootstrap_servers, options.model, clock)
    screen.step(starting[1])
    asyncio.run(admin.apply(settings))
    screen.step(starting[2])
    worker = props.enter_context(Worker(environment(settings), home / "worker.log"))
    return Performance(settings, clock, story, board, model, screen, worker, options.lang)


def _screen(options: Options, console: Console) -> Screen:
    if options.plain or not console.is_terminal:
        return PlainScreen(console, options.lang)
    return LiveScreen(console, options.speed * HOUR_US / SECOND_US, options.lang)
