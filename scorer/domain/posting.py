"""Posting one piece of evidence to a ledger. Knows every kind of evidence, emits nothing.

Must be called in canonical order; `post_late` is for what arrives after its place has been settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from librt.vecs import vec
from mypy_extensions import mypyc_attr

from scorer.domain import evidence
from scorer.domain.events import AttributeValue
from scorer.domain.evidence import BODY, ID, KIND, TIME, Entry
from scorer.domain.ledger import COLD, Account, Ledger
from scorer.domain.limits import refusal
from scorer.domain.plan import Plan, RulePlan
from scorer.domain.scoring import (
    NONE,
    Contribution,
    adjusted,
    bounded,
    contribution,
    contributions,
    grouped,
    half,
    round2,
    shown,
    total,
)
from scorer.domain.silence import fold_silence

ITEMS_KEPT: Final = 64
"""Live occurrences that a rule with a linear, stepped or expiring decay keeps one by one. Beyond
that the two oldest are merged, so that a lead with a million events stays within 16 KiB."""


class Suppressed(NamedTuple):
    """An occurrence that happened and did not count."""

    rule: str
    reason: str


@mypyc_attr(acyclic=True)
class Posted:
    """What posting found out on the way."""

    __slots__ = ("earned", "found", "score", "shown", "suppressed")

    def __init__(
        self, found: list[Contribution], earned: vec[float], shown: vec[float], score: float
    ) -> None:
        self.found = found  # what the rules give; with the evidence when it has been posted
        self.earned = earned  # each dimension without the evidence, before floor and silence
        self.shown = shown  # the same as shown
        self.score = score  # at the instant of the evidence, without it; rounded
        self.suppressed: list[Suppressed] = []


def post(ledger: Ledger, plan: Plan, entry: Entry) -> Posted:
    """Make `entry` part of the ledger, which must not have seen later evidence.

    The caller evaluates the ledger next and hands what it earned to `hold`.
    """
    time_us = entry[TIME]
    tau = ledger.lead_time(plan, time_us)
    found = contributions(ledger, plan, tau)
    before = bounded(plan, grouped(plan, found)[0])
    values = shown(ledger, plan, before[:], tau)
    score = round2(total(plan, values, adjusted(ledger, time_us)))
    if ledger.last_us == 0:
        values = plan.zeros[:]  # a lead without evidence has earned nothing, whatever the floor
    posted = Posted(found, before, values, score)
    behaviour = entry[KIND] == evidence.BEHAVIOUR
    if behaviour:
        _behaviour(ledger, plan, entry, tau, posted)
    else:
        _post_kind(ledger, plan, entry, tau)
    first = ledger.last_us == 0
    if first:
        refit(ledger, plan)  # some rules hold of a lead of which nothing is known
    if first or not behaviour:
        posted.found = contributions(ledger, plan, ledger.lead_time(plan, time_us))
    ledger.last_us = max(ledger.last_us, time_us)
    return posted


def hold(ledger: Ledger, plan: Plan, posted: Posted, after: vec[float]) -> None:
    """Remember how far explicit points took each dimension below its floor.

    By as much as they are worth and no more: what decay did before stays forgiven. `after` is what
    each dimension has earned with the evidence.
    """
    for i in range(len(after)):
        floor = plan.floors[i]
        if after[i] < floor:
            given = posted.shown[i] + after[i] - posted.earned[i]
            ledger.held[plan.dimension_ids[i]] = max(after[i], min(floor, given))
        elif ledger.held:
            ledger.held.pop(plan.dimension_ids[i], None)


def _post_kind(ledger: Ledger, plan: Plan, entry: Entry, tau: int) -> None:
    kind = entry[KIND]
    if kind == evidence.ATTRIBUTES:
        _attributes(ledger, plan, entry[TIME], entry[BODY], entry[BODY + 1])
    elif kind == evidence.CREATED:
        _created(ledger, plan, entry, tau)
    elif kind == evidence.HOLD:
        _hold(ledger, plan, entry[TIME], entry[BODY])
    elif kind == evidence.OUTCOME:
        ledger.locked = entry[BODY] if entry[BODY] in plan.model.outcomes.disqualify_on else None
    elif kind == evidence.ADJUSTMENT:
        points, author, reason, expires = entry[BODY:]
        kept = [a for a in ledger.adjustments if a[4] is None or a[4] > entry[TIME]]
        ledger.adjustments = [*kept[-31:], [entry[ID], points, author, reason, expires]]


def _created(ledger: Ledger, plan: Plan, entry: Entry, tau: int) -> None:
    if ledger.created_us is None:
        ledger.created_us = entry[TIME]
        ledger.anchor = tau
        ledger.base = ledger.tier = COLD
        ledger.base_since = ledger.tier_since = entry[TIME]
    _attributes(ledger, plan, entry[TIME], entry[BODY], ())


def _attributes(
    ledger: Ledger,
    plan: Plan,
    time_us: int,
    to_set: Mapping[str, AttributeValue],
    unset: Sequence[str],
) -> None:
    moved: set[str] = set()
    for name, value in to_set.items():
        ledger.know(name, value, time_us)
        for rule in plan.by_attribute.get(name, ()):
            moved.add(rule.id)
    for name in unset:
        ledger.know(name, None, time_us)
        for rule in plan.by_attribute.get(name, ()):
            moved.add(rule.id)
    if moved:
        refit(ledger, plan, moved)


def refit(ledger: Ledger, plan: Plan, only: set[str] | None = None) -> None:
    """Which attribute rules hold now, in the order of the model; `only`: the others have not moved."""
    held = set(ledger.fit)
    ledger.fit = [
        rule.id
        for rule in plan.attribute_rules
        if (rule.id in held if only is not None and rule.id not in only else _holds(rule, ledger))
    ]


def _holds(rule: RulePlan, ledger: Ledger) -> bool:
    for check in rule.checks:
        known = ledger.attributes.get(check.attribute)
        if check.holds(known[0] if known else None) is rule.any_of:
            return rule.any_of  # one that holds is enough, or one that does not is too many
    return not rule.any_of


def _hold(ledger: Ledger, plan: Plan, time_us: int, paused: bool) -> None:
    if paused:
        if ledger.paused_at is None:
            ledger.paused_at = time_us
    elif ledger.paused_at is not None:
        if plan.model.hold_pauses_decay:
            spent = time_us - plan.paused_before(time_us)
            ledger.paused_us += spent - (ledger.paused_at - plan.paused_before(ledger.paused_at))
        ledger.paused_at = None


def _behaviour(ledger: Ledger, plan: Plan, entry: Entry, tau: int, posted: Posted) -> None:
    time_us, name, about = entry[TIME], entry[BODY], entry[BODY + 1]
    behaviour = plan.behaviours.get(name)
    if behaviour is None:  # kept from an earlier model
        return
    if behaviour.by_lead and fold_silence(ledger, plan, tau, posted.earned):
        posted.found = contributions(ledger, plan, tau)
    for rule in behaviour.resets:
        if rule.id in ledger.accounts:
            ledger.accounts[rule.id].run = 0
    for rule in behaviour.rules:
        reason = _occurrence(ledger, plan, rule, time_us, tau, about)
        if reason is not None:
            posted.suppressed.append(Suppressed(rule.id, reason))
        _renew(posted.found, rule, ledger.accounts[rule.id], tau)
    for tier, for_us in behaviour.fast_tracks:
        _raise_hand(ledger, [tier.value, time_us + for_us, name], time_us)


def _renew(found: list[Contribution], rule: RulePlan, account: Account, tau: int) -> None:
    """What a rule gives with its latest occurrence, in its place; a new account comes last, as there."""
    now = contribution(rule, account, tau)
    for i in range(len(found)):
        if found[i].account is account:
            found[i] = now
            return
    found.append(now)


def _raise_hand(ledger: Ledger, new: list[Any], time_us: int) -> None:
    """One more fast track. A short one to hot and a long one to warm run side by side."""
    same = [old for old in ledger.fast if old[0] == new[0]]
    others = [old for old in ledger.fast if old[0] != new[0] and old[1] > time_us]
    ledger.fast = [*others, max([*same, new], key=lambda track: track[1])]


def _occurrence(
    ledger: Ledger, plan: Plan, rule: RulePlan, time_us: int, tau: int, about: str | None
) -> str | None:
    """Count one occurrence for one rule, or return the reason why it does not count."""
    account = ledger.accounts.get(rule.id)
    if account is None:
        account = ledger.accounts[rule.id] = Account()
        if rule.limits:
            account.limits = [None] * len(rule.limits)
    if rule.streak is not None:
        account.run += 1
        if account.run < rule.streak.length:
            return None
        if account.run > rule.streak.length and not rule.streak.repeat:
            return None
    if account.limits is not None:
        reason = refusal(rule.limits, account.limits, time_us, about, plan.time_zone)
        if reason is not None:
            account.suppressed += 1
            return reason
    account.count += 1
    account.last_us = time_us
    add_weight(account, rule, tau)
    return None


def add_weight(account: Account, rule: RulePlan, tau: int) -> None:
    """One more occurrence at lead time `tau`, which need not be the latest."""
    if rule.summed:
        if rule.decay is NONE or not account.weight:
            account.weight += 1.0
            account.ref = max(tau, account.ref)
        elif tau >= account.ref:
            account.weight = account.weight * half(tau - account.ref, rule.span_us) + 1.0
            account.ref = tau
        else:
            account.weight += half(account.ref - tau, rule.span_us)
        return
    _add_item(account, rule, tau)


def _add_item(account: Account, rule: RulePlan, tau: int) -> None:
    if account.items is None:
        account.items = []
    items, lifetime, gone = account.items, rule.lifetime_us, 0
    while lifetime is not None and gone < len(items) and tau - items[gone][0] >= lifetime:
        gone += 1
    del items[:gone]
    late = bool(items) and items[-1][0] > tau
    items.append([tau, 1.0])
    if late:
        items.sort()
    full = len(items) > ITEMS_KEPT
    if full:
        (a, v), (b, w) = items[0], items[1]
        items[:2] = [[int((a * v + b * w) / (v + w)), v + w]] if v + w else [[b, 0.0]]
    if gone or late or full:
        account.weigh()
    else:
        account.weight += 1.0


def post_late(ledger: Ledger, plan: Plan, entry: Entry) -> None:
    """Evidence whose place has been settled: counts where order does not matter (section 7)."""
    kind, time_us = entry[KIND], entry[TIME]
    if kind == evidence.BEHAVIOUR:
        behaviour = plan.behaviours.get(entry[BODY])
        tau = ledger.lead_time(plan, time_us)
        for rule in behaviour.rules if behaviour else ():
            if rule.streak is None:
                known = ledger.accounts.get(rule.id)
                last = known.last_us if known is not None else 0
                _occurrence(ledger, plan, rule, time_us, tau, entry[BODY + 1])
                account = ledger.accounts[rule.id]
                account.last_us = max(last, account.last_us)
    elif kind in {evidence.CREATED, evidence.ATTRIBUTES}:
        facts = ledger.attributes
        new = {k: v for k, v in entry[BODY].items() if k not in facts or facts[k][1] < time_us}
        gone = [
            k
            for k in (entry[BODY + 1] if kind == evidence.ATTRIBUTES else ())
            if k in facts and facts[k][1] < time_us
        ]
        _attributes(ledger, plan, time_us, new, gone)
        if kind == evidence.CREATED and ledger.created_us is None:
            ledger.created_us = time_us
            ledger.base_since = ledger.tier_since = time_us
