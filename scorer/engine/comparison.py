"""Two accounts of one lead, by two models, side by side. Pure; knows no terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scorer.domain.outputs import LineKind
from scorer.engine.account import Account, as_json


@dataclass(frozen=True)
class Difference:
    """One line of either explanation. None: the model has no such line for this lead."""

    dimension: str
    kind: LineKind
    name: str
    one: float | None
    other: float | None

    @property
    def by(self) -> float:
        """How much more the other model gives."""
        return round((self.other or 0.0) - (self.one or 0.0), 2)


@dataclass(frozen=True)
class Comparison:
    """What would be different under the other model."""

    one: Account
    other: Account
    lines: list[Difference]
    dimensions: list[Difference]
    unknown_attributes: list[str]  # only the other model asks for them, so no state holds them
    unknown_behaviours: list[str]

    @property
    def by(self) -> float:
        """How much higher the score is under the other model."""
        return round(self.other.score - self.one.score, 2)


def compare(one: Account, other: Account) -> Comparison:
    """The differences, in the order of the first model, what only the second has behind."""
    lines = _lines(one, other)
    names = list(dict.fromkeys((*one.explanation.dimensions, *other.explanation.dimensions)))
    totals = [
        Difference(
            name,
            LineKind.RULE,
            name,
            one.explanation.dimensions.get(name),
            other.explanation.dimensions.get(name),
        )
        for name in names
    ]
    order = {name: place for place, name in enumerate(names)}
    lines.sort(key=lambda line: order.get(line.dimension, len(order)))
    return Comparison(
        one,
        other,
        lines,
        totals,
        sorted(other.plan.by_attribute.keys() - one.plan.by_attribute.keys()),
        sorted(other.plan.behaviours.keys() - one.plan.behaviours.keys()),
    )


def _lines(one: Account, other: Account) -> list[Difference]:
    here = {(line.dimension, line.kind, line.name): line.points for line in one.explanation.lines}
    there = {
        (line.dimension, line.kind, line.name): line.points for line in other.explanation.lines
    }
    return [Difference(*key, here.get(key), there.get(key)) for key in {**here, **there}]


def as_json_pair(it: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON types."""
    return {
        "one": as_json(it.one),
        "other": as_json(it.other),
        "difference": it.by,
        "lines": [_json(line) for line in it.lines],
        "dimensions": [_json(line) for line in it.dimensions],
        "unknown_attributes": it.unknown_attributes,
        "unknown_behaviours": it.unknown_behaviours,
    }


def _json(line: Difference) -> dict[str, Any]:
    return {
        "dimension": line.dimension,
        "kind": line.kind,
        "name": line.name,
        "one": line.one,
        "other": line.other,
        "difference": line.by,
    }
