"""What time alone does to a ledger: tiers change at their exact instants. Emits nothing.

Advancing in two steps ends where advancing in one does, because a change is found from the evidence
and never from where the clock stood.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorer.domain.ledger import Ledger
from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from scorer.domain.prediction import Change, changes
from scorer.domain.scoring import score_at
from scorer.domain.tiers import DISQUALIFIED, decide, disqualified, dwells, lifted


def pass_time(ledger: Ledger, plan: Plan, until_us: int, *, inclusive: bool) -> Iterator[Change]:
    """Apply every change up to an instant, yielding each after it was applied.

    Evidence at an instant comes before a change by time at the same instant (`inclusive=False`);
    a tick brings about all that is due (`inclusive=True`).
    """
    if ledger.created_us is None or ledger.tier is DISQUALIFIED or ledger.paused_at is not None:
        return
    after = max(ledger.last_us, ledger.base_since, ledger.tier_since)
    if after >= until_us:
        return
    for change in changes(ledger, plan, after):
        if change.time_us > until_us or (change.time_us == until_us and not inclusive):
            return
        apply_change(ledger, plan, change)
        yield change


def apply_change(ledger: Ledger, plan: Plan, change: Change) -> None:
    """Let a change by time come about."""
    if change.base is not ledger.base:
        ledger.base, ledger.base_since = change.base, change.time_us
    if change.tier is not ledger.tier:
        enter(ledger, plan, change.tier, change.time_us)


def settle_tier(ledger: Ledger, plan: Plan, time_us: int, score: float) -> None:
    """Decide the tier after evidence at an instant. On hold the lead keeps the tier that it has."""
    if ledger.created_us is None or ledger.paused_at is not None:
        return
    if disqualified(ledger, plan):
        tier = DISQUALIFIED
    else:
        base = decide(plan, ledger.base, score)
        if base is not ledger.base and not dwells(
            plan, ledger.base, ledger.base_since, base, time_us
        ):
            ledger.base, ledger.base_since = base, time_us
        tier = lifted(ledger, ledger.base, time_us)
    if tier is not ledger.tier or not ledger.has_reached():
        enter(ledger, plan, tier, time_us)


def enter(ledger: Ledger, plan: Plan, tier: Tier, time_us: int) -> None:
    """The lead is in `tier` from now on."""
    ledger.tier, ledger.tier_since = tier, time_us
    reached = ledger.reached.get(tier)
    if reached is None:
        ledger.reached[str(tier)] = [time_us, 1, time_us]
    else:
        reached[1] += 1
        if time_us >= reached[2] + plan.cooldown_us:
            reached[2] = time_us


def pass_quietly(ledger: Ledger, plan: Plan, until_us: int, *, inclusive: bool) -> None:
    """`pass_time` for its effect alone."""
    for _ in pass_time(ledger, plan, until_us, inclusive=inclusive):
        pass


def settle_quietly(ledger: Ledger, plan: Plan, time_us: int) -> None:
    """`settle_tier` with the score of that instant."""
    settle_tier(ledger, plan, time_us, score_at(ledger, plan, time_us))
