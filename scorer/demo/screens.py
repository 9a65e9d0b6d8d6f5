"""Where a demo is shown: a live screen on a terminal, lines anywhere else. Knows no Kafka."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from scorer.demo.board import Board
from scorer.demo.cells import news_line
from scorer.demo.feed import News
from scorer.demo.view import Frame, draw
from scorer.demo.words import WORDS, Lang

Why = Callable[[str], str]
"""The plain reason of a lead at this instant."""


class Screen(Protocol):
    """Shows the demo from its first step to its end. Used as a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None: ...

    def step(self, text: str) -> None:
        """Something is being set up; called before the first `show`."""

    def hear(self, news: News) -> None:
        """One record of the outputs."""

    def show(self, board: Board, now_us: int, why: Why) -> None:
        """The state of things; called some times a second."""


class LiveScreen:
    """Takes over the terminal, follows its size, and gives it back as it was."""

    def __init__(self, console: Console, scale: float, lang: Lang) -> None:
        self._console, self._scale, self._lang = console, scale, lang
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._live.stop()

    def step(self, text: str) -> None:
        """One line on an empty screen."""
        self._live.update(Text(f" {text}", "dim"), refresh=True)

    def hear(self, news: News) -> None:
        """The board has it already."""

    def show(self, board: Board, now_us: int, why: Why) -> None:
        """Draw the whole screen anew, at the size that the terminal has now."""
        width, height = self._console.size
        frame = Frame(width, height, now_us, self._scale, self._lang)
        board.tell(frame.lead_lines, why)
        self._live.update(draw(board, frame), refresh=True)


class PlainScreen:
    """One line for each score and each crossing, for pipes, logs and tests."""

    def __init__(self, console: Console, lang: Lang) -> None:
        self._console, self._words = console, WORDS[lang]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Nothing was taken over."""

    def step(self, text: str) -> None:
        """What is being set up, as a line."""
        self._console.print(Text(text, "dim"), soft_wrap=True)

    def hear(self, news: News) -> None:
        """A score or a crossing, as a line."""
        self._console.print(news_line(news, self._words), soft_wrap=True)

    def show(self, board: Board, now_us: int, why: Why) -> None:
        """Lines say it all."""
