"""Draws a chart as SVG, by hand: one file, no script, no font of its own, light and dark.

Colours are custom properties, so that a page that embeds the picture may set its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from scorer.simulate.chart import Chart, Curve, Mark

WIDTH: Final = 960
LEFT, RIGHT, TOP, PLOT = 56, 128, 84, 300
ROW: Final = 20
LISTED: Final = 24
"""Marks with a number and a line of their own; a story with more shows its crossings only."""
_NEAR: Final = 15.0  # px; numbers closer than this would cover each other

STYLE: Final = """
  svg { --paper: #ffffff; --ink: #1f2733; --soft: #66707f; --line: #d5dae1;
        --hot: #d6453d; --warm: #d9930d; --cold: #3579b8; --gone: #8a93a0;
        background: var(--paper); font: 13px/1.4 system-ui, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14181f; --ink: #e8ecf1; --soft: #98a3b3; --line: #333c49;
          --hot: #ff7a70; --warm: #f0b541; --cold: #6fb1ec; --gone: #7b8592; } }
  text { fill: var(--ink); } .soft { fill: var(--soft); } .title { font-size: 20px; font-weight: 650; }
  .number { font-size: 11px; font-weight: 650; text-anchor: middle; }
  .axis { stroke: var(--line); } .bound { stroke-dasharray: 2 4; stroke-width: 1.2; }
  .curve { fill: none; stroke-width: 2.4; stroke-linejoin: round; } .area { opacity: .13; } .band { opacity: .05; }
  .hot { fill: var(--hot); } .warm { fill: var(--warm); } .cold { fill: var(--cold); } .disqualified { fill: var(--gone); }
  .event { fill: var(--paper); stroke: var(--soft); stroke-width: 1.6; } .crossing { stroke: var(--paper); stroke-width: 1.6; }
  .stop-hot { stop-color: var(--hot); } .stop-warm { stop-color: var(--warm); } .stop-cold { stop-color: var(--cold); }
"""


def draw(chart: Chart) -> str:
    """The picture as the text of an SVG file."""
    listed = _listed(chart)
    height = TOP + PLOT + 48 + ROW * ((len(listed) + 1) // 2) + 8
    body = [*plot(chart, listed), *_list(listed)]
    return document(chart.title, chart.note, height, body)


def document(title: str, note: str, height: int, body: list[str]) -> str:
    """An SVG file with a title, a note below it, and a body."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="title note">',
            f"<style>{STYLE}</style>",
            f'<text id="title" class="title" x="{LEFT}" y="36">{escape(title)}</text>',
            f'<text id="note" class="soft" x="{LEFT}" y="58">{escape(note)}</text>',
            *body,
            "</svg>",
            "",
        )
    )


def plot(chart: Chart, listed: list[Mark]) -> Iterator[str]:
    """The plot itself: bands, bounds, axes, curves, marks."""
    yield _gradient(chart)
    yield from _bands(chart)
    yield from _axes(chart)
    for number, curve in enumerate(chart.curves):
        yield from _curve(chart, curve, first=number == 0)
    numbered = {id(mark): number for number, mark in enumerate(listed, 1)}
    placed: list[tuple[float, float]] = []
    for mark in chart.marks:
        yield from _mark(chart, mark, numbered.get(id(mark)), placed)


def x_of(chart: Chart, at_us: int) -> float:
    """Where an instant is, in px."""
    return LEFT + chart.x(at_us) * (WIDTH - LEFT - RIGHT)


def y_of(chart: Chart, value: float) -> float:
    """Where a score is, in px."""
    return TOP + (1.0 - chart.y(value)) * PLOT


def _gradient(chart: Chart) -> str:
    """The colour of a line changes where the tier does."""
    hot, warm = (
        min(max(1.0 - chart.y(value), 0.0), 1.0) for value in (chart.hot_above, chart.warm_from)
    )
    stops = ((0, "hot"), (hot, "hot"), (hot, "warm"), (warm, "warm"), (warm, "cold"), (1, "cold"))
    inner = "".join(f'<stop offset="{at:.4f}" class="stop-{tier}"/>' for at, tier in stops)
    place = f'gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="{TOP}" y2="{TOP + PLOT}"'
    return f'<defs><linearGradient id="tiers" {place}>{inner}</linearGradient></defs>'


def _bands(chart: Chart) -> Iterator[str]:
    edges = [chart.high, chart.hot_above, chart.warm_from, chart.low]
    edges = [min(max(edge, chart.low), chart.high) for edge in edges]
    for tier, top, bottom in zip(("hot", "warm", "cold"), edges[:-1], edges[1:], strict=True):
        if top > bottom:
            y, height = y_of(chart, top), (top - bottom) / (chart.high - chart.low) * PLOT
            width = WIDTH - LEFT - RIGHT
            yield f'<rect class="band {tier}" x="{LEFT}" y="{y:.1f}" width="{width}" height="{height:.1f}"/>'


def _axes(chart: Chart) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, TOP + PLOT
    yield f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}" fill="none"/>'
    for value, word, tier in (
        (chart.hot_above, f"hot above {chart.hot_above:g}", "hot"),
        (chart.warm_from, f"warm from {chart.warm_from:g}", "warm"),
    ):
        if chart.low < value < chart.high:
            y = y_of(chart, value)
            yield f'<path class="bound" stroke="var(--{tier})" d="M{LEFT} {y:.1f}H{right}"/>'
            yield f'<text class="{tier}" x="{right + 10}" y="{y + 4:.1f}">{word}</text>'
    for value in {chart.low, chart.high, chart.hot_above, chart.warm_from}:
        if chart.low <= value <= chart.high:
            y = y_of(chart, value) + 4
            yield f'<text class="soft" x="{LEFT - 10}" y="{y:.1f}" text-anchor="end">{value:g}</text>'
    for tick in chart.ticks:
        x = x_of(chart, tick.at_us)
        yield f'<path class="axis" d="M{x:.1f} {bottom}v6"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{bottom + 22}" text-anchor="middle">{tick.text}</text>'


def _curve(chart: Chart, curve: Curve, *, first: bool) -> Iterator[str]:
    if not curve.points:
        return
    places = [(x_of(chart, at_us), y_of(chart, value)) for at_us, value in curve.points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    if first:
        floor = y_of(chart, chart.low)
        yield f'<path class="area" fill="url(#tiers)" d="{path}V{floor:.1f}H{places[0][0]:.1f}Z"/>'
    yield f'<path class="curve" stroke="url(#tiers)" d="{path}"/>'
    if curve.name:
        x, y = places[0]
        yield f'<text x="{x + 8:.1f}" y="{y - 8:.1f}">{escape(curve.name)}</text>'


def _mark(
    chart: Chart, mark: Mark, number: int | None, placed: list[tuple[float, float]]
) -> Iterator[str]:
    x, y = x_of(chart, mark.at_us), y_of(chart, mark.value)
    look = f"crossing {mark.to_tier}" if mark.to_tier else "event"
    radius = 5.5 if mark.to_tier else 4
    yield f'<circle class="{look}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{escape(mark.text)}</title></circle>'
    if number is not None:
        above = y - 11
        while any(abs(px - x) < _NEAR and abs(py - above) < _NEAR for px, py in placed):
            above -= _NEAR
        placed.append((x, above))
        yield f'<text class="number" x="{x:.1f}" y="{above:.1f}">{number}</text>'


def _listed(chart: Chart) -> list[Mark]:
    if len(chart.marks) <= LISTED:
        return chart.marks
    return [mark for mark in chart.marks if mark.to_tier][:LISTED]


def _list(listed: list[Mark]) -> Iterator[str]:
    """What the numbers mean, in two columns."""
    half = (len(listed) + 1) // 2
    for number, mark in enumerate(listed, 1):
        column, row = divmod(number - 1, half)
        x, y = LEFT + column * (WIDTH - LEFT) / 2, TOP + PLOT + 56 + row * ROW
        told = mark.to_tier is None or "→" in mark.text
        tier = "" if told else f' <tspan class="{mark.to_tier}">→ {mark.to_tier}</tspan>'
        yield (
            f'<text x="{x:.0f}" y="{y}"><tspan class="soft">{number}</tspan>  {escape(mark.text)}'
            f'  <tspan class="soft">{mark.value:.2f}</tspan>{tier}</text>'
        )
