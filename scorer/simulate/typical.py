"""How the leads of a model cool down: a typical one as a whole, and each rule and silence by itself.

The typical lead does everything that brings points once, at the same moment, and then nothing. Its fit
is the best that the model knows, a good one and a fair one, given as an adjustment; everything else is
the worker's own code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, isfinite
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scorer.contracts.model.reach import reach
from scorer.contracts.model.shape import Document
from scorer.contracts.model.show import decay_words, silence_words
from scorer.domain.events import Adjustment, Behaviour, Body, Created, LeadEvent
from scorer.domain.model import (
    DAY_US,
    AttributeRule,
    BehaviourRule,
    Decay,
    DecayKind,
    Model,
    Silence,
)
from scorer.domain.plan import SilencePlan
from scorer.domain.scoring import silence_loss
from scorer.simulate.chart import Chart, Curve, Mark, Tick, chart, step_of
from scorer.simulate.moments import Calendar
from scorer.simulate.play import Played, play
from scorer.simulate.telling import SOURCE, Look, Publication, Told

START_US: Final = 1_772_409_600_000_000  # a Monday midnight; without holidays any day will do
FITS: Final = (("best fit", 1.0), ("good fit", 0.6), ("fair fit", 0.3))
"""Shares of the points that the attributes can bring; those of the sentences (strong from 60 %, fair from 30 %)."""
LONGEST_DAYS, SHORTEST_DAYS = 365, 14
STILL: Final = 0.5
"""Points. A curve that stays this close to its end has nothing more to show."""


class Fade(NamedTuple):
    """What one occurrence of a behaviour, or a dimension in silence, is worth day by day."""

    id: str
    label_en: str
    label_zh: str
    words: str  # "halves in 14d"
    values: tuple[float, ...]  # on day 0, 1, …

    @property
    def size(self) -> float:
        """The points at the beginning, without sign."""
        return abs(self.values[0])


class Typical(NamedTuple):
    """Everything that the picture of a model shows."""

    chart: Chart
    rules: list[Fade]
    silences: list[Fade]
    days: int


def typical(document: Document, model: Model) -> Typical:
    """The picture of a model."""
    model = replace(model, pauses=())  # holidays would make the picture one of this year
    fit = _reachable_fit(document, model)
    fits = [(word, round(fit * share, 2)) for word, share in FITS] if fit > 0 else [("", 0.0)]
    days = _days([play(_told(model, points, LONGEST_DAYS)) for _, points in fits])
    played = [play(_told(model, points, days)) for _, points in fits]
    names = [f"{word}: {points:g}" if word else "" for word, points in fits]
    picture = chart(
        f"How a lead cools down under {model.name} {model.version}",
        "It does everything that brings points once, then nothing.",
        [Curve(name, _from_start(each)) for name, each in zip(names, played, strict=True)],
        sorted(
            mark for name, each in zip(names, played, strict=True) for mark in _marks(name, each)
        ),
        model,
        ticks=_ticks(days),
        start_us=START_US,
        end_us=START_US + days * DAY_US,
    )
    return Typical(picture, list(_rules(model, days)), list(_silences(model, days)), days)


def share(decay: Decay, age_us: int) -> float:
    """What is left of an occurrence of this age, 0 to 1 (semantics of the model language)."""
    match decay.kind:
        case DecayKind.NONE:
            return 1.0
        case DecayKind.HALF_LIFE:
            return float(0.5 ** (age_us / decay.span_us))
        case DecayKind.LINEAR:
            return max(0.0, 1.0 - age_us / decay.span_us)
        case DecayKind.STEP:
            return max(0.0, 1.0 - (age_us // decay.span_us) * decay.lose)
        case DecayKind.EXPIRES:
            return 1.0 if age_us < decay.span_us else 0.0


def _reachable_fit(document: Document, model: Model) -> float:
    fit = {rule.dimension for rule in model.rules if isinstance(rule, AttributeRule)}
    found = reach(document, model).dimensions
    high = sum(found[name].high for name in fit)
    return high if isfinite(high) else model.tiers.hot_above


def _told(model: Model, fit: float, days: int) -> Told:
    bodies: list[Body] = (
        [Created("typical"), Adjustment(fit, "model", "fit")] if fit else [Created("typical")]
    )
    bodies += _once_each(model)
    events = [
        LeadEvent("typical", START_US, SOURCE, f"{number:03}", body)
        for number, body in enumerate(bodies)
    ]
    end_us = START_US + days * DAY_US
    return Told(
        name=model.name,
        about="",
        lead_id="typical",
        model=model,
        calendar=Calendar(START_US, ZoneInfo("UTC")),
        publications=tuple(Publication(event, START_US, 0, "") for event in events),
        looks=(Look(end_us, None, ""),),
        end_us=end_us,
    )


def _once_each(model: Model) -> Iterator[Behaviour]:
    done: set[str] = set()
    for rule in model.rules:
        if isinstance(rule, BehaviourRule) and rule.points > 0 and done.isdisjoint(rule.on):
            name = min(rule.on)
            done.add(name)
            for number in range(rule.streak.length if rule.streak else 1):
                yield Behaviour(name, str(number))


def _days(played: list[Played]) -> int:
    """So many days that the slowest curve has come to rest, in whole weeks."""
    last_us = START_US
    for each in played:
        end = each.curve[-1][1]
        moving = [at_us for at_us, value in each.curve if abs(value - end) > STILL]
        last_us = max(last_us, *moving) if moving else last_us
    weeks = ceil((last_us - START_US) * 1.1 / DAY_US / 7)
    return min(max(weeks * 7, SHORTEST_DAYS), LONGEST_DAYS)


def _from_start(played: Played) -> list[tuple[int, float]]:
    """The curve without the rise at the very start, while the lead does one thing after the other."""
    rise = sum(at_us == START_US for at_us, _ in played.curve)
    return played.curve[rise - 1 :]


def _marks(name: str, played: Played) -> Iterator[Mark]:
    """Where time alone takes a lead to another tier."""
    for row in played.rows:
        if " → " in row.what:
            day = (row.at_us - START_US) / DAY_US
            from_, _, to = row.what.partition(": ")[2].partition(" → ")
            tiers = (type(row.account.tier)(from_), type(row.account.tier)(to))
            says = f"{name.partition(':')[0]}, day {day:.1f}, {row.what}".lstrip(", ")
            yield Mark(row.at_us, row.account.score, says, *tiers)


def _ticks(days: int) -> list[Tick]:
    step = step_of(days * DAY_US) // DAY_US or 1
    return [Tick(START_US + day * DAY_US, f"day {day}") for day in range(0, days + 1, step)]


def _rules(model: Model, days: int) -> Iterator[Fade]:
    for rule in model.rules:
        if isinstance(rule, BehaviourRule) and rule.points:
            values = (
                min(max(rule.points * share(rule.decay, day * DAY_US), rule.min), rule.max)
                for day in range(days + 1)
            )
            words = decay_words(rule.decay) or "does not decay"
            yield Fade(
                rule.id, rule.label_en or rule.id, rule.label_zh or rule.id, words, tuple(values)
            )


def _silences(model: Model, days: int) -> Iterator[Fade]:
    for dimension in model.dimensions:
        silence = dimension.silence
        if silence is not None:
            full = dimension.max if isfinite(dimension.max) else 100.0
            values = tuple(_left(full, silence, day) for day in range(days + 1))
            names = dimension.label_en or dimension.id, dimension.label_zh or dimension.id
            yield Fade(dimension.id, *names, silence_words(silence), values)


def _left(value: float, silence: Silence, day: int) -> float:
    return value - silence_loss(value, SilencePlan(silence, silence.floor, 0), day * DAY_US)
