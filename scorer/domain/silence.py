"""Folding silence in when the lead speaks again. Knows sums, refuses to know events.

Semantics, section 5: until the next behaviour the loss is a function of time, taken from what is
shown. At the next behaviour what had been earned so far is scaled so that the points lost stay lost
and age together with the points they were taken from; what a cap had cut is no reserve.
"""

from __future__ import annotations

from librt.vecs import vec

from scorer.domain.ledger import Account, Ledger
from scorer.domain.model import DecayKind
from scorer.domain.plan import Plan, RulePlan
from scorer.domain.scoring import (
    NEGLIGIBLE,
    Contribution,
    contributions,
    grouped,
    half,
    silence_loss,
)


def fold_silence(ledger: Ledger, plan: Plan, tau: int, earned: vec[float]) -> bool:
    """Make the loss until `tau` part of the sums and restart the clock of silence.

    `earned` is what the dimensions have earned at `tau`, before silence. True when there was a loss.
    """
    lost = False
    if ledger.created_us is not None:
        elapsed = tau - ledger.anchor
        for silence in plan.silences:
            if elapsed > silence.after_us:
                index = silence.dimension
                loss = silence_loss(earned[index], silence, elapsed)
                if loss > 0.0:
                    lost = True
                    _scale(ledger, plan, index, earned[index] - loss, tau)
    ledger.anchor = tau
    return lost


def _scale(ledger: Ledger, plan: Plan, dimension: int, target: float, tau: int) -> None:
    """Scale what the lead's behaviours have earned, so that the dimension shows `target`."""
    every = contributions(ledger, plan, tau)
    found = [c for c in every if c.rule.dimension == dimension]
    shares = _group_shares(plan, found) if plan.groups else {}
    earnings: list[tuple[Account, Contribution, float]] = []
    scalable = 0.0
    for c in found:
        if c.account is not None and c.raw > 0.0:
            effective = c.capped * shares.get(c.rule.group, 1.0)
            earnings.append((c.account, c, effective))
            scalable += effective
    if scalable < NEGLIGIBLE:
        return  # the rest of a sum of floats, divided by next to nothing, would be anything
    rest = grouped(plan, found)[0][dimension] - scalable  # attributes and negative points
    keep = max(target - rest, 0.0) / scalable
    for account, c, effective in earnings:
        # Relative to the raw sum: what a cap had cut does not come back later.
        _multiply(account, c.rule, effective * keep / c.raw, tau)


def _group_shares(plan: Plan, found: list[Contribution]) -> dict[int, float]:
    """The share of its positive points that the cap of each group leaves."""
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    for c in found:
        group = c.rule.group
        if group >= 0:
            part = positive if c.capped > 0.0 else negative
            part[group] = part.get(group, 0.0) + c.capped
    shares: dict[int, float] = {}
    for group, points in positive.items():
        against, cap = negative.get(group, 0.0), plan.groups[group].max
        shares[group] = (cap - against) / points if points + against > cap else 1.0
    return shares


def _multiply(account: Account, rule: RulePlan, factor: float, tau: int) -> None:
    if rule.decay is DecayKind.HALF_LIFE:
        account.weight *= half(tau - account.ref, rule.span_us) * factor
        account.ref = tau
    elif rule.summed:
        account.weight *= factor
        account.ref = tau
    else:
        for item in account.items or ():
            item[1] *= factor
        account.weigh()
