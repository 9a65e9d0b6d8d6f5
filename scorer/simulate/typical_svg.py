"""The picture of a model as SVG: a typical lead above, a small curve for each rule below."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from scorer.domain.sentence import Language
from scorer.simulate.svg import LEFT, PLOT, ROW, TOP, WIDTH, document, plot
from scorer.simulate.typical import Fade, Typical

COLUMNS: Final = 4
_GAP, _TILE, _CURVE = 16, 118, 52


def draw(it: Typical, language: Language = "en") -> str:
    """The picture as the text of an SVG file."""
    top = TOP + PLOT + 60
    marks = list(it.chart.marks)
    tiles = [*it.rules, *it.silences]
    rows = (len(tiles) + COLUMNS - 1) // COLUMNS
    listed = list(_list(it, top))
    start = top + ROW * len(marks) + 24
    heading = f'<text class="soft" x="{LEFT}" y="{start}">What one of each is worth, day 0 to {it.days}; what silence leaves of a dimension</text>'
    body = [
        *plot(it.chart, marks),
        *listed,
        heading,
        *(
            line
            for number, fade in enumerate(tiles)
            for line in _tile(fade, number, start + 20, language, silent=number >= len(it.rules))
        ),
    ]
    return document(it.chart.title, it.chart.note, start + 20 + rows * _TILE + 8, body)


def _list(it: Typical, top: int) -> Iterator[str]:
    for number, mark in enumerate(it.chart.marks, 1):
        yield (
            f'<text x="{LEFT}" y="{top + (number - 1) * ROW}"><tspan class="soft">{number}</tspan>  '
            f'{escape(mark.text)}  <tspan class="soft">{mark.value:.2f}</tspan></text>'
        )


def _tile(fade: Fade, number: int, top: int, language: Language, *, silent: bool) -> Iterator[str]:
    """One small curve with its name and its words."""
    width = (WIDTH - LEFT - 24 - _GAP * (COLUMNS - 1)) / COLUMNS
    row, column = divmod(number, COLUMNS)
    x, y = LEFT + column * (width + _GAP), top + row * _TILE
    label = fade.label_zh if language == "zh" else fade.label_en
    tier = "cold" if silent else "warm" if fade.values[0] > 0 else "disqualified"
    count = len(fade.values) - 1
    places = " ".join(
        f"{x + width * day / count:.1f},{y + _CURVE * (1.0 - abs(value) / (fade.size or 1.0)):.1f}"
        for day, value in enumerate(fade.values)
    )
    bottom = y + _CURVE
    yield f'<polygon class="{tier} area" points="{x:.1f},{bottom} {places} {x + width:.1f},{bottom}"/>'
    colour = {"warm": "var(--warm)", "cold": "var(--cold)"}.get(tier, "var(--gone)")
    yield f'<polyline class="curve" stroke="{colour}" points="{places}"/>'
    yield f'<path class="axis" d="M{x:.1f} {bottom}h{width:.1f}"/>'
    yield f'<text x="{x:.1f}" y="{bottom + 18}">{escape(label)} {fade.values[0]:+g}</text>'
    yield f'<text class="soft" x="{x:.1f}" y="{bottom + 35}">{escape(fade.words.partition(", ")[0])}</text>'
