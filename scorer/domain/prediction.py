"""When the tier changes next if nothing happens. Knows bounds and bisection; emits nothing.

Between two pieces of evidence a score is a known function of time. The first instant, on a grid of
one millisecond, at which the tier differs is found by bracketing with bounds that cannot skip a
crossing: over (a, b] the score lies between score(positives at b, negatives at a, silence at b) and
score(positives at a, negatives at b, silence at a), because each part is monotone. Where both bounds
stay in the tier, the whole interval does and is dropped; else it is halved.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.bracketing import first_outside, stays_for_ever
from scorer.domain.curve import Curve
from scorer.domain.instants import GRID_US, grid_from, on_grid, times
from scorer.domain.ledger import COLD, Ledger
from scorer.domain.outputs import RANK, CauseKind, Tier
from scorer.domain.plan import Plan
from scorer.domain.regions import Region, stay_region
from scorer.domain.scoring import (
    HALF_LIFE,
    NEGLIGIBLE,
    NONE,
    Contribution,
    adjusted,
    contributions,
    dimensions_at,
    round2,
    total,
)
from scorer.domain.tiers import DISQUALIFIED, decide, dwells, lifted

SILENCE: Final[CauseKind] = CauseKind.SILENCE
DECAY: Final[CauseKind] = CauseKind.DECAY
LN_2: Final = log(2.0)

CLEAR: Final = 1e-12
"""How far from the edge of a tier a curve and the exact score are surely on the same side, as a share
of all points that are added: a hundred times what the order of fifty additions can make of them."""


@mypyc_attr(acyclic=True)
class Change:
    """At `time_us` the tier by score becomes `base` and the tier shown becomes `tier`."""

    __slots__ = ("base", "cause", "rule", "tier", "time_us")

    def __init__(
        self, time_us: int, base: Tier, tier: Tier, cause: CauseKind, rule: str | None = None
    ) -> None:
        self.time_us = time_us
        self.base = base
        self.tier = tier
        self.cause = cause
        self.rule = rule

    def _fields(self) -> tuple[int, Tier, Tier, CauseKind, str | None]:
        return self.time_us, self.base, self.tier, self.cause, self.rule

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"Change{self._fields()!r}"


def changes(ledger: Ledger, plan: Plan, after_us: int) -> Iterator[Change]:
    """Every change of `base` or `tier` after an instant, in order, if no evidence arrives."""
    if ledger.created_us is None or ledger.paused_at is not None or ledger.tier is DISQUALIFIED:
        return
    base: Tier = ledger.base
    tier: Tier = ledger.tier
    since, time_us = ledger.base_since, after_us
    while True:
        boundary = _boundary(ledger, plan, since, time_us)
        found = _first_change(ledger, plan, base, since, time_us, boundary)
        if found is None and boundary is None:
            return
        if found is None:
            assert boundary is not None
            time_us, cause = boundary, CauseKind.EXPIRY
            new = _decided(ledger, plan, base, since, time_us)
        else:
            time_us, new, cause = found
        new_tier = lifted(ledger, new, time_us)
        if new is not base or new_tier is not tier:
            if new is not base:
                base, since = new, time_us
            tier = new_tier
            yield Change(time_us, base, tier, cause, _expired(ledger, time_us, cause))


def next_crossing(
    ledger: Ledger, plan: Plan, after_us: int, found: list[Contribution] | None = None
) -> Change | None:
    """The first change of the tier shown. `found`: what the rules give at `after_us`, if known."""
    tier = ledger.tier
    if ledger.fast or ledger.adjustments or tier is not ledger.base or plan.min_dwell_us:
        for change in changes(ledger, plan, after_us):
            if change.tier is not tier:
                return change
        return None
    if ledger.created_us is None or ledger.paused_at is not None:
        return None
    if _only_falls(ledger, plan, tier):
        return None
    first = _first_change(ledger, plan, tier, ledger.base_since, after_us, None, found)
    if first is None:
        return None
    time_us, new, cause = first
    return Change(time_us, new, new, cause)


def _only_falls(ledger: Ledger, plan: Plan, base: Tier) -> bool:
    """Whether a lead is cold already and nothing of it can rise."""
    return base is COLD and (not plan.rising or plan.rising.isdisjoint(ledger.accounts))


def _expired(ledger: Ledger, time_us: int, cause: CauseKind) -> str | None:
    """What ran out at `time_us`, in words for the cause."""
    if cause is not CauseKind.EXPIRY:
        return None
    if any(until == time_us for _, until, _ in ledger.fast):
        return "fast_track"
    for name, _, _, _, until in ledger.adjustments:
        if until == time_us:
            return f"adjustment {name}"
    return "min_dwell"


def _boundary(ledger: Ledger, plan: Plan, since: int, after_us: int) -> int | None:
    """The next instant after which another formula holds: an expiry or the end of a dwell."""
    ends = [until for _, _, _, _, until in ledger.adjustments if until is not None]
    ends += [until for _, until, _ in ledger.fast]
    if plan.min_dwell_us:
        ends.append(since + plan.min_dwell_us)
    return min((end for end in ends if end > after_us), default=None)


def _decided(ledger: Ledger, plan: Plan, base: Tier, since: int, time_us: int) -> Tier:
    tau = ledger.lead_time(plan, time_us)
    raw = total(plan, dimensions_at(ledger, plan, tau), adjusted(ledger, time_us))
    new = decide(plan, base, round2(raw))
    return base if dwells(plan, base, since, new, time_us) else new


@mypyc_attr(acyclic=True)
class Exact:
    """The tier by score at an instant, as it will be decided there."""

    __slots__ = ("adjustments", "base", "dwelling", "ledger", "left", "plan")

    def __init__(
        self, ledger: Ledger, plan: Plan, base: Tier, adjustments: float, dwelling: bool
    ) -> None:
        self.ledger, self.plan, self.base = ledger, plan, base
        self.adjustments, self.dwelling = adjustments, dwelling
        self.left: Tier = base  # for which the last instant that was refused has left it

    def tier(self, tau: int) -> Tier:
        """The tier at a lead time."""
        return self.of(
            total(self.plan, dimensions_at(self.ledger, self.plan, tau), self.adjustments)
        )

    def of(self, raw: float) -> Tier:
        """The tier of an unrounded score."""
        new = decide(self.plan, self.base, round2(raw))
        return self.base if self.dwelling and RANK[new] < RANK[self.base] else new

    def stays(self, tau: int) -> bool:
        """Whether the tier has not changed then."""
        tier = self.tier(tau)
        if tier is self.base:
            return True
        self.left = tier
        return False


def _first_change(
    ledger: Ledger,
    plan: Plan,
    base: Tier,
    since: int,
    after_us: int,
    until_us: int | None,
    found: list[Contribution] | None = None,
) -> tuple[int, Tier, CauseKind] | None:
    """The first grid instant in (after, until) at which the tier by score is not `base`."""
    if _only_falls(ledger, plan, base):
        return None  # it can only fall, and there is nowhere to fall to
    dwelling = dwells(plan, base, since, COLD, after_us)
    region = stay_region(plan.model, base, dwelling=True) if dwelling else plan.stay[base]
    adjustments = adjusted(ledger, after_us)
    lo = ledger.lead_time(plan, after_us)
    if found is None:
        found = contributions(ledger, plan, lo)
    curve = Curve(ledger, plan, adjustments, lo, found)
    if stays_for_ever(curve, region, lo):
        return None
    hi = _horizon(ledger, plan, lo, found)
    if until_us is not None:
        # Strictly before: at the boundary itself another formula holds.
        hi = min(hi, on_grid(ledger.lead_time(plan, until_us - 1)))
    if hi <= lo:
        return None
    exact = Exact(ledger, plan, base, adjustments, dwelling)
    tau = first_outside(curve, region, lo, hi)
    if tau is None:
        return None
    new = _beyond_doubt(exact, curve, region, found, tau, lo)
    if new is None:
        tau = _confirmed(exact, tau, lo, hi)
        if tau is None:
            return None
        new = exact.left  # that of the instant which was refused last, and that is `tau`
    silent = region.holds(curve.at(tau, tau, tau - GRID_US))
    time_us = plan.after_pauses(tau + ledger.paused_us)
    return time_us, new, SILENCE if silent else DECAY


def _beyond_doubt(
    exact: Exact, curve: Curve, region: Region, found: list[Contribution], tau: int, lo: int
) -> Tier | None:
    """The tier that begins at an instant found on the curve; None where the exact score must be asked.

    That is where the curve passes within a hair of the edge, just before or then.
    """
    before = tau - GRID_US
    if before <= lo:
        return None
    size = abs(exact.adjustments) + 100.0
    for c in found:
        size += abs(c.capped)
    clear = CLEAR * size
    score = curve.at(before, before, before)
    if not region.low + clear <= score <= region.high - clear:
        return None
    score = curve.at(tau, tau, tau)
    if region.low - clear <= score <= region.high + clear:
        return None
    return exact.of(min(max(score, exact.plan.total_min), exact.plan.total_max))


def _confirmed(exact: Exact, tau: int, lo: int, hi: int) -> int | None:
    """The instant found on the curve, moved to where the exact score agrees; None: nowhere.

    The two differ by rounding noise (1e-13 points): less than a step of the grid is worth, unless a
    score comes to rest on the very edge of a tier. So the strides double.
    """
    stride = GRID_US
    if exact.stays(tau):
        inside, end = tau, grid_from(hi)
        while exact.stays(tau):
            if tau >= end:
                return None
            inside = tau
            tau = min(tau + stride, end)  # beyond it another formula may hold
            stride *= 2
    else:
        inside = tau - GRID_US
        while inside > lo and not exact.stays(inside):
            tau = inside
            inside -= stride
            stride *= 2
        inside = max(inside, on_grid(lo))
    while tau - inside > GRID_US:
        middle = on_grid((inside + tau) // 2)
        if exact.stays(middle):
            inside = middle
        else:
            tau = middle
    return tau


def _horizon(ledger: Ledger, plan: Plan, tau: int, found: list[Contribution]) -> int:
    """A lead time after which neither decay nor silence moves the rounded score any more."""
    end = tau
    gained = 0.0
    for c in found:
        rule, account = c.rule, c.account
        gained += max(c.capped, 0.0)
        if account is None or rule.decay is NONE:
            continue
        if rule.decay is HALF_LIFE:
            size = abs(rule.points * account.weight)
            if size > NEGLIGIBLE:
                end = max(end, account.ref + _until_gone(rule.span_us, size))
        elif account.items:
            end = max(end, int(account.items[-1][0]) + (rule.lifetime_us or 0))
    for silence in plan.silences:
        reach = max(min(plan.highs[silence.dimension], gained) - silence.floor, 1.0)
        if silence.half_life_us:
            quiet = _until_gone(silence.half_life_us, reach)
        elif silence.lose > 0:
            quiet = times(silence.every_us, int(reach / silence.lose + 2))
        else:
            quiet = 0
        end = max(end, ledger.anchor + silence.after_us + quiet)
    return end


def _until_gone(half_life_us: int, size: float) -> int:
    """How long it takes until next to nothing is left of so many points."""
    return int(half_life_us * (log(size / NEGLIGIBLE) / LN_2)) + 1
