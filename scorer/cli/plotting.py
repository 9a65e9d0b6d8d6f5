"""How the picture of a model is printed: a typical lead as a chart, each rule as a line of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scorer.cli import show
from scorer.cli.simulating import CHART, print_chart
from scorer.domain.model import DAY_US
from scorer.simulate.braille import draw, spark

if TYPE_CHECKING:
    from scorer.domain.sentence import Language
    from scorer.simulate.typical import Fade, Typical

BARS: Final = 28  # columns of a line of bars: beside name and points it fits 80


def print_typical(it: Typical, language: Language) -> None:
    """The whole picture."""
    from rich.text import Text

    chart = it.chart
    show.out().print(Text(chart.title, style="bold"))
    names = "; ".join(curve.name for curve in chart.curves if curve.name)
    show.out().print(Text(f"{chart.note} {names}".strip(), style="dim"))
    show.line("")
    print_chart(draw(chart, min(show.out().width, CHART[0]), CHART[1]))
    for mark in chart.marks:
        show.line(f"  {mark.text} ({mark.value:.2f})")
    show.line("")
    _print_fades(f"one of it, day 0 to {it.days}", it.rules, language)
    if it.silences:
        show.line("")
        _print_fades(f"in silence, day 0 to {it.days}", it.silences, language)


def _print_fades(title: str, fades: list[Fade], language: Language) -> None:
    rows = [
        (
            fade.label_zh if language == "zh" else fade.label_en,
            f"{fade.values[0]:+g}",
            spark(_sampled(fade), fade.size or 1.0),
            fade.words,
        )
        for fade in fades
    ]
    columns = ["what", "points", title, "how"]
    show.out().print(show.table(columns, rows, right=["points"], short="how"))


def _sampled(fade: Fade) -> list[float]:
    days = len(fade.values) - 1
    return [abs(fade.values[days * n // (BARS - 1)]) for n in range(BARS)]


def as_json(it: Typical) -> dict[str, Any]:
    """The picture as plain JSON types; values are one a day."""
    start = it.chart.start_us
    return {
        "days": it.days,
        "curves": [
            {"name": curve.name, "points": [[(at - start) / DAY_US, v] for at, v in curve.points]}
            for curve in it.chart.curves
        ],
        "crossings": [
            {"day": (m.at_us - start) / DAY_US, "score": m.value, "text": m.text}
            for m in it.chart.marks
        ],
        "rules": [fade._asdict() for fade in it.rules],
        "silences": [fade._asdict() for fade in it.silences],
    }
