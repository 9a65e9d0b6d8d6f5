"""The score of a ledger at an instant. Knows points, decay, caps and silence; keeps nothing.

    contribution(rule, τ) = clamp(points × weight(rule, τ), rule.min, rule.max)
    dimension(d, τ)       = clamp(Σ contributions, d.min, d.max), not below its floor by decay, less silence
    score(t)              = round2(clamp(Σ dimensions + adjustments(t), total.min, total.max))

What moves with time in it, and how, is laid out in `scorer.domain.curve`.
"""

from __future__ import annotations

import math
from typing import Final, Literal

from librt.vecs import vec
from mypy_extensions import mypyc_attr

from scorer.domain.ledger import Account, Ledger
from scorer.domain.model import DecayKind
from scorer.domain.plan import Plan, RulePlan, SilencePlan

HALF_LIFE: Final[Literal[DecayKind.HALF_LIFE]] = DecayKind.HALF_LIFE
NONE: Final[Literal[DecayKind.NONE]] = DecayKind.NONE
LINEAR: Final[Literal[DecayKind.LINEAR]] = DecayKind.LINEAR
STEP: Final[Literal[DecayKind.STEP]] = DecayKind.STEP
EXPIRES: Final[Literal[DecayKind.EXPIRES]] = DecayKind.EXPIRES
NEGLIGIBLE: Final = 1e-9
"""Points below which a decayed contribution can move no rounded score by itself."""


def round2(points: float) -> float:
    """`round(points, 2)` to the bit, at a tenth of its cost wherever no tie is near."""
    scaled = abs(points) * 100.0
    if not scaled <= 1e11:
        return round(points, 2)
    whole = float(int(scaled + 0.5))
    # Crossings lie right beside a tie; below 10^6 a float of hundredths is off by less than 10^-9.
    near = 0.499999999 if scaled < 1e6 else 0.499999
    if not -near < scaled - whole < near:
        return round(points, 2)
    return whole / 100.0 if points >= 0.0 else -(whole / 100.0)


def half(age_us: float, half_life_us: int) -> float:
    """0.5^(age / half-life)."""
    return math.pow(0.5, age_us / half_life_us)


def weight_at(account: Account, rule: RulePlan, tau: int) -> float:
    """Σ decay(age) over the counted occurrences of one rule, at lead time `tau`."""
    kind = rule.decay
    if kind is HALF_LIFE:
        return account.weight * half(tau - account.ref, rule.span_us)
    if kind is NONE:
        return account.weight
    total = 0.0
    span, lose, items = rule.span_us, rule.lose, account.items or []
    if kind is EXPIRES:
        if items and tau - items[0][0] < span:
            return account.weight  # all of them
        left = len(items)
        while left > 0 and tau - items[left - 1][0] < span:  # the oldest expires first
            left -= 1
        for i in range(left, len(items)):
            total += items[i][1]
        return total
    for start, weight in items:
        age = tau - start
        share = 1.0 - age / span if kind is LINEAR else 1.0 - (age // span) * lose
        if share > 0.0:
            total += weight * share
    return total


def raw_of(account: Account, rule: RulePlan, tau: int) -> float:
    """What a rule gives before its own cap."""
    if rule.decay is HALF_LIFE:
        return rule.points * account.weight * half(tau - account.ref, rule.span_us)
    return rule.points * weight_at(account, rule, tau)


def silence_loss(value: float, silence: SilencePlan, elapsed_us: int) -> float:
    """What silence takes from a dimension that shows `value`, `elapsed_us` after the lead's last act."""
    quiet = elapsed_us - silence.after_us
    if quiet <= 0 or value <= silence.floor:
        return 0.0
    if silence.half_life_us:
        return (value - silence.floor) * (1.0 - half(quiet, silence.half_life_us))
    return min(float(quiet // silence.every_us) * silence.lose, value - silence.floor)


@mypyc_attr(acyclic=True)
class Contribution:
    """What one rule gives at one instant: before and after its own cap."""

    __slots__ = ("account", "capped", "raw", "rule")

    def __init__(self, rule: RulePlan, raw: float, capped: float, account: Account | None) -> None:
        self.rule = rule
        self.raw = raw
        self.capped = capped
        self.account = account  # None: an attribute rule


def contributions(ledger: Ledger, plan: Plan, tau: int) -> list[Contribution]:
    """Every contribution, attribute rules first, in an order that all evaluations share."""
    rules = plan.rules
    found: list[Contribution] = []
    for rule_id in ledger.fit:
        rule = rules[rule_id]
        found.append(Contribution(rule, rule.points, rule.points, None))
    for rule_id, account in ledger.accounts.items():
        found.append(contribution(rules[rule_id], account, tau))
    return found


def contribution(rule: RulePlan, account: Account, tau: int) -> Contribution:
    """What one behaviour rule gives."""
    raw = raw_of(account, rule, tau)
    return Contribution(rule, raw, max(min(raw, rule.cap_max), rule.cap_min), account)


def grouped(plan: Plan, found: list[Contribution]) -> tuple[vec[float], vec[float]]:
    """The sum of each dimension after the caps of rules and groups, and of each group before its cap."""
    sums, groups = plan.zeros[:], plan.group_zeros[:]
    for c in found:
        group = c.rule.group
        if group >= 0:
            groups[group] += c.capped
        else:
            sums[c.rule.dimension] += c.capped
    if plan.groups:
        add_groups(plan, sums, groups)
    return sums, groups


def add_groups(plan: Plan, sums: vec[float], groups: vec[float]) -> None:
    """Add each group, cut by its cap, to its dimension."""
    lows, highs = plan.group_lows, plan.group_highs
    for i, dimension in enumerate(plan.group_dimension):
        sums[dimension] += min(max(groups[i], lows[i]), highs[i])


def earned(ledger: Ledger, plan: Plan, tau: int) -> vec[float]:
    """Each dimension after the caps of rules, groups and its own; before floor and silence.

    To the bit what `grouped(contributions)` gives, without an object a rule.
    """
    sums, groups = plan.zeros[:], plan.group_zeros[:]
    rules = plan.rules
    for rule_id in ledger.fit:
        rule = rules[rule_id]
        if rule.group >= 0:
            groups[rule.group] += rule.points
        else:
            sums[rule.dimension] += rule.points
    for rule_id, account in ledger.accounts.items():
        rule = rules[rule_id]
        capped = max(min(raw_of(account, rule, tau), rule.cap_max), rule.cap_min)
        if rule.group >= 0:
            groups[rule.group] += capped
        else:
            sums[rule.dimension] += capped
    if plan.groups:
        add_groups(plan, sums, groups)
    return bounded(plan, sums)


def bounded(plan: Plan, sums: vec[float]) -> vec[float]:
    """The caps of the dimensions applied, in new values."""
    values, lows, highs = sums[:], plan.lows, plan.highs
    for i in range(len(values)):
        values[i] = max(min(values[i], highs[i]), lows[i])
    return values


def shown(ledger: Ledger, plan: Plan, dimensions: vec[float], tau_silence: int) -> vec[float]:
    """The dimensions as they are shown: held at their floor against decay, less silence. In place."""
    for i in range(len(dimensions)):
        floor = plan.floors[i]
        if dimensions[i] < floor:
            held = ledger.held.get(plan.dimension_ids[i], floor)
            dimensions[i] = max(dimensions[i], held)
    if ledger.created_us is not None:
        elapsed = tau_silence - ledger.anchor
        for silence in plan.silences:
            if elapsed > silence.after_us:
                i = silence.dimension
                dimensions[i] -= silence_loss(dimensions[i], silence, elapsed)
    return dimensions


def dimensions_at(ledger: Ledger, plan: Plan, tau: int) -> vec[float]:
    """The shown value of each dimension, in the order of the model."""
    return shown(ledger, plan, earned(ledger, plan, tau), tau)


def adjusted(ledger: Ledger, time_us: int) -> float:
    """The sum of the adjustments in force at an instant (event time, not lead time)."""
    sum_ = 0.0
    for _, points, _, _, until in ledger.adjustments:
        if until is None or time_us < until:
            sum_ += points
    return sum_


def sum_of(values: vec[float]) -> float:
    """All of them, added in their order."""
    sum_ = 0.0
    for i in range(len(values)):
        sum_ += values[i]
    return sum_


def total(plan: Plan, dimensions: vec[float], adjustments: float) -> float:
    """The exact score before rounding."""
    sum_ = sum_of(dimensions)
    return min(max(sum_ + adjustments, plan.total_min), plan.total_max)


def score_at(ledger: Ledger, plan: Plan, time_us: int) -> float:
    """The score at an instant at or after the latest evidence, rounded to 0.01."""
    tau = ledger.lead_time(plan, time_us)
    dimensions = dimensions_at(ledger, plan, tau)
    return round2(total(plan, dimensions, adjusted(ledger, time_us)))
