"""The parts of a line of the view: colours, sparklines, arrows, crossings. Pure; knows no layout."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from scorer.demo.board import Crossed, Owed, Pooled, PoolMove, Row, Scored
from scorer.demo.words import WORDS, Lang, Words, instant, span
from scorer.domain.outputs import RANK, Tier

COLOURS: Final = {
    Tier.HOT: "bold #ff5f5f",
    Tier.WARM: "#ffaf5f",
    Tier.COLD: "#5fafff",
    Tier.DISQUALIFIED: "dim",
}
BLOCKS: Final = "▁▂▃▄▅▆▇█"
FULL_SCORE: Final = 100.0  # the top of a sparkline
TREND_WINDOW: Final = 6  # samples that the arrow looks back
FLAT: Final = 0.5  # points of change that are no trend


def sparkline(row: Row, width: int) -> str:
    """The newest samples as blocks, right-aligned, on a scale that is the same for every lead."""
    samples = list(row.trend)[-width:]
    steps = len(BLOCKS) - 1
    heights = (round(steps * min(1.0, max(0.0, score / FULL_SCORE))) for score in samples)
    return "".join(BLOCKS[height] for height in heights).rjust(width)


def arrow(row: Row) -> Text:
    """Which way the score went over the last samples."""
    samples = list(row.trend)[-TREND_WINDOW:]
    change = row.score - samples[0] if samples else 0.0
    if change > FLAT:
        return Text("↗", "green")
    return Text("↘", "red") if change < -FLAT else Text("→", "dim")


def next_tier(row: Row, now_us: int, lang: Lang) -> Text:
    """Where the lead goes if nothing happens, and how soon: `↓cold 3d`."""
    if row.next_tier is None or row.next_tier_us is None:
        return Text("")
    way = "↑" if RANK[row.next_tier] > RANK[row.tier] else "↓"
    when = span(max(0, row.next_tier_us - now_us), lang)
    return Text(f"{way}{WORDS[lang].tiers[row.next_tier]} {when}", "dim")


_MOVES: Final = {
    PoolMove.AT_RISK: ("◷", "yellow"),
    PoolMove.RETURNED: ("↩", "magenta"),
    PoolMove.VOIDED: ("↺", "green"),
    PoolMove.HANDED_OVER: ("→", "magenta"),
}


def happening_cells(news: Crossed | Pooled, words: Words) -> tuple[Text, ...]:
    """When, who, what, and why, of a crossing or of something that the pool did."""
    if isinstance(news, Crossed):
        return crossing_cells(news, words)
    sign, colour = _MOVES[news.move]
    said = words.pool[news.move].format(
        owner=news.owner, clock=words.clocks.get(news.clock, news.clock)
    )
    return (
        Text(" " + instant(news.time_us, "%d %b %H:%M"), "dim"),
        Text(news.lead_id),
        Text(f"{sign} {words.moves[news.move]}", colour),
        Text(""),
        Text(said),
    )


def owed_text(owed: Owed, now_us: int, lang: Lang) -> Text:
    """What is due next, of all leads: `next due 3h: mei-okafor, first response, rep-ann`."""
    words = WORDS[lang]
    left = span(max(0, owed.due_us - now_us), lang)
    clock = words.clocks.get(owed.clock, owed.clock)
    return Text(
        words.owed.format(left=left, lead=owed.lead_id, clock=clock, owner=owed.owner), "dim"
    )


def crossing_cells(crossing: Crossed, words: Words) -> tuple[Text, ...]:
    """When, who, from where to where, with which score, and why."""
    up = RANK[crossing.to_tier] > RANK[crossing.from_tier]
    move = Text.assemble(
        (words.tiers[crossing.from_tier], COLOURS[crossing.from_tier]),
        (" ▲ " if up else " ▼ ", "green" if up else "red"),
        (words.tiers[crossing.to_tier], COLOURS[crossing.to_tier]),
    )
    return (
        Text(" " + instant(crossing.time_us, "%d %b %H:%M"), "dim"),
        Text(crossing.lead_id),
        move,
        Text(f"{crossing.score:6.1f}", COLOURS[crossing.to_tier]),
        Text.assemble(crossing.cause, (f"  {crossing.why}", "dim")),
    )


def news_line(news: Scored | Crossed | Pooled, words: Words) -> Text:
    """A score, a crossing or a move of the pool as one line of text, for where there is no screen."""
    when = instant(news.time_us, "%Y-%m-%d %H:%M")
    if isinstance(news, Scored):
        tier = words.tiers[news.tier]
        line = Text(f"{when}  {news.score:6.2f}  {news.lead_id}  {tier}  ← {news.cause}")
        line.stylize("dim", 0, len(when))
        return line
    _, lead, move, score, why = happening_cells(news, words)
    return Text("  ").join((Text(when, "dim"), score, lead, move, why))
