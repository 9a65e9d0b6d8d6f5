"""What a picture of scores shows, before anybody draws it: curves, bounds, marks, days. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final, NamedTuple

from scorer.contracts.instants import to_us
from scorer.contracts.published import CrossingEvent
from scorer.domain.model import DAY_US, Model
from scorer.domain.outputs import Tier
from scorer.simulate.play import Played, Row

_HOUR_US: Final = DAY_US // 24
_STEPS: Final = (
    _HOUR_US // 4, _HOUR_US, 3 * _HOUR_US, 6 * _HOUR_US,
    *(days * DAY_US for days in (1, 2, 7, 14, 28, 56, 91, 182, 364)),
)  # fmt: skip
TICKS: Final = 8
"""At most so many labels on the axis of time: more run into each other at 80 columns."""


class Curve(NamedTuple):
    """One line of the picture."""

    name: str
    points: list[tuple[int, float]]  # (µs, score), in order of time; a step is two at one instant


class Mark(NamedTuple):
    """Something that happened, where it happened."""

    at_us: int
    value: float
    text: str
    from_tier: Tier | None = None  # of a crossing
    to_tier: Tier | None = None

    @property
    def up(self) -> bool:
        """Whether it is a crossing to a better tier."""
        order = [Tier.DISQUALIFIED, Tier.COLD, Tier.WARM, Tier.HOT]
        return bool(self.from_tier and self.to_tier) and order.index(
            Tier(self.to_tier or Tier.COLD)
        ) > order.index(Tier(self.from_tier or Tier.COLD))


class Tick(NamedTuple):
    """A label on the axis of time."""

    at_us: int
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to be drawn."""

    title: str
    note: str
    curves: list[Curve]
    marks: list[Mark]
    ticks: list[Tick]
    start_us: int
    end_us: int
    low: float
    high: float
    hot_above: float
    warm_from: float

    def tier_at(self, value: float) -> Tier:
        """The tier of a value by the plain bounds: what colour it has."""
        if value > self.hot_above:
            return Tier.HOT
        return Tier.WARM if value >= self.warm_from else Tier.COLD

    def x(self, at_us: int) -> float:
        """The place of an instant, 0 to 1."""
        return (at_us - self.start_us) / max(self.end_us - self.start_us, 1)

    def y(self, value: float) -> float:
        """The place of a score, 0 at the bottom, 1 at the top."""
        return (value - self.low) / (self.high - self.low)


def chart(
    title: str,
    note: str,
    curves: list[Curve],
    marks: list[Mark],
    model: Model,
    *,
    ticks: list[Tick],
    start_us: int,
    end_us: int,
) -> Chart:
    """The picture, with room for everything in it and for both bounds of the tiers."""
    values = [value for curve in curves for _, value in curve.points] or [0.0]
    tiers = model.tiers
    top = max(*values, tiers.hot_above) if max(values) > tiers.warm_from / 2 else max(values) * 2
    high = max(ceil((max(top, tiers.warm_from) + 4) / 10) * 10, 10)
    low = min(floor(min(values) / 10) * 10, 0)
    return Chart(
        title, note, curves, marks, ticks, start_us, end_us, float(low), float(high),
        tiers.hot_above, tiers.warm_from,
    )  # fmt: skip


def chart_of(played: Played) -> Chart:
    """The picture of a story."""
    told = played.told
    start_us = min([told.calendar.start_us, *(row.at_us for row in played.rows)])
    end_us = max(told.end_us, start_us + _HOUR_US)
    model = told.model
    return chart(
        told.name,
        f"model {model.name} {model.version}",
        [Curve("", played.curve)],
        _marks(played),
        model,
        ticks=_ticks(played, start_us, end_us),
        start_us=start_us,
        end_us=end_us,
    )


def _marks(played: Played) -> list[Mark]:
    """Evidence and crossings; a look is no event."""
    crossed = {(to_us(c.time), c.data.cause.id): c for c in played.crossings}
    by_time = {to_us(c.time): c for c in played.crossings}
    told = played.told
    looks = {look.says for look in told.looks}
    return [
        _mark(
            f"{told.calendar.words(row.at_us)} {row.what}",
            row,
            None if row.by_pool else crossed.get((row.at_us, None)) or by_time.get(row.at_us),
        )
        for row in played.rows
        if row.what not in looks and row.account.created
    ]


def _mark(text: str, row: Row, crossing: CrossingEvent | None) -> Mark:
    if crossing is None:
        return Mark(row.at_us, row.account.score, text)
    data = crossing.data
    return Mark(row.at_us, row.account.score, text, data.from_, data.to)


def _ticks(played: Played, start_us: int, end_us: int) -> list[Tick]:
    calendar = played.told.calendar
    step_us = step_of(end_us - start_us)
    marks = []
    for at_us in range(start_us, end_us + 1, step_us):
        text = (
            f"{calendar.local(at_us):%H:%M}" if step_us < DAY_US else f"day {calendar.day(at_us)}"
        )
        marks.append(Tick(at_us, text))
    return marks


def step_of(span_us: int) -> int:
    """The distance of the labels on an axis of this length."""
    return next((step for step in _STEPS if span_us <= step * TICKS), _STEPS[-1])
