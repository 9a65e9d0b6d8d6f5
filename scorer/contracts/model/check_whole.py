"""Checks of the model as a whole: tiers out of reach, one dimension that decides, what is unused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from scorer.contracts.model.findings import Finding, Severity, Subject
from scorer.domain.model import BehaviourRule
from scorer.domain.outputs import Tier

WholeCheck = Callable[[Subject], Iterator[Finding]]


def unreachable_tier(subject: Subject) -> Iterator[Finding]:
    """A tier that no lead can be in, whatever it is and does."""
    tiers, (low, high) = subject.model.tiers, subject.reach.total
    lifted = {track.tier for track in subject.model.fast_tracks}
    most = f"the caps and rules allow a score of at most {high:g}"
    if high <= tiers.hot_above and Tier.HOT not in lifted:
        message = f"no lead can become hot: {most}, hot begins above {tiers.hot_above:g}"
        suggestion = f"lower `hot: above {tiers.hot_above:g}`, or raise points and caps"
        yield subject.finding(
            Severity.WARNING, "unreachable_tier", ("tiers", "hot"), message, suggestion
        )
    empty = tiers.warm_from == tiers.hot_above and low > tiers.warm_from
    if (high < tiers.warm_from and Tier.WARM not in lifted) or empty:
        message = f"no lead can be warm: {most}, warm begins at {tiers.warm_from:g}"
        suggestion = f"lower `warm: from {tiers.warm_from:g}`, or raise points and caps"
        yield subject.finding(
            Severity.WARNING, "unreachable_tier", ("tiers", "warm"), message, suggestion
        )
    if low >= tiers.warm_from:
        message = f"no lead can be cold: every score is at least {low:g}"
        suggestion = f"raise `warm: from {tiers.warm_from:g}`, or lower the minimum"
        yield subject.finding(
            Severity.WARNING, "unreachable_tier", ("tiers", "warm"), message, suggestion
        )


def one_dimension_decides(subject: Subject) -> Iterator[Finding]:
    """A dimension that makes a lead hot although the others say nothing."""
    hot = subject.model.tiers.hot_above
    for dimension in subject.model.dimensions:
        most = min(subject.reach.dimensions[dimension.id].high, subject.model.total.max)
        if most > hot and len(subject.model.dimensions) > 1:
            message = f"it alone makes a lead hot: it reaches {most:g}, hot begins above {hot:g}"
            suggestion = f"lower its max to {hot:g} or less, so that a second one must agree"
            place = ("dimensions", dimension.id, "max")
            yield subject.finding(
                Severity.WARNING, "one_dimension_decides", place, message, suggestion
            )


def cap_out_of_reach(subject: Subject) -> Iterator[Finding]:
    """A dimension whose rules together never reach its cap."""
    for dimension in subject.model.dimensions:
        most = subject.reach.dimensions[dimension.id].high
        if 0 < most < dimension.max:
            message = f"its rules reach at most {most:g} of its max of {dimension.max:g}"
            suggestion = f"set max to {most:g}, or raise points: the rest is never given"
            place = ("dimensions", dimension.id, "max")
            yield subject.finding(Severity.INFO, "cap_out_of_reach", place, message, suggestion)


def unused(subject: Subject) -> Iterator[Finding]:
    """What is defined and used by nothing."""
    document, rules = subject.document, subject.document.rules
    used: dict[str, set[str | None]] = {
        "dimensions": {rule.dimension for rule in rules},
        "groups": {rule.group for rule in rules},
        "weights": {r.points.removeprefix("-") for r in rules if isinstance(r.points, str)},
    }
    for section, names in used.items():
        for name in getattr(document, section):
            if name not in names:
                message = f"no rule uses it ({section[:-1]})"
                yield subject.finding(
                    Severity.INFO, "unused", (section, name), message, "use it, or remove it"
                )


def idle_behaviour(subject: Subject) -> Iterator[Finding]:
    """A behaviour in the catalogue that changes nothing."""
    model = subject.model
    moves: set[str] = set()
    for rule in model.rules:
        if isinstance(rule, BehaviourRule):
            moves |= rule.on | (rule.streak.reset_by if rule.streak else frozenset())
    for track in model.fast_tracks:
        moves |= track.behaviours
    if any(dimension.silence for dimension in model.dimensions):
        moves |= model.behaviours - model.by_rep  # they end the silence
    for name in sorted(model.behaviours - moves):
        message = "no rule weighs it and no silence ends with it"
        suggestion = "write a rule for it; or leave it, to say that it is known"
        yield subject.finding(
            Severity.INFO, "idle_behaviour", ("behaviours", name), message, suggestion
        )


WHOLE_CHECKS: Final[tuple[WholeCheck, ...]] = (
    unreachable_tier,
    one_dimension_decides,
    cap_out_of_reach,
    unused,
    idle_behaviour,
)
