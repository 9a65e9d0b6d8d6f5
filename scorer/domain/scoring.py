"""The score of a ledger at an instant. Knows points, decay, caps and silence; keeps nothing.

    contribution(rule, τ) = clamp(points × weight(rule, τ), rule.min, rule.max)
    dimension(d, τ)       = clamp(Σ contributions, d.min, d.max), not below its floor by decay, less silence
    score(t)              = round2(clamp(Σ dimensions + adjustments(t), total.min, total.max))

Positive parts fall with time and negative parts rise towards nought, each on its own monotone. So
every function here takes three instants: one for the positive parts, one for the negative ones and
one for silence. At the same instant thrice it gives the score; at the two ends of an interval it
gives bounds that hold everywhere between them (`scorer.domain.prediction` lives on that).
"""

from __future__ import annotations

from typing import Final, Literal

from scorer.domain.ledger import Account, Ledger
from scorer.domain.model import DecayKind, Silence
from scorer.domain.plan import Plan, RulePlan

HALF_LIFE: Final[Literal[DecayKind.HALF_LIFE]] = DecayKind.HALF_LIFE


def half(age_us: float, half_life_us: int) -> float:
    """0.5^(age / half-life)."""
    return float(0.5 ** (age_us / half_life_us))


def weight_at(account: Account, rule: RulePlan, tau: int) -> float:
    """Σ decay(age) over the counted occurrences of one rule, at lead time `tau`."""
    kind = rule.decay
    if kind is HALF_LIFE:
        return account.weight * half(tau - account.ref, rule.span_us)
    if kind is DecayKind.NONE:
        return account.weight
    total = 0.0
    span, lose = rule.span_us, rule.lose
    for start, weight in account.items or ():
        age = tau - start
        if kind is DecayKind.LINEAR:
            share = 1.0 - age / span
        elif kind is DecayKind.STEP:
            share = 1.0 - (age // span) * lose
        else:
            share = 1.0 if age < span else 0.0
        if share > 0.0:
            total += weight * share
    return total


def silence_loss(value: float, silence: Silence, elapsed_us: int) -> float:
    """What silence takes from a dimension that shows `value`, `elapsed_us` after the lead's last act."""
    quiet = elapsed_us - silence.after_us
    if quiet <= 0 or value <= silence.floor:
        return 0.0
    if silence.half_life_us:
        return float((value - silence.floor) * (1.0 - half(quiet, silence.half_life_us)))
    return min(float(quiet // silence.every_us) * silence.lose, value - silence.floor)


class Contribution:
    """What one rule gives at one instant: before and after its own cap."""

    __slots__ = ("account", "capped", "raw", "rule")

    def __init__(self, rule: RulePlan, raw: float, capped: float, account: Account | None) -> None:
        self.rule = rule
        self.raw = raw
        self.capped = capped
        self.account = account  # None: an attribute rule


def contributions(ledger: Ledger, plan: Plan, tau_pos: int, tau_neg: int) -> list[Contribution]:
    """Every contribution, attribute rules first, in an order that all evaluations share."""
    rules = plan.rules
    found: list[Contribution] = []
    for rule_id in ledger.fit:
        rule = rules[rule_id]
        found.append(Contribution(rule, rule.points, rule.points, None))
    for rule_id, account in ledger.accounts.items():
        rule = rules[rule_id]
        tau = tau_pos if rule.positive else tau_neg
        if rule.decay is HALF_LIFE:
            raw = rule.points * account.weight * half(tau - account.ref, rule.span_us)
        else:
            raw = rule.points * weight_at(account, rule, tau)
        capped = min(raw, rule.cap_max)
        capped = max(capped, rule.cap_min)
        found.append(Contribution(rule, raw, capped, account))
    return found


def grouped(plan: Plan, found: list[Contribution]) -> tuple[list[float], list[float]]:
    """The sum of each dimension after the caps of rules and groups, and of each group before its cap."""
    sums = plan.zeros.copy()
    groups = [0.0] * len(plan.groups)
    for c in found:
        group = c.rule.group
        if group >= 0:
            groups[group] += c.capped
        else:
            sums[c.rule.dimension] += c.capped
    for i, group_ in enumerate(plan.groups):
        sums[plan.group_dimension[i]] += min(max(groups[i], group_.min), group_.max)
    return sums, groups


def earned(ledger: Ledger, plan: Plan, tau_pos: int, tau_neg: int) -> list[float]:
    """Each dimension after the caps of rules, groups and its own; before floor and silence."""
    sums, _ = grouped(plan, contributions(ledger, plan, tau_pos, tau_neg))
    return bounded(plan, sums)


def bounded(plan: Plan, sums: list[float]) -> list[float]:
    """The caps of the dimensions applied, in a new list."""
    values = sums.copy()
    for i, low, high in plan.bounds:
        if values[i] > high:
            values[i] = high
        elif values[i] < low:
            values[i] = low
    return values


def shown(ledger: Ledger, plan: Plan, dimensions: list[float], tau_silence: int) -> list[float]:
    """The dimensions as they are shown: held at their floor against decay, less silence. In place."""
    for i, floor, name in plan.floors:
        if dimensions[i] < floor:
            held = ledger.held.get(name, floor)
            dimensions[i] = max(dimensions[i], held)
    if ledger.created_us is not None:
        elapsed = tau_silence - ledger.anchor
        for i, silence in plan.silences:
            if elapsed > silence.after_us:
                dimensions[i] -= silence_loss(dimensions[i], silence, elapsed)
    return dimensions


def dimensions_at(
    ledger: Ledger, plan: Plan, tau_pos: int, tau_neg: int, tau_silence: int
) -> list[float]:
    """The shown value of each dimension, in the order of the model."""
    return shown(ledger, plan, earned(ledger, plan, tau_pos, tau_neg), tau_silence)


def adjusted(ledger: Ledger, time_us: int) -> float:
    """The sum of the adjustments in force at an instant (event time, not lead time)."""
    sum_ = 0.0
    for _, points, _, _, until in ledger.adjustments:
        if until is None or time_us < until:
            sum_ += points
    return sum_


def total(plan: Plan, dimensions: list[float], adjustments: float) -> float:
    """The exact score before rounding."""
    bounds = plan.model.total
    return float(min(max(sum(dimensions) + adjustments, bounds.min), bounds.max))


def score_at(ledger: Ledger, plan: Plan, time_us: int) -> float:
    """The score at an instant at or after the latest evidence, rounded to 0.01."""
    tau = ledger.lead_time(plan, time_us)
    dimensions = dimensions_at(ledger, plan, tau, tau, tau)
    return round(total(plan, dimensions, adjusted(ledger, time_us)), 2)
