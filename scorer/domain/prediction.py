"""When the tier changes next if nothing happens. Knows bounds and bisection; emits nothing.

Between two pieces of evidence a score is a known function of time. The first instant, on a grid of
one millisecond, at which the tier differs is found by bracketing with bounds that cannot skip a
crossing: over (a, b] the score lies between score(positives at b, negatives at a, silence at b) and
score(positives at a, negatives at b, silence at a), because each part is monotone. Where both bounds
stay in the tier, the whole interval does and is dropped; else it is halved.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Final, NamedTuple

from scorer.domain.ledger import ITEMS, REF, WEIGHT, Ledger
from scorer.domain.model import DecayKind
from scorer.domain.outputs import CauseKind, Tier
from scorer.domain.plan import Plan
from scorer.domain.scoring import adjusted, contributions, dimensions_at, total
from scorer.domain.tiers import RANK, decide, dwells, lifted

GRID_US: Final = 1_000
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


def next_crossing(ledger: Ledger, plan: Plan, after_us: int) -> Change | None:
    """The first change of the tier shown."""
    tier = ledger.tier
    for change in changes(ledger, plan, after_us):
        if change.tier is not tier:
            return change
    return None


def _expired(ledger: Ledger, time_us: int, cause: CauseKind) -> str | None:
    """What ran out at `time_us`, in words for the cause."""
    if cause is not CauseKind.EXPIRY:
        return None
    if ledger.fast is not None and ledger.fast[1] == time_us:
        return "fast_track"
    for name, _, _, _, until in ledger.adjustments:
        if until == time_us:
            return f"adjustment {name}"
    return "min_dwell"


def _boundary(ledger: Ledger, plan: Plan, since: int, after_us: int) -> int | None:
    """The next instant after which another formula holds: an expiry or the end of a dwell."""
    ends = [until for _, _, _, _, until in ledger.adjustments if until is not None]
    if ledger.fast is not None:
        ends.append(ledger.fast[1])
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
    lo = ledger.lead_time(plan, after_us)
    hi = _horizon(ledger, plan, lo)
    if until_us is not None:
        hi = min(hi, ledger.lead_time(plan, until_us - 1))
    if hi <= lo:
        return None
    curve = _Curve(
        ledger, plan, base, after_us, dwells(plan.model.tiers, base, since, Tier.COLD, after_us)
    )
    tau = curve.first_outside(lo, hi)
    if tau is None:
        return None
    before = tau - GRID_US
    new = decide(plan.model.tiers, base, curve.score(tau, tau, tau))
    silent = new is not base and curve.stays(curve.score(tau, tau, before))
    time_us = plan.after_pauses(tau + ledger.paused_us)
    return time_us, new, CauseKind.SILENCE if silent else CauseKind.DECAY


class _Curve:
    """The rounded score of a ledger as a function of lead time, and whether it stays in a tier."""

    __slots__ = ("adjustments", "base", "dwelling", "falls", "ledger", "plan")

    def __init__(
        self, ledger: Ledger, plan: Plan, base: Tier, time_us: int, dwelling: bool
    ) -> None:
        self.ledger, self.plan, self.base, self.dwelling = ledger, plan, base, dwelling
        self.adjustments = adjusted(ledger, time_us)
        self.falls = not any(
            plan.rules[r].decay is not DecayKind.NONE and not plan.rules[r].positive
            for r in ledger.accounts
        )

    def score(self, tau_pos: int, tau_neg: int, tau_silence: int) -> float:
        dimensions = dimensions_at(self.ledger, self.plan, tau_pos, tau_neg, tau_silence)
        return round(total(self.plan, dimensions, self.adjustments), 2)

    def stays(self, score: float) -> bool:
        new = decide(self.plan.model.tiers, self.base, score)
        return new is self.base or (self.dwelling and RANK[new] < RANK[self.base])

    def first_outside(self, lo: int, hi: int) -> int | None:
        """The first grid point in (lo, hi] whose tier is another; the grid is whole milliseconds."""
        lo = lo // GRID_US * GRID_US
        hi = -(-hi // GRID_US) * GRID_US
        if self.falls:
            return self._first_below(lo, hi)
        pending = [(lo, hi)]
        while pending:
            a, b = pending.pop()
            first = a + GRID_US
            if self.stays(self.score(first, b, first)) and self.stays(self.score(b, first, b)):
                continue
            if b == first:
                return b
            middle = (a + b) // (2 * GRID_US) * GRID_US
            pending.append((middle, b))
            pending.append((a, middle))
        return None

    def _first_below(self, lo: int, hi: int) -> int | None:
        """The same for a score that only falls: plain bisection."""
        if self.stays(self.score(hi, hi, hi)):
            return None
        while hi - lo > GRID_US:
            middle = (lo + hi) // (2 * GRID_US) * GRID_US
            if self.stays(self.score(middle, middle, middle)):
                lo = middle
            else:
                hi = middle
        return hi


def _horizon(ledger: Ledger, plan: Plan, tau: int) -> int:
    """A lead time after which neither decay nor silence moves the rounded score any more."""
    end = tau
    gained = sum(c.capped for c in contributions(ledger, plan, tau, tau) if c.capped > 0)
    for rule_id, account in ledger.accounts.items():
        rule = plan.rules[rule_id]
        if rule.decay is DecayKind.HALF_LIFE:
            size = abs(rule.points * account[WEIGHT])
            if size > NEGLIGIBLE:
                end = max(end, account[REF] + int(rule.span_us * log2(size / NEGLIGIBLE)) + 1)
        elif rule.decay is not DecayKind.NONE and account[ITEMS]:
            end = max(end, account[ITEMS][-1][0] + (rule.lifetime_us() or 0))
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
