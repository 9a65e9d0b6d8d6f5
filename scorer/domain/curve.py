"""The score of one ledger as a function of lead time, laid out for many evaluations.

Knows terms and bounds; finds nothing itself. What does not move with time is summed once. A curve may
differ from `scorer.domain.scoring` in the last bit, because it adds in another order; so instants
found on it are confirmed there (`scorer.domain.prediction`).
"""

from __future__ import annotations

from math import log2
from typing import Final

from librt.vecs import vec
from mypy_extensions import mypyc_attr

from scorer.domain.ledger import Account, Ledger
from scorer.domain.plan import NO_GROUP, Plan, RulePlan, SilencePlan
from scorer.domain.scoring import (
    EXPIRES,
    HALF_LIFE,
    LINEAR,
    NONE,
    STEP,
    Contribution,
    half,
    silence_loss,
)

NEVER: Final = float("inf")
"""A lead time at which everything that decays is gone."""
_ZEROS: Final = vec[float]([0.0] * 65)
_MOST: Final = 1e300
"""A ratio beyond which a quotient of floats may be infinite."""


def after(starts: vec[float], tau: float) -> int:
    """The place of the first that is later than `tau`, among ascending ones."""
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) // 2
        if starts[middle] > tau:
            high = middle
        else:
            low = middle + 1
    return low


@mypyc_attr(acyclic=True)
class Term:
    """A contribution that moves with time and that a cap, a group or its decay keeps apart."""

    __slots__ = (
        "decay",
        "high",
        "items",
        "lose",
        "low",
        "moments",
        "points",
        "positive",
        "ref",
        "span",
        "starts",
        "weights",
    )

    def __init__(self, rule: RulePlan, account: Account) -> None:
        half_life = rule.decay is HALF_LIFE
        self.decay = rule.decay
        self.points: float = rule.points * account.weight if half_life else rule.points
        self.ref: float = float(account.ref)
        self.span: int = rule.span_us
        self.lose: float = rule.lose
        self.low: float = rule.cap_min
        self.high: float = rule.cap_max
        self.positive: bool = rule.positive
        self.items: list[list[float]] = account.items or []
        self.starts = vec[float]()
        self.weights = vec[float]()  # of each occurrence and all later ones
        self.moments = vec[float]()  # the same, each times how long it began after the first
        if self.decay is EXPIRES:
            self._newest()
        elif self.decay is LINEAR:
            self._lay_out(0)

    def _newest(self) -> None:
        """The occurrences that reach the cap: what is older expires before them, and never shows."""
        weight, first = 0.0, len(self.items)
        while first > 0:
            first -= 1
            weight += self.items[first][1]
            if weight > 0.0 and not self.low < self.points * weight < self.high:
                break
        self._lay_out(first)

    def _lay_out(self, first: int) -> None:
        """Occurrences go in the order in which they came, so one look-up finds all that are left."""
        left = len(self.items) - first
        zeros = _ZEROS if left <= len(_ZEROS) else vec[float]([0.0] * left)
        self.starts, self.weights, self.moments = zeros[:left], zeros[:left], zeros[:left]
        weight = moment = 0.0
        begin = self.items[first][0] if left else 0.0
        for i in range(left - 1, -1, -1):
            item = self.items[first + i]
            start, more = float(item[0]), item[1]
            weight += more
            moment += more * (start - begin)
            self.starts[i], self.weights[i], self.moments[i] = start, weight, moment

    def at(self, tau: float) -> float:
        """The contribution after its own cap, at a lead time (`NEVER`: at the end of time)."""
        value = 0.0
        if self.decay is HALF_LIFE:
            value = self.points * half(tau - self.ref, self.span)
        elif tau != NEVER:
            value = self.points * self._weight(tau)
        if value > self.high:
            return self.high
        return max(self.low, value)

    def _weight(self, tau: float) -> float:
        """What the occurrences weigh together."""
        if self.decay is STEP:
            weight = 0.0
            for item in self.items:
                weight += item[1] * max(1.0 - ((tau - item[0]) // self.span) * self.lose, 0.0)
            return weight
        left = after(self.starts, tau - self.span)
        if left == len(self.starts):
            return 0.0
        weight = self.weights[left]
        if self.decay is LINEAR:
            weight -= ((tau - self.starts[0]) * weight - self.moments[left]) / self.span
        return weight

    def next_jump(self, lo: int, hi: int) -> int:
        """The last instant before an occurrence expires, which moves the score at once."""
        first = after(self.starts, float(lo - self.span))
        if first < len(self.starts):
            hi = min(hi, int(self.starts[first]) + self.span - 1)
        return hi


@mypyc_attr(acyclic=True)
class Smooth:
    """All contributions of one half-life that no cap cuts: one term, with the sign of their sum."""

    __slots__ = ("points", "span")

    def __init__(self, points: float, span: int) -> None:
        self.points = points  # at the curve's start
        self.span = span


@mypyc_attr(acyclic=True)
class Bundle:
    """A group with the members that move."""

    __slots__ = ("fixed", "high", "low", "members")

    def __init__(self, low: float, high: float, fixed: float, members: list[Term]) -> None:
        self.low, self.high, self.fixed, self.members = low, high, fixed, members


@mypyc_attr(acyclic=True)
class Part:
    """A dimension that moves with time."""

    __slots__ = (
        "anchor",
        "bundles",
        "falling",
        "fixed",
        "floor",
        "held",
        "high",
        "low",
        "rising",
        "silence",
        "smooth",
        "start",
        "terms",
    )

    def __init__(self, ledger: Ledger, plan: Plan, dimension: int, start: int) -> None:
        self.low: float = plan.lows[dimension]
        self.high: float = plan.highs[dimension]
        self.floor: float = plan.floors[dimension]
        self.held: float = _held(ledger, plan, dimension)
        self.anchor: int = ledger.anchor
        self.start: float = float(start)
        self.fixed = 0.0  # what does not move
        self.silence: SilencePlan | None = plan.silence_of[dimension]
        self.smooth: dict[int, float] = {}  # half-life → points at the start
        self.falling: list[Smooth] = []
        self.rising: list[Smooth] = []
        self.terms: list[Term] = []
        self.bundles: list[Bundle] = []

    def add(self, rule: RulePlan, account: Account, c: Contribution) -> None:
        """A contribution that moves: to what is smooth, or on its own."""
        if rule.decay is HALF_LIFE and c.raw == c.capped:
            self.smooth[rule.span_us] = self.smooth.get(rule.span_us, 0.0) + c.raw
        else:
            self.terms.append(Term(rule, account))

    def sort_smooth(self) -> None:
        """Sort the sums of the half-lives by their sign."""
        for span, points in self.smooth.items():
            (self.falling if points >= 0.0 else self.rising).append(Smooth(points, span))

    def rises(self) -> bool:
        """Whether anything in it is negative and fades."""
        if self.rising:
            return True
        for term in self.terms:
            if not term.positive:
                return True
        return any(not term.positive for bundle in self.bundles for term in bundle.members)

    def earned(self, tau_pos: float, tau_neg: float) -> float:
        """The dimension before silence."""
        value = self.fixed
        age = tau_pos - self.start
        for smooth in self.falling:
            value += smooth.points * half(age, smooth.span)
        age = tau_neg - self.start
        for smooth in self.rising:
            value += smooth.points * half(age, smooth.span)
        for term in self.terms:
            value += term.at(tau_pos if term.positive else tau_neg)
        for bundle in self.bundles:
            sum_ = bundle.fixed
            for term in bundle.members:
                sum_ += term.at(tau_pos if term.positive else tau_neg)
            value += min(max(sum_, bundle.low), bundle.high)
        return kept_within(value, self.low, self.high, self.floor, self.held)

    def at(self, tau_pos: float, tau_neg: float, tau_silence: float) -> float:
        """The dimension as it is shown."""
        value = self.earned(tau_pos, tau_neg)
        silence = self.silence
        if silence is None or value <= silence.floor:
            return value
        if tau_silence == NEVER:
            return silence.floor if silence.half_life_us or silence.lose > 0.0 else value
        return value - silence_loss(value, silence, int(tau_silence) - self.anchor)

    def falls_until(self, lo: int, hi: int) -> int:
        """An instant in [lo, hi] up to which it surely only falls.

        Positive points go at a rate of at least that at the later end, negative ones are forgiven at
        a rate of at most that at `lo`; the former fades no faster than with its shortest half-life.
        """
        for term in self.terms:
            if not term.positive:
                if term.decay is not EXPIRES:
                    return lo
                hi = term.next_jump(lo, hi)
        for bundle in self.bundles:
            if any(not term.positive for term in bundle.members):
                return lo
        if not self.rising:
            return hi
        rise = drop = 0.0
        shortest = 0
        for smooth in self.rising:
            rise -= smooth.points * half(lo - self.start, smooth.span) / smooth.span
        for smooth in self.falling:
            drop += smooth.points * half(lo - self.start, smooth.span) / smooth.span
            shortest = smooth.span if not shortest else min(shortest, smooth.span)
        if rise == 0.0:
            return hi  # after a thousand half-lives a float holds nothing of it any more
        if drop <= rise:
            return lo
        return min(hi, lo + int(shortest * log2(min(drop / rise, _MOST))))


@mypyc_attr(acyclic=True)
class Curve:
    """The unrounded score from `tau` on, without the bounds of the total, at three instants.

    Contributions with the same half-life that no cap cuts now will not be cut later either: they are
    one term, whose sign is that of their sum. So three unanswered calls do not make the score of a
    lead who asked for a demo anything but falling.
    """

    __slots__ = ("constant", "falls", "parts")

    def __init__(
        self,
        ledger: Ledger,
        plan: Plan,
        adjustments: float,
        tau: int,
        found: list[Contribution],
    ) -> None:
        """`found`: what every rule gives at `tau`."""
        fixed, group_fixed = plan.zeros[:], plan.group_zeros[:]
        parts: dict[int, Part] = {}  # of the dimensions that move
        members: dict[int, list[Term]] = {}
        for c in found:
            rule, account = c.rule, c.account
            if account is None or rule.decay is NONE:
                if rule.group == NO_GROUP:
                    fixed[rule.dimension] += c.capped
                else:
                    group_fixed[rule.group] += c.capped
            elif account.weight or account.items:
                if rule.group == NO_GROUP:
                    _part(parts, ledger, plan, rule.dimension, tau).add(rule, account, c)
                else:
                    members.setdefault(rule.group, []).append(Term(rule, account))
        for i, dimension in enumerate(plan.group_dimension):
            low, high = plan.group_lows[i], plan.group_highs[i]
            if i in members:
                bundle = Bundle(low, high, group_fixed[i], members[i])
                _part(parts, ledger, plan, dimension, tau).bundles.append(bundle)
            else:
                fixed[dimension] += min(max(group_fixed[i], low), high)
        self.constant = adjustments
        self.parts: list[Part] = []
        self.falls = True
        for i in range(len(fixed)):
            value, silence = fixed[i], plan.silence_of[i]
            part = parts.get(i)
            if part is None:
                if silence is None or value <= silence.floor:
                    self.constant += still(ledger, plan, i, value)
                    continue
                part = Part(ledger, plan, i, tau)
            part.fixed = value
            part.sort_smooth()
            self.parts.append(part)
            self.falls = self.falls and not part.rises()

    def at(self, tau_pos: float, tau_neg: float, tau_silence: float) -> float:
        """The unrounded score."""
        score = self.constant
        for part in self.parts:
            score += part.at(tau_pos, tau_neg, tau_silence)
        return score

    def falls_until(self, lo: int, hi: int) -> int:
        """An instant in [lo, hi] up to which the score surely only falls: each dimension does, as
        their caps bite separately.
        """
        for part in self.parts:
            hi = part.falls_until(lo, hi)
        return hi


def _part(parts: dict[int, Part], ledger: Ledger, plan: Plan, i: int, start: int) -> Part:
    """The part of a dimension, made when it is first asked for."""
    part = parts.get(i)
    if part is None:
        part = parts[i] = Part(ledger, plan, i, start)
    return part


def still(ledger: Ledger, plan: Plan, dimension: int, value: float) -> float:
    """A dimension that nothing moves: its bounds, and its floor where explicit points have not gone below."""
    low, high, floor = plan.lows[dimension], plan.highs[dimension], plan.floors[dimension]
    return kept_within(value, low, high, floor, _held(ledger, plan, dimension))


def _held(ledger: Ledger, plan: Plan, dimension: int) -> float:
    """Where decay stops: the floor, or where explicit points have taken the dimension below it."""
    floor = plan.floors[dimension]
    return ledger.held.get(plan.dimension_ids[dimension], floor) if ledger.held else floor


def kept_within(value: float, low: float, high: float, floor: float, held: float) -> float:
    """A dimension within its bounds, and held against decay."""
    if value > high:
        return high
    if value < floor:
        return max(max(value, held), low)  # noqa: PLW3301  (three at once cost ten times)
    return value
