"""When the tier changes next if nothing happens. Knows bounds and bisection; emits nothing.

Between two pieces of evidence a score is a known function of time. The first instant, on a grid of
one millisecond, at which the tier differs is found by bracketing with bounds that cannot skip a
crossing: over (a, b] the score lies between score(positives at b, negatives at a, silence at b) and
score(positives at a, negatives at b, silence at a), because each part is monotone. Where both bounds
stay in the tier, the whole interval does and is dropped; else it is halved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log2
from typing import Final, NamedTuple

from scorer.domain.bracketing import GRID_US, first_outside, stay_region, stays_for_ever
from scorer.domain.curve import Curve
from scorer.domain.ledger import Ledger
from scorer.domain.model import DecayKind
from scorer.domain.outputs import CauseKind, Tier
from scorer.domain.plan import Plan
from scorer.domain.scoring import (
    Contribution,
    adjusted,
    contributions,
    dimensions_at,
    total,
)
from scorer.domain.tiers import RANK, decide, dwells, lifted

MARGIN: Final = 1e-6
"""Points by which a bound must clear the edge of a tier before it is trusted without a search."""
NEGLIGIBLE: Final = 1e-9
"""Points below which a decayed contribution can move no rounded score by itself."""


class Change(NamedTuple):
    """At `time_us` the tier by score becomes `base` and the tier shown becomes `tier`."""

    time_us: int
    base: Tier
    tier: Tier
    cause: CauseKind
    rule: str | None = None


def changes(ledger: Ledger, plan: Plan, after_us: int) -> Iterator[Change]:
    """Every change of `base` or `tier` after an instant, in order, if no evidence arrives."""
    if (
        ledger.created_us is None
        or ledger.paused_at is not None
        or ledger.tier is Tier.DISQUALIFIED
    ):
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
    if (
        found is not None
        and not ledger.fast
        and not ledger.adjustments
        and not plan.model.tiers.min_dwell_us
        and out_of_reach(ledger, plan, found)
    ):
        return None
    tier = ledger.tier
    for change in changes(ledger, plan, after_us):
        if change.tier is not tier:
            return change
    return None


def out_of_reach(ledger: Ledger, plan: Plan, found: list[Contribution]) -> bool:
    """Whether even the end of all decay and silence leaves the tier: one pass, no curve.

    Everything that falls gone and what rises as it is now is the least that the score can become;
    the other way round the most.
    """
    low, high = [0.0] * len(plan.dimensions), [0.0] * len(plan.dimensions)
    group_low, group_high = [0.0] * len(plan.groups), [0.0] * len(plan.groups)
    for c in found:
        rule, capped = c.rule, c.capped
        fixed = c.account is None or rule.decay is DecayKind.NONE
        least, most = (group_low, group_high) if rule.group >= 0 else (low, high)
        i = rule.group if rule.group >= 0 else rule.dimension
        if fixed or capped < 0.0:
            least[i] += capped
        if fixed or capped > 0.0:
            most[i] += capped
    for i, group in enumerate(plan.groups):
        d = plan.group_dimension[i]
        low[d] += min(max(group_low[i], group.min), group.max)
        high[d] += min(max(group_high[i], group.min), group.max)
    for i, bottom, top in plan.bounds:
        low[i] = min(max(low[i], bottom), top)
        high[i] = max(min(max(high[i], bottom), top), plan.dimensions[i].floor)
    for i, silence in plan.silences:
        low[i] = min(low[i], silence.floor)
    region = stay_region(plan.model, ledger.base, dwelling=False)
    return sum(low) > region.low + MARGIN and sum(high) < region.high - MARGIN


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
    if plan.model.tiers.min_dwell_us:
        ends.append(since + plan.model.tiers.min_dwell_us)
    return min((end for end in ends if end > after_us), default=None)


def _decided(ledger: Ledger, plan: Plan, base: Tier, since: int, time_us: int) -> Tier:
    tau = ledger.lead_time(plan, time_us)
    raw = total(plan, dimensions_at(ledger, plan, tau, tau, tau), adjusted(ledger, time_us))
    new = decide(plan.model.tiers, base, round(raw, 2))
    return base if dwells(plan.model.tiers, base, since, new, time_us) else new


def _first_change(
    ledger: Ledger, plan: Plan, base: Tier, since: int, after_us: int, until_us: int | None
) -> tuple[int, Tier, CauseKind] | None:
    """The first grid instant in (after, until) at which the tier by score is not `base`."""
    tiers = plan.model.tiers
    if base is Tier.COLD and plan.rising.isdisjoint(ledger.accounts):
        return None  # it can only fall, and there is nowhere to fall to
    dwelling = dwells(tiers, base, since, Tier.COLD, after_us)
    region = stay_region(plan.model, base, dwelling=dwelling)
    adjustments = adjusted(ledger, after_us)
    lo = ledger.lead_time(plan, after_us)
    curve = Curve(ledger, plan, adjustments, lo)
    if stays_for_ever(curve, region, lo):
        return None
    hi = _horizon(ledger, plan, lo)
    if until_us is not None:
        # Strictly before: at the boundary itself another formula holds.
        hi = min(hi, ledger.lead_time(plan, until_us - 1) // GRID_US * GRID_US)
    if hi <= lo:
        return None

    def exact(tau: int) -> Tier:
        raw = total(plan, dimensions_at(ledger, plan, tau, tau, tau), adjustments)
        new = decide(tiers, base, round(raw, 2))
        return base if dwelling and RANK[new] < RANK[base] else new

    tau = first_outside(curve, region, lo, hi)
    if tau is not None:
        tau = _confirmed(lambda t: exact(t) is base, tau, lo, hi)
    if tau is None:
        return None
    silent = region.low <= curve.at(tau, tau, tau - GRID_US) <= region.high
    time_us = plan.after_pauses(tau + ledger.paused_us)
    return time_us, exact(tau), CauseKind.SILENCE if silent else CauseKind.DECAY


def _confirmed(stays: Callable[[int], bool], tau: int, lo: int, hi: int) -> int | None:
    """The instant found on the curve, moved to where the exact score agrees; None: nowhere.

    The two differ by rounding noise (1e-13 points): less than a step of the grid is worth, unless a
    score comes to rest on the very edge of a tier. So the strides double.
    """
    stride = GRID_US
    if stays(tau):
        inside, end = tau, -(-hi // GRID_US) * GRID_US
        while stays(tau):
            if tau >= end:
                return None
            inside = tau
            tau = min(tau + stride, end)  # beyond it another formula may hold
            stride *= 2
    else:
        inside = tau - GRID_US
        while inside > lo and not stays(inside):
            tau = inside
            inside -= stride
            stride *= 2
        inside = max(inside, lo // GRID_US * GRID_US)
    while tau - inside > GRID_US:
        middle = (inside + tau) // (2 * GRID_US) * GRID_US
        if stays(middle):
            inside = middle
        else:
            tau = middle
    return tau


def _horizon(ledger: Ledger, plan: Plan, tau: int) -> int:
    """A lead time after which neither decay nor silence moves the rounded score any more."""
    end = tau
    gained = sum(c.capped for c in contributions(ledger, plan, tau, tau) if c.capped > 0)
    for rule_id, account in ledger.accounts.items():
        rule = plan.rules[rule_id]
        if rule.decay is DecayKind.HALF_LIFE:
            size = abs(rule.points * account.weight)
            if size > NEGLIGIBLE:
                end = max(end, account.ref + int(rule.span_us * log2(size / NEGLIGIBLE)) + 1)
        elif rule.decay is not DecayKind.NONE and account.items:
            end = max(end, int(account.items[-1][0]) + (rule.lifetime_us() or 0))
    for index, silence in plan.silences:
        reach = max(min(plan.dimensions[index].max, gained) - silence.floor, 1.0)
        if silence.half_life_us:
            quiet = int(silence.half_life_us * log2(reach / NEGLIGIBLE))
        elif silence.lose > 0:
            quiet = int(reach / silence.lose + 2) * silence.every_us
        else:
            quiet = 0
        end = max(end, ledger.anchor + silence.after_us + quiet)
    return end
