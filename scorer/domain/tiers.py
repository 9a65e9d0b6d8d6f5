"""Which tier a score means. Knows bounds, margins and ranks; knows no time but dwell.

Semantics, section 6: entering uses the plain bounds, leaving a tier downwards the margin. Tiers are
decided on the rounded score.
"""

from __future__ import annotations

from typing import Final

from scorer.domain.ledger import COLD, Ledger
from scorer.domain.model import Grid, GridAxis
from scorer.domain.outputs import RANK, Tier
from scorer.domain.plan import Plan

HOT: Final[Tier] = Tier.HOT
WARM: Final[Tier] = Tier.WARM
DISQUALIFIED: Final[Tier] = Tier.DISQUALIFIED


def decide(plan: Plan, current: Tier, score: float) -> Tier:
    """The tier by score of a lead that is in `current` (one of hot, warm, cold)."""
    if score > plan.hot_above:
        return HOT
    if current is HOT and score > plan.hot_above - plan.leave_margin:
        return HOT
    if score >= plan.warm_from:
        return WARM
    if current is WARM and score >= plan.warm_from - plan.leave_margin:
        return WARM
    return COLD


def disqualified(ledger: Ledger, plan: Plan) -> bool:
    """Whether an outcome or a hard disqualifier locks the tier."""
    if ledger.locked is not None:
        return True
    for rule_id in plan.hard_attributes:
        if rule_id in ledger.fit:
            return True
    for rule_id in plan.hard_behaviours:
        account = ledger.accounts.get(rule_id)
        if account is not None and account.count > 0:
            return True
    return False


def lifted(ledger: Ledger, base: Tier, time_us: int) -> Tier:
    """The tier by score, or the highest that a fast track lifts it to while it runs."""
    for name, until, _ in ledger.fast:
        if time_us < until and RANK[Tier(name)] > RANK[base]:
            base = Tier(name)
    return base


def dwells(plan: Plan, ledger_base: Tier, since_us: int, new: Tier, time_us: int) -> bool:
    """Whether a fall to `new` must wait, because the tier was entered less than `min_dwell` ago."""
    if not plan.min_dwell_us:
        return False
    return RANK[new] < RANK[ledger_base] and time_us < since_us + plan.min_dwell_us


def grid_label(grid: Grid | None, plan: Plan, dimensions: list[float]) -> str | None:
    """The cell of the two-axis grid, such as A1; None without a grid."""
    if grid is None:
        return None
    return _band(grid.first, plan, dimensions) + _band(grid.second, plan, dimensions)


def _band(axis: GridAxis, plan: Plan, dimensions: list[float]) -> str:
    value = round(sum(dimensions[plan.dimension_index[d]] for d in axis.dimensions), 2)
    for label, start in axis.bands:
        if value >= start:
            return label
    return axis.bands[-1][0]
