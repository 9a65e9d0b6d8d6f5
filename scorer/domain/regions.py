"""The unrounded scores that keep a tier. Knows bounds and margins, knows no lead and no time."""

from __future__ import annotations

from typing import Final

from scorer.domain.model import UNBOUNDED, Model
from scorer.domain.outputs import Tier

HALF_CENT: Final = 0.005  # tiers are decided on rounded scores


class Region:
    """The unrounded scores that keep a tier: low ≤ score ≤ high."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high

    def holds(self, score: float) -> bool:
        """Whether a score keeps the tier."""
        return self.low <= score <= self.high


def stay_region(model: Model, base: Tier, *, dwelling: bool) -> Region:
    """Where a lead in `base` stays in it, or `dwelling`, where it does not rise above it."""
    tiers, total = model.tiers, model.total
    low, high = -UNBOUNDED, UNBOUNDED
    if base is Tier.HOT:
        low = tiers.hot_above - tiers.leave_margin + HALF_CENT
    elif base is Tier.WARM:
        low = tiers.warm_from - tiers.leave_margin - HALF_CENT
        high = tiers.hot_above + HALF_CENT
    else:
        high = tiers.warm_from - HALF_CENT
    # Beyond the bounds of the total the score stands still, whatever its parts do.
    return Region(
        -UNBOUNDED if dwelling or total.min > low else low,
        UNBOUNDED if total.max < high else high,
    )
