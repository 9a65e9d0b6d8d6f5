"""Draws a chart with characters: eight dots a cell, one colour a tier. Knows no terminal.

Lines come as (text, style) pairs; who prints them decides what a style looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from scorer.simulate.chart import Chart, Curve

Segment = tuple[str, str]
"""Some text and its style: `hot`, `warm`, `cold`, `axis`, or `` for plain."""

_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK: Final = 0x2800
_BARS: Final = "▁▂▃▄▅▆▇█"
_GUTTER: Final = 10  # columns for the names of the bounds


def draw(chart: Chart, width: int = 80, height: int = 16) -> list[list[Segment]]:
    """The chart in lines of at most `width` columns."""
    columns = max(width - _GUTTER - 1, 20)
    cells = [[_BLANK] * columns for _ in range(height)]
    for curve in chart.curves:
        _trace(chart, curve, cells)
    bounds = {_row(chart, value, height): word for value, word in _bounds(chart)}
    lines = [
        [
            (bounds.get(row, "").rjust(_GUTTER - 1), "axis"),
            (" ┤" if row in bounds else " │", "axis"),
            *_cells(chart, cells[row], row, height, dotted=row in bounds),
        ]
        for row in range(height)
    ]
    return [*lines, _axis(chart, columns), _labels(chart, columns), *_happenings(chart, columns)]


def spark(values: Sequence[float], top: float) -> str:
    """One line of bars, `top` at full height; nothing is a blank."""
    return "".join(
        " " if value <= 0 else _BARS[min(int(value / top * len(_BARS)), len(_BARS) - 1)]
        for value in values
    )


def _bounds(chart: Chart) -> Iterable[tuple[float, str]]:
    yield chart.high, f"{chart.high:g}"
    yield chart.low, f"{chart.low:g}"
    if chart.hot_above < chart.high:
        yield chart.hot_above, f"hot > {chart.hot_above:g}"
    if chart.low < chart.warm_from < chart.high:
        yield chart.warm_from, f"warm ≥ {chart.warm_from:g}"


def _row(chart: Chart, value: float, height: int) -> int:
    return min(int((1.0 - chart.y(value)) * (height - 1) + 0.5), height - 1)


def _trace(chart: Chart, curve: Curve, cells: list[list[int]]) -> None:
    """Dots from point to point; a step is a vertical line."""
    across, down = len(cells[0]) * 2 - 1, len(cells) * 4 - 1
    dots = [
        (int(chart.x(at_us) * across + 0.5), int((1.0 - chart.y(value)) * down + 0.5))
        for at_us, value in curve.points
    ]
    for (x, y), (to_x, to_y) in pairwise(dots[:1] + dots):
        length = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(length + 1):
            at_x, at_y = x + (to_x - x) * step // length, y + (to_y - y) * step // length
            cells[at_y // 4][at_x // 2] |= _DOTS[at_y % 4][at_x % 2]


def _cells(chart: Chart, cells: list[int], row: int, height: int, *, dotted: bool) -> list[Segment]:
    middle = chart.high - (row + 0.5) / height * (chart.high - chart.low)
    style = chart.tier_at(middle).value
    segments: list[Segment] = []
    for cell in cells:
        drawn = cell != _BLANK
        text, look = (chr(cell), style) if drawn else ("┈" if dotted else " ", "axis")
        if segments and segments[-1][1] == look:
            segments[-1] = (segments[-1][0] + text, look)
        else:
            segments.append((text, look))
    return segments


def _axis(chart: Chart, columns: int) -> list[Segment]:
    line = ["─"] * columns
    for tick in chart.ticks:
        line[_column(chart, tick.at_us, columns)] = "┬"
    return [(" " * _GUTTER + "└" + "".join(line), "axis")]


def _labels(chart: Chart, columns: int) -> list[Segment]:
    line = [" "] * columns
    for tick in chart.ticks:
        at = min(_column(chart, tick.at_us, columns), columns - len(tick.text))
        if all(c == " " for c in line[max(at - 1, 0) : at + len(tick.text) + 1]):
            line[at : at + len(tick.text)] = tick.text
    return [(" " * (_GUTTER + 1) + "".join(line).rstrip(), "axis")]


def _happenings(chart: Chart, columns: int) -> list[list[Segment]]:
    """A line that says when something happened: ▲ ▼ crossings, · evidence."""
    signs = {" ": " "}
    line = [" "] * columns
    for mark in sorted(chart.marks, key=lambda mark: mark.to_tier is not None):
        sign = ("▲" if mark.up else "▼") if mark.to_tier else "·"
        line[_column(chart, mark.at_us, columns)] = sign
        signs[sign] = {"▲": "crossing up", "▼": "crossing down", "·": "event"}[sign]
    if len(signs) == 1:
        return []
    key = ", ".join(f"{sign} {word}" for sign, word in signs.items() if sign != " ")
    pad = " " * (_GUTTER + 1)
    return [[(pad + "".join(line).rstrip(), "")], [(pad + key, "axis")]]


def _column(chart: Chart, at_us: int, columns: int) -> int:
    return min(max(int(chart.x(at_us) * (columns - 1) + 0.5), 0), columns - 1)
