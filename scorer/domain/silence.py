"""Folding silence in when the lead speaks again. Knows sums, refuses to know events.

Semantics, section 5: until the next behaviour the loss is a function of time, taken from what is
shown. At the next behaviour what had been earned so far is scaled so that the points lost stay lost
and age together with the points they were taken from; what a cap had cut is no reserve.
"""

from __future__ import annotations

from scorer.domain.ledger import ITEMS, REF, WEIGHT, Account, Ledger
from scorer.domain.model import DecayKind
from scorer.domain.plan import Plan, RulePlan
from scorer.domain.scoring import earned, silence_loss, weight_at


def fold_silence(ledger: Ledger, plan: Plan, tau: int) -> None:
    """Make the loss until `tau` part of the sums and restart the clock of silence."""
    if ledger.created_us is not None:
        elapsed = tau - ledger.anchor
        for index, silence in plan.silences:
            if elapsed > silence.after_us:
                value = earned(ledger, plan, tau, tau)[index]
                loss = silence_loss(value, silence, elapsed)
                if loss > 0.0:
                    _scale(ledger, plan, index, value, loss, tau)
    ledger.anchor = tau


def _scale(ledger: Ledger, plan: Plan, dimension: int, value: float, loss: float, tau: int) -> None:
    """Scale the positive accounts of a dimension so that it shows `value - loss` without silence."""
    accounts: list[tuple[RulePlan, Account, float, float]] = []  # rule, account, raw, effective
    groups: dict[int, list[float]] = {}  # group → [positive, negative]
    fixed_pos = negative = 0.0
    for rule_id in ledger.fit:
        rule = plan.rules[rule_id]
        if rule.dimension != dimension:
            continue
        if rule.group >= 0:
            groups.setdefault(rule.group, [0.0, 0.0])[0 if rule.points > 0 else 1] += rule.points
        elif rule.points > 0:
            fixed_pos += rule.points
        else:
            negative += rule.points
    for rule_id, account in ledger.accounts.items():
        rule = plan.rules[rule_id]
        if rule.dimension != dimension:
            continue
        raw = rule.points * weight_at(account, rule, tau)
        capped = min(max(raw, rule.cap_min), rule.cap_max)
        if rule.group >= 0:
            groups.setdefault(rule.group, [0.0, 0.0])[0 if rule.positive else 1] += capped
        elif not rule.positive:
            negative += capped
        if rule.positive and raw > 0.0:
            accounts.append((rule, account, raw, capped))
    shares = {g: _share(plan, g, pos, neg) for g, (pos, neg) in groups.items()}
    effective = [(r, a, raw, c * (shares[r.group] if r.group >= 0 else 1.0)) for r, a, raw, c in accounts]
    for g, (pos, neg) in groups.items():
        floor = min(max(pos + neg, plan.groups[g].min), plan.groups[g].max)
        scalable = sum(c for r, _, _, c in effective if r.group == g)
        rest = floor - scalable
        if rest > 0:
            fixed_pos += rest
        else:
            negative += rest
    scalable = sum(c for _, _, _, c in effective)
    if scalable <= 0.0:
        return
    # What the dimension shows is value = scalable × cut + fixed_pos + negative, where cut is the cap.
    target = max(value - loss - fixed_pos - negative, 0.0)
    keep = target / scalable
    for rule, account, raw, capped in effective:
        _multiply(account, rule, capped * keep / raw, tau)


def _share(plan: Plan, group: int, pos: float, neg: float) -> float:
    """The share of its positive points that the cap of a group leaves."""
    cap = plan.groups[group].max
    return (cap - neg) / pos if pos > 0.0 and pos + neg > cap else 1.0


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
