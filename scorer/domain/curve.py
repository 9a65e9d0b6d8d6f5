"""The score of one ledger as a function of lead time, laid out for many evaluations.

Knows terms and bounds; finds nothing itself. What does not move with time is summed once. A curve may
differ from `scorer.domain.scoring` in the last bit, because it adds in another order; so instants
found on it are confirmed there (`scorer.domain.prediction`).
"""

from __future__ import annotations

from math import log2
from typing import Final, NamedTuple

from scorer.domain.ledger import ITEMS, REF, WEIGHT, Ledger
from scorer.domain.model import DecayKind, Dimension, Group, Silence
from scorer.domain.plan import NO_GROUP, Plan
from scorer.domain.scoring import silence_loss

NEVER: Final = float("inf")
"""A lead time at which everything that decays is gone."""

HALF_LIFE, LINEAR, STEP, EXPIRES = 1, 2, 3, 4
_KIND: Final = {
    DecayKind.HALF_LIFE: HALF_LIFE,
    DecayKind.LINEAR: LINEAR,
    DecayKind.STEP: STEP,
    DecayKind.EXPIRES: EXPIRES,
}


class Term(NamedTuple):
    """One contribution that moves with time."""

    kind: int
    points: float  # half-life: points × Σ weights as of `ref`; else points of a weight of 1
    ref: int
    span: int
    lose: float
    low: float
    high: float
    positive: bool
    items: list[list[float]] | None


class Part(NamedTuple):
    """A dimension that moves with time."""

    dimension: Dimension
    fixed: float  # what does not move, outside groups
    falling: list[tuple[float, int]]  # (points at the curve's start, half-life), positive, uncapped
    rising: list[tuple[float, int]]  # the same, negative
    terms: list[Term]  # all others
    groups: list[tuple[Group, float, list[Term]]]
    silence: Silence | None
    held: float  # the floor against decay


def term_at(term: Term, tau: float) -> float:
    """A contribution after its own cap, at a lead time (`NEVER`: at the end of time)."""
    kind, points, ref, span, lose, low, high, _, items = term
    if kind == HALF_LIFE:
        value = points * 0.5 ** ((tau - ref) / span)
    elif tau == NEVER:
        value = 0.0
    else:
        value = 0.0
        for start, weight in items or ():
            age = tau - start
            if kind == LINEAR:
                share = 1.0 - age / span
            elif kind == STEP:
                share = 1.0 - (age // span) * lose
            else:
                share = 1.0 if age < span else 0.0
            if share > 0.0:
                value += weight * share
        value *= points
    return high if value > high else max(value, low)


class Curve:
    """The unrounded score from `tau` on, without the bounds of the total, at three instants.

    Contributions with the same half-life that no cap cuts now will not be cut later either: they are
    one term, whose sign is that of their sum. So three unanswered calls do not make the score of a
    lead who asked for a demo anything but falling.
    """

    __slots__ = ("anchor", "constant", "falls", "parts", "tau")

    def __init__(self, ledger: Ledger, plan: Plan, adjustments: float, tau: int) -> None:
        self.anchor, self.tau = ledger.anchor, tau
        fixed = [0.0] * len(plan.dimensions)
        group_fixed = [0.0] * len(plan.groups)
        terms: dict[int, list[Term]] = {}
        group_terms: dict[int, list[Term]] = {}
        merged: dict[tuple[int, int], float] = {}  # (dimension, half-life) → points at tau
        self.falls = True
        for rule_id in ledger.fit:
            rule = plan.rules[rule_id]
            if rule.group == NO_GROUP:
                fixed[rule.dimension] += rule.points
            else:
                group_fixed[rule.group] += rule.points
        for rule_id, account in ledger.accounts.items():
            rule = plan.rules[rule_id]
            if rule.decay is DecayKind.NONE or not (account[WEIGHT] or account[ITEMS]):
                value = min(max(rule.points * account[WEIGHT], rule.cap_min), rule.cap_max)
                if rule.group == NO_GROUP:
                    fixed[rule.dimension] += value
                else:
                    group_fixed[rule.group] += value
                continue
            kind = _KIND[rule.decay]
            points = rule.points * account[WEIGHT] if kind == HALF_LIFE else rule.points
            if kind == HALF_LIFE and rule.group == NO_GROUP:
                now = points * 0.5 ** ((tau - account[REF]) / rule.span_us)
                if rule.cap_min <= now <= rule.cap_max:
                    key = (rule.dimension, rule.span_us)
                    merged[key] = merged.get(key, 0.0) + now
                    continue
            self.falls = self.falls and rule.positive
            term = Term(
                kind,
                points,
                account[REF],
                rule.span_us,
                rule.lose,
                rule.cap_min,
                rule.cap_max,
                rule.positive,
                account[ITEMS],
            )
            if rule.group == NO_GROUP:
                terms.setdefault(rule.dimension, []).append(term)
            else:
                group_terms.setdefault(rule.group, []).append(term)
        self.falls = self.falls and all(points >= 0.0 for points in merged.values())
        self.constant = adjustments
        self.parts = self._parts(ledger, plan, fixed, group_fixed, merged, terms, group_terms)

    def _parts(
        self,
        ledger: Ledger,
        plan: Plan,
        fixed: list[float],
        group_fixed: list[float],
        merged: dict[tuple[int, int], float],
        terms: dict[int, list[Term]],
        group_terms: dict[int, list[Term]],
    ) -> list[Part]:
        groups: dict[int, list[tuple[Group, float, list[Term]]]] = {}
        for i, group in enumerate(plan.groups):
            index = plan.group_dimension[i]
            if i in group_terms:
                groups.setdefault(index, []).append((group, group_fixed[i], group_terms[i]))
            else:
                fixed[index] += min(max(group_fixed[i], group.min), group.max)
        parts = []
        silences = dict(plan.silences)
        for i, dimension in enumerate(plan.dimensions):
            silence = silences.get(i)
            held = ledger.held.get(dimension.id, dimension.floor)
            smooth = [(points, span) for (d, span), points in merged.items() if d == i]
            part = Part(
                dimension,
                fixed[i],
                [(points, span) for points, span in smooth if points >= 0.0],
                [(points, span) for points, span in smooth if points < 0.0],
                terms.get(i, []),
                groups.get(i, []),
                silence,
                held,
            )
            if (
                smooth
                or part.terms
                or part.groups
                or (silence is not None and fixed[i] > silence.floor)
            ):
                parts.append(part)
            else:
                self.constant += self._value(part, 0.0, 0.0, 0.0)
        return parts

    def falls_until(self, lo: int, hi: int) -> int:
        """An instant in [lo, hi] up to which the score surely only falls.

        Each dimension must fall on its own, as their caps bite separately. In one, positive points
        go at a rate of at least that at the later end, negative ones are forgiven at a rate of at
        most that at `lo`; the slowest that the former can fade is with its shortest half-life.
        """
        for part in self.parts:
            rise = sum(-p * 0.5 ** ((lo - self.tau) / span) / span for p, span in part.rising)
            for term in (*part.terms, *(t for _, _, members in part.groups for t in members)):
                if not term.positive:
                    if term.kind != EXPIRES:
                        return lo
                    hi = min(hi, self._next_expiry(term, lo, hi))
            if rise > 0.0:
                drop = sum(p * 0.5 ** ((lo - self.tau) / span) / span for p, span in part.falling)
                if drop <= rise:
                    return lo
                shortest = min(span for _, span in part.falling)
                hi = min(hi, lo + int(shortest * log2(drop / rise)))
        return hi

    def _next_expiry(self, term: Term, lo: int, hi: int) -> int:
        """The last instant before a negative occurrence expires, which lifts the score at once."""
        ends = (int(start) + term.span - 1 for start, _ in term.items or ())
        return min((end for end in ends if end >= lo), default=hi)

    def at(self, tau_pos: float, tau_neg: float, tau_silence: float) -> float:
        """The unrounded score."""
        score = self.constant
        for part in self.parts:
            score += self._value(part, tau_pos, tau_neg, tau_silence)
        return score

    def _value(self, part: Part, tau_pos: float, tau_neg: float, tau_silence: float) -> float:
        dimension, value, falling, rising, terms, groups, silence, held = part
        start = self.tau
        for points, span in falling:
            value += points * 0.5 ** ((tau_pos - start) / span)
        for points, span in rising:
            value += points * 0.5 ** ((tau_neg - start) / span)
        for term in terms:
            value += term_at(term, tau_pos if term[7] else tau_neg)
        for group, fixed, members in groups:
            sum_ = fixed
            for term in members:
                sum_ += term_at(term, tau_pos if term[7] else tau_neg)
            value += min(max(sum_, group.min), group.max)
        if value > dimension.max:
            value = dimension.max
        elif value < dimension.floor:
            value = max(value, held, dimension.min)
        if silence is not None and value > silence.floor and tau_silence:
            if tau_silence == NEVER:
                forever = silence.half_life_us or silence.lose > 0
                return silence.floor if forever else value
            value -= silence_loss(value, silence, int(tau_silence) - self.anchor)
        return value
