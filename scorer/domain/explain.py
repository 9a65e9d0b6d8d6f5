"""Why a score is what it is, line by line. Knows points and cents; the lines add up exactly.

Semantics, section 4: every contribution, each cap cut, the floor that held and the silence loss are
lines of their own. Lines are whole cents; what rounding leaves over goes to the largest line.
"""

from __future__ import annotations

from typing import Final

from librt.vecs import vec
from mypy_extensions import mypyc_attr

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
    sum_of,
    total,
)

RULE: Final = LineKind.RULE
CAP: Final = LineKind.CAP
SILENCE: Final = LineKind.SILENCE
ADJUSTMENT: Final = LineKind.ADJUSTMENT


@mypyc_attr(acyclic=True)
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


@mypyc_attr(acyclic=True)
class Sheet:
    """The lines as they are written down, and what they add up to."""

    __slots__ = ("cents", "dimensions", "largest", "lines", "size")

    def __init__(self, plan: Plan) -> None:
        self.lines: list[Line] = []
        self.cents = plan.sheet[:]  # of each dimension, and of none
        self.dimensions = plan.line_dimensions
        self.largest = -1  # the line with the most points, won or lost
        self.size = 0

    def write(
        self,
        kind: LineKind,
        place: int,
        name: str,
        cents: int,
        occurrences: int,
        decayed: float = 0.0,
        cut: float = 0.0,
    ) -> None:
        """One more line, about the dimension that has this place."""
        size = cents if cents >= 0 else -cents
        if size > self.size or self.largest < 0:
            self.largest, self.size = len(self.lines), size
        self.cents[place] += float(cents)
        dimension = self.dimensions[place]
        self.lines.append(Line(kind, dimension, name, cents / 100.0, occurrences, decayed, cut))

    def add(self, kind: LineKind, place: int, name: str, points: float, count: int = 0) -> None:
        """The same if it is worth a cent."""
        cents = cents_of(points)
        if cents:
            self.write(kind, place, name, cents, count)

    def balance(self, score_cents: int) -> None:
        """Give what rounding left over to the largest line."""
        left = float(score_cents) - sum_of(self.cents)
        if left != 0.0 and self.lines:
            line = self.lines[self.largest]
            self.cents[self.dimensions.index(line.dimension)] += left
            self.lines[self.largest] = Line(
                line.kind,
                line.dimension,
                line.name,
                (float(cents_of(line.points)) + left) / 100.0,
                line.occurrences,
                line.decayed,
                line.cut,
            )

    def by_dimension(self, plan: Plan) -> dict[str, float]:
        """What the lines of each dimension add up to."""
        sums: dict[str, float] = {}
        for i, name in enumerate(plan.dimension_ids):
            sums[name] = self.cents[i] / 100.0
        return sums


@mypyc_attr(acyclic=True)
class Valuation:
    """What all rules give at an instant, before floors and silence."""

    __slots__ = ("earned", "found", "groups", "sums", "tau")

    def __init__(
        self,
        tau: int,
        found: list[Contribution],
        sums: vec[float],
        groups: vec[float],
        earned: vec[float],
    ) -> None:
        self.tau = tau
        self.found = found
        self.sums = sums  # of the dimensions, before their caps
        self.groups = groups  # of the groups, before theirs
        self.earned = earned  # the dimensions after their caps


def valuate(
    ledger: Ledger, plan: Plan, time_us: int, found: list[Contribution] | None = None
) -> Valuation:
    """Evaluate every rule at an instant at or after the latest evidence; `found`: that was done."""
    tau = ledger.lead_time(plan, time_us)
    if found is None:
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
    sheet = Sheet(plan)
    all_time = _write_rules(sheet, valuation.found)
    for i in range(len(groups)):
        before, low, high = groups[i], plan.group_lows[i], plan.group_highs[i]
        if not low <= before <= high:
            cut = min(max(before, low), high) - before
            sheet.add(CAP, plan.group_dimension[i], plan.groups[i].id, cut)
    values = shown(ledger, plan, earned[:], valuation.tau)
    _write_dimensions(sheet, plan, sums, earned, values)
    nowhere = len(plan.dimension_ids)
    adjustments = 0.0
    if ledger.adjustments:
        for name, points, _author, _reason, until in ledger.adjustments:
            if until is None or time_us < until:
                sheet.add(ADJUSTMENT, nowhere, str(name), points, 1)
        adjustments = adjusted(ledger, time_us)
    exact = total(plan, values, adjustments)
    cut = exact - (sum_of(values) + adjustments)
    if cut != 0.0:
        sheet.add(CAP, nowhere, "total", cut)
    score = round2(exact)
    sheet.balance(cents_of(score))
    return Explanation(score, sheet.by_dimension(plan), tuple(sheet.lines), all_time)


def cents_of(points: float) -> int:
    """Points in whole cents, halves away from nought."""
    return int(points * 100.0 + (0.5 if points >= 0.0 else -0.5))


def _write_rules(sheet: Sheet, found: list[Contribution]) -> float:
    """A line for each contribution; the engagement of all time."""
    all_time = 0.0
    for c in found:
        rule, account = c.rule, c.account
        cents = cents_of(c.capped)
        if account is None:
            if cents:
                sheet.write(RULE, rule.dimension, rule.id, cents, 1)
        elif account.count:
            undecayed = rule.points * account.count
            all_time += undecayed
            decayed = cents_of(abs(undecayed - c.raw)) / 100.0 if undecayed != c.raw else 0.0
            cut = cents_of(abs(c.raw - c.capped)) / 100.0 if c.raw != c.capped else 0.0
            sheet.write(RULE, rule.dimension, rule.id, cents, account.count, decayed, cut)
    return round2(all_time)


def _write_dimensions(
    sheet: Sheet, plan: Plan, sums: vec[float], earned: vec[float], values: vec[float]
) -> None:
    """What the cap of each dimension cut, what its floor gave and what silence took."""
    for i in range(len(sums)):
        had, value = earned[i], values[i]
        if had != sums[i]:
            sheet.add(CAP, i, plan.dimension_ids[i], had - sums[i])
        if value > had:
            sheet.add(CAP, i, "floor", value - had)
        elif value < had:
            sheet.add(SILENCE, i, "silence", value - had)
