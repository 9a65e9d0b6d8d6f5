"""What stays on the terminal when a demo is over: what was seen, and where to go. Knows words only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from scorer.demo.board import Board
from scorer.demo.cells import COLOURS
from scorer.demo.words import WORDS, Lang
from scorer.domain.model import DAY_US, SECOND_US

BEST: Final = 3


def seen(board: Board, simulated_us: int, scale: float, lang: Lang) -> Iterator[Text]:
    """The show in some lines: how long, how much, how many in which tier, who is best."""
    words, counts = WORDS[lang], board.counts()
    told = words.ended.format(
        days=simulated_us / DAY_US,
        seconds=simulated_us / scale / SECOND_US,
        events=board.published,
        leads=len(board.rows),
        crossings=board.crossing_count,
        dead=board.dead_letters,
    )
    yield Text(told, "bold")
    tiers = ((f"● {counts[tier]:,} {name}   ", COLOURS[tier]) for tier, name in words.tiers.items())
    yield Text.assemble("  ", *tiers)
    for row in board.ranked()[:BEST]:
        score, why = f"  {row.score:6.2f}  ", f"  {row.why}"
        yield Text.assemble((score, COLOURS[row.tier]), row.lead_id, (why, "dim"))


def remarks(lang: Lang, bad_rows: int) -> Iterator[Text]:
    """What was wrong with the user's file, that all is gone, and what to do next."""
    words = WORDS[lang]
    if bad_rows:
        yield Text(words.bad_rows.format(n=bad_rows), "yellow")
    yield Text(words.gone, "dim")
    for step in words.next_steps:
        yield Text(f"    {step}")
