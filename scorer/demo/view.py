"""Lays a board out for a person. A pure function of board, time and size; knows no terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scorer.demo.board import Board, Row
from scorer.demo.cells import COLOURS, arrow, happening_cells, next_tier, owed_text, sparkline
from scorer.demo.words import WORDS, Lang, Words, instant, span
from scorer.domain.outputs import Tier

FIXED_LINES: Final = 6  # header 3, column heads 1, title of the crossings 1, footer 1


@dataclass(frozen=True, slots=True)
class Frame:
    """All that is not on the board: how large, how late, in which language."""

    width: int
    height: int
    now_us: int
    scale: float  # simulated seconds in a real one
    lang: Lang = Lang.EN

    @property
    def words(self) -> Words:
        return WORDS[self.lang]

    @property
    def crossing_lines(self) -> int:
        return max(3, (self.height - FIXED_LINES) // 3)

    @property
    def lead_lines(self) -> int:
        return max(1, self.height - FIXED_LINES - self.crossing_lines)

    @property
    def wide(self) -> bool:
        return self.width >= 110

    @property
    def flash_us(self) -> float:
        """A lead stays marked for three real seconds after it crossed."""
        return 3 * 1_000_000 * self.scale


def draw(board: Board, frame: Frame) -> RenderableType:
    """The whole screen: header, tier bar, leads, crossings, footer; exactly `frame.height` lines."""
    ranked = board.ranked()
    return Group(
        _clock_line(board, frame),
        _count_line(board, frame),
        _tier_bar(board, frame.width),
        _leads(ranked, frame),
        _crossings_title(board, frame),
        _crossings(board, frame),
        _footer(len(ranked), frame),
    )


def _clock_line(board: Board, frame: Frame) -> Text:
    """The name, what is due next of all leads, and what time it is."""
    words, owed = frame.words, board.next_owed()
    left = Text.assemble((" lead-scorer", "bold"))
    pace = words.pace.format(pace=span(frame.scale * 1_000_000, frame.lang))
    right = Text.assemble((instant(frame.now_us, words.date), "bold"), (f"  {pace} ", "dim"))
    if owed is not None:
        next_due = Text.assemble("   ", owed_text(owed, frame.now_us, frame.lang))
        if left.cell_len + next_due.cell_len + right.cell_len < frame.width:
            left.append_text(next_due)
    return _both_ends(left, right, frame.width)


def _count_line(board: Board, frame: Frame) -> Text:
    words, counts = frame.words, board.counts()
    left = Text(" ")
    for tier, name in words.tiers.items():
        left.append("● ", COLOURS[tier])
        left.append(f"{counts[tier]:,} {name}   ")
    events = words.events.format(n=board.published)
    rate = words.rate.format(n=board.events_per_second)
    dead = words.dead_letters.format(n=board.dead_letters)
    right = Text.assemble(events, (f"  {rate}  {dead} ", "dim"))
    if left.cell_len + right.cell_len > frame.width:  # the rate is what is missed least
        right = Text.assemble(events, (f"  {dead} ", "dim"))
    return _both_ends(left, right, frame.width)


def _both_ends(left: Text, right: Text, width: int) -> Text:
    gap = max(1, width - left.cell_len - right.cell_len)
    line = Text.assemble(left, " " * gap, right)
    line.truncate(width)
    return line


def _tier_bar(board: Board, width: int) -> Text:
    """One line, coloured by the share of each tier."""
    counts, total, drawn = board.counts(), len(board.rows), 0
    bar, seen = Text(), 0
    if not total:
        return Text("━" * width, "dim")
    for tier in COLOURS:
        seen += counts[tier]
        until = round(width * seen / total)
        bar.append("━" * (until - drawn), COLOURS[tier])
        drawn = until
    return bar


def _grid(widths: list[int | None]) -> Table:
    """A borderless table whose columns have these widths; None takes what is left."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    for width in widths:
        table.add_column(width=width, ratio=None if width else 1, no_wrap=True, overflow="ellipsis")
    return table


def _lead_width(frame: Frame) -> int:
    return 22 if frame.wide else 14


def _trend_width(frame: Frame) -> int:
    return 16 if frame.wide else 7


def _leads(ranked: list[Row], frame: Frame) -> RenderableType:
    words, lines = frame.words, frame.lead_lines
    table = _grid([6, _trend_width(frame) + 2, _lead_width(frame), 4, 9, None])
    heads = (words.score.rjust(6 - _extra(words.score)), words.trend, words.lead, words.tier)
    table.add_row(*(Text(head, "dim") for head in (*heads, words.next, words.why)))
    for row in ranked[:lines]:
        table.add_row(*_lead_cells(row, frame))
    if not ranked:
        return Group(table, Text(f" {words.no_leads}", "dim"), *_blank(lines - 1))
    return Group(table, *_blank(lines - len(ranked)))


def _extra(text: str) -> int:
    """Cells that a text takes beyond its characters: Chinese ones take two each."""
    return cell_len(text) - len(text)


def _blank(lines: int) -> list[Text]:
    return [Text("") for _ in range(lines)]


def _lead_cells(row: Row, frame: Frame) -> tuple[Text, ...]:
    colour = COLOURS[row.tier]
    name = Text(row.lead_id)
    if row.crossed_us is not None and 0 <= frame.now_us - row.crossed_us < frame.flash_us:
        name.stylize("reverse")
    trend = Text.assemble((sparkline(row, _trend_width(frame)), colour), " ", arrow(row))
    return (
        Text(f"{row.score:6.1f}", colour),
        trend,
        name,
        Text(frame.words.tiers[row.tier], colour),
        next_tier(row, frame.now_us, frame.lang),
        Text(row.why, "dim" if row.tier is Tier.DISQUALIFIED else ""),
    )


def _crossings_title(board: Board, frame: Frame) -> Text:
    title = f" {frame.words.crossings} "
    line = Text.assemble((title, "bold"), (f"{board.crossing_count:,} ", "dim"))
    if board.returned:
        returned = frame.words.returned.format(n=board.returned)
        line.append_text(Text.assemble("  ", (f"{returned} ", "dim")))
    line.append("─" * max(0, frame.width - line.cell_len), "dim")
    return line


def _crossings(board: Board, frame: Frame) -> RenderableType:
    table, lines = _grid([13, _lead_width(frame), 11, 6, None]), frame.crossing_lines
    shown = list(board.latest(lines))
    for news in shown:
        table.add_row(*happening_cells(news, frame.words))
    if not shown:
        return Group(Text(f" {frame.words.no_crossings}", "dim"), *_blank(lines - 1))
    return Group(table, *_blank(lines - len(shown)))


def _footer(leads: int, frame: Frame) -> Text:
    left = Text(f" {frame.words.footer}", "dim")
    hidden = leads - frame.lead_lines
    right = Text(frame.words.more.format(n=hidden) + " ", "dim") if hidden > 0 else Text()
    return _both_ends(left, right, frame.width)
