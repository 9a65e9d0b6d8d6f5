"""One rule of the document → one rule of the domain. Knows both types; knows no YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from scorer.contracts.model.condition_shape import AllEntry, AnyEntry
from scorer.contracts.model.conditions import ConditionError, condition
from scorer.contracts.model.problems import Path
from scorer.contracts.model.rule_shape import (
    AttributeRuleEntry,
    CommonRule,
    DecayForm,
    LimitForm,
    StreakEntry,
)
from scorer.contracts.model.shape import Document
from scorer.contracts.model.shorthand import LabelEntry
from scorer.domain import model as domain


class Refused(Exception):
    """A part of the document that cannot be built."""

    def __init__(self, path: Path, message: str, remedy: str) -> None:
        super().__init__(message)
        self.path, self.message, self.remedy = path, message, remedy


def rule(document: Document, index: int) -> domain.AttributeRule | domain.BehaviourRule:
    """One rule. Raises `Refused` for a condition whose value does not suit its operator."""
    entry = document.rules[index]
    if isinstance(entry, AttributeRuleEntry):
        return _attribute_rule(entry, document, ("rules", index, "when"))
    common = _common(entry, document.weights)
    streak = entry.streak
    return domain.BehaviourRule(
        **common,
        on=frozenset(streak.of if streak else entry.on or ()),
        decay=_decay(entry.decay),
        limits=tuple(_limit(limit) for limit in entry.limit),
        streak=_streak(streak) if streak else None,
    )


class _Common(TypedDict):
    id: str
    dimension: str
    points: float
    group: str | None
    min: float
    max: float
    disqualify: domain.Disqualify | None
    label_en: str
    label_zh: str


def points_of(entry: CommonRule, weights: Mapping[str, float]) -> float:
    """The points as a number; 0 of a hard disqualifier that gives none."""
    points = entry.points
    if isinstance(points, str):
        value = weights.get(points.removeprefix("-"), 0.0)
        return -value if points.startswith("-") else value
    return points or 0.0


def _common(entry: CommonRule, weights: Mapping[str, float]) -> _Common:
    label_en, label_zh = labels(entry.label, entry.id)
    return {
        "id": entry.id,
        "dimension": entry.dimension,
        "points": points_of(entry, weights),
        "group": entry.group,
        "min": low(entry.min),
        "max": high(entry.max),
        "disqualify": domain.Disqualify(entry.disqualify) if entry.disqualify else None,
        "label_en": label_en,
        "label_zh": label_zh,
    }


def _attribute_rule(
    entry: AttributeRuleEntry, document: Document, path: Path
) -> domain.AttributeRule:
    when = entry.when
    if isinstance(when, AllEntry):
        listed = [((*path, "all", i), c) for i, c in enumerate(when.all)]
    elif isinstance(when, AnyEntry):
        listed = [((*path, "any", i), c) for i, c in enumerate(when.any)]
    else:
        listed = [(path, when)]
    conditions = []
    for place, c in listed:
        try:
            conditions.append(
                condition(c.attribute, c.operator, c.value, ignore_case=document.ignore_case)
            )
        except ConditionError as error:
            raise Refused((*place, "value"), error.message, error.remedy) from None
    return domain.AttributeRule(
        **_common(entry, document.weights),
        conditions=tuple(conditions),
        any_of=isinstance(when, AnyEntry),
    )


def _decay(form: DecayForm) -> domain.Decay:
    if isinstance(form, str):
        return domain.Decay()
    if form.half_life:
        return domain.Decay(domain.DecayKind.HALF_LIFE, form.half_life)
    if form.linear:
        return domain.Decay(domain.DecayKind.LINEAR, form.linear.to_zero)
    if form.step:
        return domain.Decay(domain.DecayKind.STEP, form.step.every, form.step.lose)
    return domain.Decay(domain.DecayKind.EXPIRES, form.expires or 0)


def _streak(entry: StreakEntry) -> domain.Streak:
    return domain.Streak(entry.length, frozenset(entry.reset_by), entry.repeat)


def _limit(form: LimitForm) -> domain.Limit:
    if isinstance(form, str):
        return domain.Limit(domain.LimitKind(form))
    if isinstance(form.per, str):
        return domain.Limit(domain.LimitKind.CALENDAR_DAY, form.count)
    return domain.Limit(domain.LimitKind.ROLLING, form.count, form.per)


def labels(label: LabelEntry | None, name: str) -> tuple[str, str]:
    """English and Chinese; what is not written is made of the name, Chinese of the English."""
    english = label.en if label else name.replace("_", " ").capitalize()
    return english, (label.zh if label and label.zh else english)


def low(bound: float | None) -> float:
    """A lower bound; none is written: unbounded."""
    return -domain.UNBOUNDED if bound is None else bound


def high(bound: float | None) -> float:
    """An upper bound; none is written: unbounded."""
    return domain.UNBOUNDED if bound is None else bound
