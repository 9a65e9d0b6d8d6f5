"""Invented models, stories and instants, from any source of choices.

`Choices` is what a case is made of: plain `random` for a million quick cases, Hypothesis where a
failure should shrink. The first of several options is always the simplest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Body,
    Created,
    Hold,
    LeadEvent,
    Outcome,
    OutcomeKind,
    Retraction,
)
from scorer.domain.model import (
    DAY_US,
    SECOND_US,
    AttributeRule,
    BehaviourRule,
    Bounds,
    Condition,
    Decay,
    DecayKind,
    Dimension,
    Disqualify,
    FastTrack,
    Group,
    History,
    Limit,
    LimitKind,
    Model,
    Outcomes,
    Publish,
    Silence,
    Streak,
    Tiers,
)
from scorer.domain.outputs import Tier

HOUR_US: Final = 3_600 * SECOND_US
START_US: Final = 1_772_000_000_000_000  # a Wednesday in February 2026
BEHAVIOURS: Final = ("demo", "page", "mail", "call_missed", "call_answered", "budget_low")
ATTRIBUTES: Final = ("title", "region")
VALUES: Final[tuple[AttributeValue, ...]] = ("vp", "intern", 7)
OBJECTS: Final = (None, "a", "b")
ZONES: Final = tuple(ZoneInfo(z) for z in ("UTC", "Asia/Shanghai", "America/New_York"))
MAX_POINTS: Final = 60
T = TypeVar("T")


class Choices(Protocol):
    """A source of choices."""

    def whole(self, low: int, high: int) -> int: ...
    def one_of(self, options: Sequence[T]) -> T: ...


class RandomChoices:
    """Choices from a seeded generator."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def whole(self, low: int, high: int) -> int:
        return low + int(self.rng.random() * (high - low + 1))

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self.rng.random() * len(options))]


class Case(NamedTuple):
    """A model, a lead's story in canonical order, and the instant at which it is looked at."""

    model: Model
    events: list[LeadEvent]
    end_us: int


def case(choose: Choices, *, coalesce: bool = False) -> Case:
    """Everything that the model language can say, in any mixture."""
    model = random_model(choose, coalesce=coalesce)
    events = story(choose)
    last_us = max(e.time_us for e in events)
    return Case(model, events, last_us + choose.whole(0, 120) * DAY_US + choose.whole(0, 999))


# --- models -----------------------------------------------------------------------------------


def random_model(choose: Choices, *, coalesce: bool = False) -> Model:
    names = ("fit", "behaviour", "third")[: choose.whole(2, 3)]
    dimensions = tuple(_dimension(choose, name) for name in names)
    groups = tuple(_group(choose, f"g{i}", names) for i in range(choose.whole(0, 2)))
    rules: list[AttributeRule | BehaviourRule] = []
    for i in range(choose.whole(1, 5)):
        rules.append(_behaviour_rule(choose, f"b{i}", names, groups))
    for i in range(choose.whole(0, 3)):
        rules.append(_attribute_rule(choose, f"a{i}", names, groups))
    publish = Publish()
    if coalesce:
        publish = Publish(choose.one_of((0.0, 5.0)), choose.whole(0, 3) * HOUR_US)
    return Model(
        name="random",
        version="1",
        hash="random",
        dimensions=dimensions,
        rules=tuple(rules),
        groups=groups,
        total=choose.one_of((Bounds(0.0, 100.0), Bounds(), Bounds(-20.0, 60.0))),
        tiers=_tiers(choose),
        fast_tracks=tuple(_fast_track(choose) for _ in range(choose.whole(0, 2))),
        by_rep=choose.one_of((frozenset({"call_missed", "budget_low"}), frozenset())),
        behaviours=frozenset(BEHAVIOURS),
        history=History(400 * DAY_US, 200),
        publish=publish,
        outcomes=Outcomes(choose.one_of((frozenset({"disqualified"}), frozenset({"lost"})))),
        time_zone=choose.one_of(ZONES),
        pauses=_holidays(choose),
        hold_pauses_decay=choose.one_of((True, False)),
    )


def _points(choose: Choices) -> float:
    size = choose.whole(1, MAX_POINTS * 2) / 2.0
    return size if choose.one_of((True, True, False)) else -size


def _duration(choose: Choices) -> int:
    return choose.whole(1, 30) * choose.one_of((DAY_US, HOUR_US, DAY_US))


def _dimension(choose: Choices, name: str) -> Dimension:
    low = choose.one_of((-1000.0, 0.0, -30.0))
    high = choose.one_of((1000.0, 34.0, 50.0))
    floor = choose.one_of((0.0, 0.0, 5.0, -10.0))
    silence = None
    form = choose.whole(0, 2)
    if form == 1:
        silence = Silence(
            after_us=choose.whole(0, 10) * DAY_US,
            lose=choose.whole(1, 20) / 2.0,
            every_us=_duration(choose),
            floor=choose.one_of((0.0, 3.0)),
        )
    elif form == 2:
        silence = Silence(
            after_us=choose.whole(0, 10) * DAY_US,
            half_life_us=_duration(choose),
            floor=choose.one_of((0.0, 3.0)),
        )
    return Dimension(name, low, high, floor=max(low, floor), silence=silence)


def _group(choose: Choices, name: str, dimensions: Sequence[str]) -> Group:
    return Group(
        name,
        choose.one_of(dimensions),
        min=choose.one_of((-1000.0, -20.0)),
        max=choose.one_of((1000.0, 15.0, 40.0)),
    )


def _decay(choose: Choices) -> Decay:
    kind = choose.one_of(list(DecayKind))
    if kind is DecayKind.NONE:
        return Decay()
    lose = choose.one_of((0.15, 0.5, 0.3)) if kind is DecayKind.STEP else 0.0
    return Decay(kind, _duration(choose), lose)


def _limit(choose: Choices) -> Limit:
    kind = choose.one_of(list(LimitKind))
    count = choose.whole(1, 3) if kind in {LimitKind.ROLLING, LimitKind.CALENDAR_DAY} else 1
    window = choose.whole(1, 72) * HOUR_US if kind is LimitKind.ROLLING else 0
    return Limit(kind, count, window)


def _place(
    choose: Choices, names: Sequence[str], groups: Sequence[Group]
) -> tuple[str, str | None]:
    if groups and choose.whole(0, 1):
        group = choose.one_of(groups)
        return group.dimension, group.id
    return choose.one_of(names), None


def _behaviour_rule(
    choose: Choices, name: str, names: Sequence[str], groups: Sequence[Group]
) -> BehaviourRule:
    dimension, group = _place(choose, names, groups)
    points = _points(choose)
    streak = None
    on = frozenset({choose.one_of(BEHAVIOURS)})
    if choose.whole(0, 4) == 4:
        resets = frozenset({choose.one_of(BEHAVIOURS)}) - on
        streak = Streak(choose.whole(2, 3), resets, choose.one_of((False, True)))
    capped = choose.one_of((False, True))
    return BehaviourRule(
        name,
        dimension,
        points,
        group,
        min=-abs(points) * 1.5 if capped else float("-inf"),
        max=abs(points) * 1.5 if capped else float("inf"),
        disqualify=Disqualify.HARD if choose.whole(0, 24) == 24 else None,
        on=on,
        decay=_decay(choose),
        limits=tuple(_limit(choose) for _ in range(max(choose.whole(-1, 2), 0))),
        streak=streak,
    )


def _equals(value: AttributeValue) -> Callable[[AttributeValue | None], bool]:
    return lambda v: v == value


def _missing(value: AttributeValue | None) -> bool:
    return value is None


def _attribute_rule(
    choose: Choices, name: str, names: Sequence[str], groups: Sequence[Group]
) -> AttributeRule:
    dimension, group = _place(choose, names, groups)
    conditions = []
    for _ in range(choose.whole(1, 2)):
        attribute = choose.one_of(ATTRIBUTES)
        value = choose.one_of((*VALUES, None))
        holds = _missing if value is None else _equals(value)
        conditions.append(Condition(attribute, holds, f"{attribute} is {value}"))
    return AttributeRule(
        name,
        dimension,
        _points(choose),
        group,
        disqualify=Disqualify.HARD if choose.whole(0, 14) == 14 else None,
        conditions=tuple(conditions),
        any_of=choose.one_of((False, True)),
    )


def _tiers(choose: Choices) -> Tiers:
    hot, warm = choose.one_of(((70.0, 30.0), (40.0, 15.0), (20.0, 10.0)))
    return Tiers(
        hot,
        warm,
        choose.one_of((2.0, 0.0, 5.0)),
        choose.one_of((0, 0, 6 * HOUR_US, 3 * DAY_US)),
    )


def _fast_track(choose: Choices) -> FastTrack:
    return FastTrack(
        frozenset({choose.one_of(BEHAVIOURS)}),
        choose.one_of((Tier.HOT, Tier.WARM)),
        choose.whole(1, 96) * HOUR_US,
    )


def _holidays(choose: Choices) -> tuple[tuple[int, int], ...]:
    spans, start = [], START_US
    for _ in range(max(choose.whole(-2, 3), 0)):
        start += choose.whole(1, 20) * DAY_US
        end = start + choose.whole(1, 9) * DAY_US
        spans.append((start, end))
        start = end
    return tuple(spans)


# --- stories ----------------------------------------------------------------------------------


def story(choose: Choices, *, most: int = 12) -> list[LeadEvent]:
    """What happens to one lead in some weeks, created somewhere among it."""
    count = choose.whole(1, most)
    created = choose.whole(0, min(count, 3))
    t = START_US
    events: list[LeadEvent] = []
    for i in range(count + 1):
        body = _creation(choose) if i == created else _happening(choose, events, t)
        events.append(LeadEvent("lead", t, choose.one_of(("crm", "web")), f"e{i}", body))
        t += _gap(choose)
    return sorted(events, key=lambda e: (e.time_us, e.source, e.id))


def _gap(choose: Choices) -> int:
    unit = choose.one_of((HOUR_US, DAY_US, 60 * SECOND_US, SECOND_US, 1_000, 0))
    return choose.whole(1, 40) * unit if unit != DAY_US else choose.whole(1, 12) * DAY_US


def _creation(choose: Choices) -> Body:
    return Created("web", _values(choose))


def _values(choose: Choices) -> dict[str, AttributeValue]:
    names = ATTRIBUTES[: choose.whole(0, len(ATTRIBUTES))]
    return {name: choose.one_of(VALUES) for name in names}


def _happening(choose: Choices, before: Sequence[LeadEvent], t: int) -> Body:
    kind = choose.whole(0, 19)
    if kind < 12:
        return Behaviour(choose.one_of((*BEHAVIOURS, "unheard_of")), choose.one_of(OBJECTS))
    if kind < 15:
        unset = ATTRIBUTES[: choose.whole(0, 1)]
        return AttributesChanged(_values(choose), unset)
    if kind == 15:
        return Hold(choose.one_of((False, True)))
    if kind == 16:
        return Outcome(choose.one_of(list(OutcomeKind)))
    if kind == 17 and before:
        target = choose.one_of(before)
        if not isinstance(target.body, Created | Retraction):
            return Retraction(target.source, target.id)
    expires = t + choose.whole(1, 20) * DAY_US if choose.one_of((True, False)) else None
    return Adjustment(float(choose.whole(-20, 20)), "manager", "said so", expires)
