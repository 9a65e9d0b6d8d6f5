"""What stays on the terminal when a demo is over: what was seen, and where to go. Knows words only."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from scorer.demo.board import Board
from scorer.demo.view import COLOURS
from scorer.demo.words import WORDS, Lang
from scorer.domain.model import DAY_US

BEST: Final = 3


def ending(board: Board, simulated_us: int, seconds: float, lang: Lang) -> RenderableType:
    """Some lines about the show that has just ended."""
    words, counts = WORDS[lang], board.counts()
    lines = [
        Text(
            words.ended.format(
                days=simulated_us / DAY_US,
                seconds=seconds,
                events=board.published,
                leads=len(board.rows),
                crossings=board.crossing_count,
                dead=board.dead_letters,
            )
        )
    ]
    tiers = Text("  ")
    for tier, name in words.tiers.items():
        tiers.append(f"● {counts[tier]:,} {name}   ", COLOURS[tier])
    lines.append(tiers)
    for row in board.ranked()[:BEST]:
        score, why = f"  {row.score:6.2f}  ", f"  {row.why}"
        lines.append(Text.assemble((score, COLOURS[row.tier]), row.lead_id, (why, "dim")))
    lines.append(Text(words.gone, "dim"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)
