"""Why a score is what it is, line by line. Knows points and cents; the lines add up exactly.

Semantics, section 4: every contribution, each cap cut, the floor that held and the silence loss are
lines of their own. Lines are whole cents; what rounding leaves over goes to the largest line.
"""

from __future__ import annotations

from typing import Final

from scorer.domain.ledger import Ledger
from scorer.domain.line import Line
from scorer.domain.outputs import LineKind
from scorer.domain.plan import Plan
from scorer.domain.scoring import (
    Contribution,
    adjusted,
    bounded,
    contributions,
    grouped,
    round2,
    shown,
    total,
)

RULE: Final = LineKind.RULE
CAP: Final = LineKind.CAP
SILENCE: Final = LineKind.SILENCE
ADJUSTMENT: Final = LineKind.ADJUSTMENT


class Explanation:
    """A score at an instant with everything that it is made of."""

    __slots__ = ("all_time", "dimensions", "lines", "score")

    def __init__(
        self, score: float, dimensions: dict[str, float], lines: tuple[Line, ...], all_time: float
    ) -> None:
        self.score = score
        self.dimensions = dimensions
        self.lines = lines
        self.all_time = all_time  # engagement without decay, silence and caps

    def __hash__(self) -> int:
        return hash((self.score, self.lines))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Explanation)
            and self.score == other.score
            and self.lines == other.lines
            and self.dimensions == other.dimensions
            and self.all_time == other.all_time
        )


class Valuation:
    """What all rules give at an instant, before floors and silence."""

    __slots__ = ("earned", "found", "groups", "sums", "tau")

    def __init__(
        self,
        tau: int,
        found: list[Contribution],
        sums: list[float],
        groups: list[float],
        earned: list[float],
    ) -> None:
        self.tau = tau
        self.found = found
        self.sums = sums  # of the dimensions, before their caps
        self.groups = groups  # of the groups, before theirs
        self.earned = earned  # the dimensions after their caps


def valuate(ledger: Ledger, plan: Plan, time_us: int) -> Valuation:
    """Evaluate every rule at an instant at or after the latest evidence."""
    tau = ledger.lead_time(plan, time_us)
    found = contributions(ledger, plan, tau)
    sums, groups = grouped(plan, found)
    return Valuation(tau, found, sums, groups, bounded(plan, sums))


def explain(
    ledger: Ledger, plan: Plan, time_us: int, valuation: Valuation | None = None
) -> Explanation:
    """The explanation of the score at an instant at or after the latest evidence."""
    if valuation is None:
        valuation = valuate(ledger, plan, time_us)
    groups, sums, earned = valuation.groups, valuation.sums, valuation.earned
    lines, all_time = _rule_lines(valuation.found)
    for i, low, high in plan.group_bounds:
        before = groups[i]
        if not low <= before <= high:
            group = plan.groups[i]
            _add(lines, CAP, group.dimension, group.id, min(max(before, low), high) - before)
    values = shown(ledger, plan, earned.copy(), valuation.tau)
    _dimension_lines(lines, plan, sums, earned, values)
    adjustments = 0.0
    if ledger.adjustments:
        for name, points, _author, _reason, until in ledger.adjustments:
            if until is None or time_us < until:
                _add(lines, ADJUSTMENT, "", str(name), points, 1)
        adjustments = adjusted(ledger, time_us)
    exact = total(plan, values, adjustments)
    sum_ = 0.0
    for value in values:
        sum_ += value
    cut = exact - (sum_ + adjustments)
    if cut != 0.0:
        _add(lines, CAP, "", "total", cut)
    score = round2(exact)
    dimensions = _balance(lines, plan, round(score * 100.0))
    return Explanation(score, dimensions, tuple(lines), all_time)


def cents_of(points: float) -> int:
    """Points in whole cents, halves away from nought."""
    return int(points * 100.0 + (0.5 if points >= 0.0 else -0.5))


def _rule_lines(found: list[Contribution]) -> tuple[list[Line], float]:
    """A line for each contribution, and the engagement of all time."""
    lines: list[Line] = []
    all_time = 0.0
    for c in found:
        rule, account = c.rule, c.account
        points = cents_of(c.capped) / 100.0
        if account is None:
            if points:
                lines.append(Line(RULE, rule.dimension_id, rule.id, points, 1))
        elif account.count:
            undecayed = rule.points * account.count
            all_time += undecayed
            decayed = cents_of(abs(undecayed - c.raw)) / 100.0 if undecayed != c.raw else 0.0
            cut = cents_of(abs(c.raw - c.capped)) / 100.0 if c.raw != c.capped else 0.0
            lines.append(
                Line(RULE, rule.dimension_id, rule.id, points, account.count, decayed, cut)
            )
    return lines, round2(all_time)


def _dimension_lines(
    lines: list[Line], plan: Plan, sums: list[float], earned: list[float], values: list[float]
) -> None:
    """What the cap of each dimension cut, what its floor gave and what silence took."""
    for i, name in enumerate(plan.dimension_ids):
        had, value = earned[i], values[i]
        if had != sums[i]:
            _add(lines, CAP, name, name, had - sums[i])
        if value > had:
            _add(lines, CAP, name, "floor", value - had)
        elif value < had:
            _add(lines, SILENCE, name, "silence", value - had)


def _add(
    lines: list[Line], kind: LineKind, dimension: str, name: str, points: float, count: int = 0
) -> None:
    cents = cents_of(points)
    if cents:
        lines.append(Line(kind, dimension, name, cents / 100.0, count))


def _balance(lines: list[Line], plan: Plan, score_cents: int) -> dict[str, float]:
    """Give what rounding left over to the largest line; what the lines of each dimension add up to."""
    index = plan.dimension_index
    cents = [0] * (len(index) + 1)  # the last one is that of no dimension
    left = score_cents
    largest, size = -1, -1
    for i, line in enumerate(lines):
        points = cents_of(line.points)
        left -= points
        cents[index.get(line.dimension, -1)] += points
        if points > size or -points > size:
            largest, size = i, abs(points)
    if left and lines:
        line = lines[largest]
        cents[index.get(line.dimension, -1)] += left
        lines[largest] = Line(
            line.kind,
            line.dimension,
            line.name,
            (cents_of(line.points) + left) / 100.0,
            line.occurrences,
            line.decayed,
            line.cut,
        )
    return {name: cents[i] / 100.0 for name, i in index.items()}
