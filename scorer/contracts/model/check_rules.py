"""Checks of single rules: never, always, at the cap, limits that do nothing, odd ages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from scorer.contracts.model.findings import Finding, Severity, Subject
from scorer.contracts.model.problems import Path
from scorer.contracts.model.scalars import format_duration
from scorer.domain.model import (
    DAY_US,
    SECOND_US,
    AttributeRule,
    BehaviourRule,
    DecayKind,
    Disqualify,
    Limit,
    LimitKind,
)

RuleCheck = Callable[[Subject, int], Iterator[Finding]]

SHORTEST_US: Final = 3600 * SECOND_US  # reps act within hours: what halves faster is never seen
LONGEST_US: Final = 730 * DAY_US  # of two years' half-life a quarter counts no longer in a campaign


def dead_rule(subject: Subject, index: int) -> Iterator[Finding]:
    """A rule that can never change a score."""
    rule, path = subject.model.rules[index], ("rules", index)
    if rule.id in subject.reach.never:
        message = "its condition can never hold"
        suggestion = "look for conditions that exclude each other; `any` needs only one of them"
        yield subject.finding(Severity.WARNING, "dead_rule", (*path, "when"), message, suggestion)
    hard = rule.disqualify is Disqualify.HARD
    if rule.points == 0 and not hard:
        suggestion = "give it points, or remove it"
        yield subject.finding(
            Severity.WARNING, "dead_rule", (*path, "points"), "it gives 0 points", suggestion
        )
    key, cap = ("max", rule.max) if rule.points > 0 else ("min", rule.min)
    if rule.points and cap == 0:
        message = f"its {key} of 0 cuts off every point"
        yield subject.finding(
            Severity.WARNING, "dead_rule", (*path, key), message, f"raise {key} or remove the rule"
        )


def always_holds(subject: Subject, index: int) -> Iterator[Finding]:
    """A rule that says nothing about a lead, because it holds for all."""
    rule = subject.model.rules[index]
    if rule.id in subject.reach.always:
        message = "its condition holds for every lead, whatever is known of it"
        suggestion = "it only shifts every score: narrow it, or move the bounds of the tiers"
        place = ("rules", index, "when")
        yield subject.finding(Severity.WARNING, "always_holds", place, message, suggestion)


def always_at_cap(subject: Subject, index: int) -> Iterator[Finding]:
    """A rule whose points one cap cuts at once: a part of them never counts."""
    rule, path = subject.model.rules[index], ("rules", index)
    up = rule.points > 0
    key = "max" if up else "min"
    again = isinstance(rule, BehaviourRule) and _repeats(rule)
    for owner, cap in _caps(subject, index):
        beyond = rule.points > cap if up else rule.points < cap
        filled = rule.points == cap and again and owner == "its own"
        if cap == 0 or not (beyond or filled):
            continue
        if beyond:
            message = f"{rule.points:g} points are beyond {owner} {key} of {cap:g}"
            suggestion = f"give it {cap:g} points, or widen the {key}"
        else:
            message = f"one occurrence reaches {owner} {key} of {cap:g}: a second adds nothing"
            suggestion = f"widen the {key}, or remove it and write `limit: once`"
        severity = Severity.WARNING if beyond else Severity.INFO
        yield subject.finding(severity, "always_at_cap", (*path, "points"), message, suggestion)


def shadowed_limit(subject: Subject, index: int) -> Iterator[Finding]:
    """A limit that another limit of the rule makes superfluous."""
    rule = subject.model.rules[index]
    limits = rule.limits if isinstance(rule, BehaviourRule) else ()
    for i, limit in enumerate(limits):
        for j, other in enumerate(limits):
            if i != j and _covers(other, limit) and (i > j or not _covers(limit, other)):
                message = f"`{_said(limit)}` never refuses what `{_said(other)}` allows"
                place: Path = ("rules", index, "limit", i)
                yield subject.finding(
                    Severity.WARNING, "shadowed_limit", place, message, "remove it"
                )
                break


def suspicious_decay(subject: Subject, index: int) -> Iterator[Finding]:
    """An age that is probably a slip of the unit."""
    rule = subject.model.rules[index]
    if not isinstance(rule, BehaviourRule) or rule.decay.kind is DecayKind.NONE:
        return
    span_us, place = rule.decay.span_us, ("rules", index, "decay")
    span, kind = format_duration(span_us), str(rule.decay.kind)
    if span_us < SHORTEST_US:
        message = f"with {kind} {span} the points are gone before anybody can react"
        suggestion = f"did you mean {span[:-1]}h or {span[:-1]}d?"
        yield subject.finding(Severity.WARNING, "suspicious_decay", place, message, suggestion)
    elif span_us > LONGEST_US:
        message = f"{kind} {span} is longer than two years: it hardly decays"
        suggestion = "shorten it, or write `decay: none` to say so"
        yield subject.finding(Severity.WARNING, "suspicious_decay", place, message, suggestion)
    if rule.disqualify is Disqualify.HARD:
        message = "decay does not lift a hard disqualifier: only its retraction does"
        suggestion = "remove `decay`, or write `disqualify: soft` with negative points"
        yield subject.finding(Severity.WARNING, "suspicious_decay", place, message, suggestion)


def _caps(subject: Subject, index: int) -> Iterator[tuple[str, float]]:
    rule, model = subject.model.rules[index], subject.model
    up = rule.points > 0
    yield "its own", rule.max if up else rule.min
    for group in model.groups:
        if group.id == rule.group:
            yield f"the group `{group.id}` with its", group.max if up else group.min
    for dimension in model.dimensions:
        if dimension.id == rule.dimension:
            yield f"the dimension `{dimension.id}` with its", dimension.max if up else dimension.min


def _repeats(rule: AttributeRule | BehaviourRule) -> bool:
    """Whether a second occurrence could add to the first that still counts in full."""
    if not isinstance(rule, BehaviourRule) or rule.streak or rule.points < 0:
        return False
    once = any(limit.kind is LimitKind.ONCE for limit in rule.limits)
    return not once and rule.decay.kind in (DecayKind.NONE, DecayKind.EXPIRES)


def _covers(strict: Limit, loose: Limit) -> bool:
    """Whether whatever `strict` allows, `loose` allows too."""
    if strict.kind is LimitKind.ONCE:
        return True
    if strict.kind is not loose.kind or strict.count > loose.count:
        return False
    return strict.kind is not LimitKind.ROLLING or strict.window_us >= loose.window_us


def _said(limit: Limit) -> str:
    if limit.kind is LimitKind.ROLLING:
        return f"{limit.count} within any {format_duration(limit.window_us)}"
    return (
        f"{limit.count} per calendar day"
        if limit.kind is LimitKind.CALENDAR_DAY
        else str(limit.kind)
    )


RULE_CHECKS: Final[tuple[RuleCheck, ...]] = (
    dead_rule,
    always_holds,
    always_at_cap,
    shadowed_limit,
    suspicious_decay,
)
