"""Folding silence in when the lead speaks again. Knows sums, refuses to know events.

Semantics, section 5: until the next behaviour the loss is a function of time, taken from what is
shown. At the next behaviour what had been earned so far is scaled so that the points lost stay lost
and age together with the points they were taken from; what a cap had cut is no reserve.
"""

from __future__ import annotations

from scorer.domain.ledger import ITEMS, REF, WEIGHT, Account, Ledger
from scorer.domain.model import DecayKind
from scorer.domain.plan import Plan, RulePlan
from scorer.domain.scoring import Contribution, contributions, earned, grouped, silence_loss


def fold_silence(ledger: Ledger, plan: Plan, tau: int) -> None:
    """Make the loss until `tau` part of the sums and restart the clock of silence."""
    if ledger.created_us is not None:
        elapsed = tau - ledger.anchor
        for index, silence in plan.silences:
            if elapsed > silence.after_us:
                value = earned(ledger, plan, tau, tau)[index]
                loss = silence_loss(value, silence, elapsed)
                if loss > 0.0:
                    _scale(ledger, plan, index, value - loss, tau)
    ledger.anchor = tau


def _scale(ledger: Ledger, plan: Plan, dimension: int, target: float, tau: int) -> None:
    """Scale what the lead's behaviours have earned, so that the dimension shows `target`."""
    found = [c for c in contributions(ledger, plan, tau, tau) if c.rule.dimension == dimension]
    shares = _group_shares(plan, found)
    earnings = [
        (c.account, c.rule, c.raw, c.capped * shares.get(c.rule.group, 1.0))
        for c in found
        if c.account is not None and c.raw > 0.0
    ]
    scalable = sum(effective for _, _, _, effective in earnings)
    if scalable <= 0.0:
        return
    rest = grouped(plan, found)[0][dimension] - scalable  # attributes and negative points
    keep = max(target - rest, 0.0) / scalable
    for account, rule, raw, effective in earnings:
        # Relative to the raw sum: what a cap had cut does not come back later.
        _multiply(account, rule, effective * keep / raw, tau)


def _group_shares(plan: Plan, found: list[Contribution]) -> dict[int, float]:
    """The share of its positive points that the cap of each group leaves."""
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    for c in found:
        if c.rule.group >= 0:
            part = positive if c.capped > 0.0 else negative
            part[c.rule.group] = part.get(c.rule.group, 0.0) + c.capped
    shares: dict[int, float] = {}
    for group, points in positive.items():
        against, cap = negative.get(group, 0.0), plan.groups[group].max
        shares[group] = (cap - against) / points if points + against > cap else 1.0
    return shares


def _multiply(account: Account, rule: RulePlan, factor: float, tau: int) -> None:
    if rule.decay is DecayKind.HALF_LIFE:
        account[WEIGHT] *= 0.5 ** ((tau - account[REF]) / rule.span_us) * factor
        account[REF] = tau
    elif rule.summed:
        account[WEIGHT] *= factor
        account[REF] = tau
    else:
        for item in account[ITEMS]:
            item[1] *= factor
