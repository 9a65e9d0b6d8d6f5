"""Why a score is what it is, line by line. Knows points and cents; the lines add up exactly.

Semantics, section 4: every contribution, each cap cut, the floor that held and the silence loss are
lines of their own. Lines are whole cents; what rounding leaves over goes to the largest line.
"""

from __future__ import annotations

from typing import NamedTuple

from scorer.domain.ledger import COUNT, Ledger
from scorer.domain.outputs import Line, LineKind
from scorer.domain.plan import Plan
from scorer.domain.scoring import adjusted, bounded, contributions, grouped, shown, total

_Draft = tuple[LineKind, str, str, float, int, float, float]


class Explanation(NamedTuple):
    """A score at an instant with everything that it is made of."""

    score: float
    dimensions: dict[str, float]
    lines: tuple[Line, ...]
    all_time: float  # engagement without decay, silence and caps


def explain(ledger: Ledger, plan: Plan, time_us: int) -> Explanation:
    """The explanation of the score at an instant at or after the latest evidence."""
    tau = ledger.lead_time(plan, time_us)
    found = contributions(ledger, plan, tau, tau)
    drafts: list[_Draft] = []
    all_time = 0.0
    for rule, raw, capped, account in found:
        dimension = plan.dimensions[rule.dimension].id
        if account is None:
            drafts.append((LineKind.RULE, dimension, rule.id, capped, 1, 0.0, 0.0))
        elif account[COUNT]:
            undecayed = rule.points * account[COUNT]
            all_time += undecayed
            line = (capped, account[COUNT], abs(undecayed - raw), abs(raw - capped))
            drafts.append((LineKind.RULE, dimension, rule.id, *line))
    sums, groups = grouped(plan, found)
    for group, before in zip(plan.groups, groups, strict=True):
        cut = min(max(before, group.min), group.max) - before
        if cut:
            drafts.append((LineKind.CAP, group.dimension, group.id, cut, 0, 0.0, 0.0))
    dimensions = _dimension_lines(ledger, plan, sums, tau, drafts)
    for name, points, _author, _reason, until in ledger.adjustments:
        if until is None or time_us < until:
            drafts.append((LineKind.ADJUSTMENT, "", str(name), points, 1, 0.0, 0.0))
    adjustments = adjusted(ledger, time_us)
    raw_total = total(plan, dimensions, adjustments)
    cut = raw_total - (sum(dimensions) + adjustments)
    if cut:
        drafts.append((LineKind.CAP, "", "total", cut, 0, 0.0, 0.0))
    score = round(raw_total, 2)
    lines = _exact(drafts, score)
    return Explanation(score, _dimension_totals(plan, lines), lines, round(all_time, 2))


def _dimension_lines(
    ledger: Ledger, plan: Plan, sums: list[float], tau: int, drafts: list[_Draft]
) -> list[float]:
    """The lines for caps, floors and silence; the shown dimensions."""
    capped = bounded(plan, sums)
    values = shown(ledger, plan, list(capped), tau)
    for i, dimension in enumerate(plan.dimensions):
        if capped[i] != sums[i]:
            cut = capped[i] - sums[i]
            drafts.append((LineKind.CAP, dimension.id, dimension.id, cut, 0, 0.0, 0.0))
        if values[i] > capped[i]:
            held = values[i] - capped[i]
            drafts.append((LineKind.CAP, dimension.id, "floor", held, 0, 0.0, 0.0))
        elif values[i] < capped[i]:
            loss = values[i] - capped[i]
            drafts.append((LineKind.SILENCE, dimension.id, "silence", loss, 0, 0.0, 0.0))
    return values


def _exact(drafts: list[_Draft], score: float) -> tuple[Line, ...]:
    """Lines in whole cents that add up to the score; the remainder goes to the largest."""
    cents = [round(draft[3] * 100.0) for draft in drafts]
    remainder = round(score * 100.0) - sum(cents)
    if remainder:
        largest = max(range(len(cents)), key=lambda i: abs(cents[i]))
        cents[largest] += remainder
    return tuple(
        Line(kind, dimension, name, c / 100.0, count, round(decayed, 2), round(cut, 2))
        for (kind, dimension, name, _, count, decayed, cut), c in zip(drafts, cents, strict=True)
        if c or decayed or cut
    )


def _dimension_totals(plan: Plan, lines: tuple[Line, ...]) -> dict[str, float]:
    """What the lines of each dimension add up to, so that the dimensions add up as exactly."""
    cents = {d.id: 0 for d in plan.dimensions}
    for line in lines:
        if line.dimension:
            cents[line.dimension] += round(line.points * 100.0)
    return {name: c / 100.0 for name, c in cents.items()}
