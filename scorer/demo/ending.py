"""What stays on the terminal when a demo is over: what was seen, and where to go. Knows words only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group
from rich.text import Text

from scorer.demo.board import Board
from scorer.demo.view import COLOURS
from scorer.demo.words import WORDS, Lang, Words
from scorer.domain.model import DAY_US

BEST: Final = 3


def ending(
    board: Board, simulated_us: int, seconds: float, lang: Lang, *, bad_rows: int = 0
) -> Group:
    """Some lines about the show that has just ended, none wider than the terminal."""
    words = WORDS[lang]
    lines = [*_told(board, simulated_us, seconds, words), *_best(board, words)]
    if bad_rows:
        lines.append(Text(words.bad_rows.format(n=bad_rows), "yellow"))
    lines.append(Text(words.gone, "dim"))
    lines += [Text(f"    {step}") for step in words.next_steps]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


def _told(board: Board, simulated_us: int, seconds: float, words: Words) -> Iterator[Text]:
    yield Text(
        words.ended.format(
            days=simulated_us / DAY_US,
            seconds=seconds,
            events=board.published,
            leads=len(board.rows),
            crossings=board.crossing_count,
            dead=board.dead_letters,
        ),
        "bold",
    )


def _best(board: Board, words: Words) -> Iterator[Text]:
    counts, tiers = board.counts(), Text("  ")
    for tier, name in words.tiers.items():
        tiers.append(f"● {counts[tier]:,} {name}   ", COLOURS[tier])
    yield tiers
    for row in board.ranked()[:BEST]:
        score, why = f"  {row.score:6.2f}  ", f"  {row.why}"
        yield Text.assemble((score, COLOURS[row.tier]), row.lead_id, (why, "dim"))
