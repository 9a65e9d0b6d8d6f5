"""One lead at an instant, in all detail. Pure: a state and a model in, an account of it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scorer.contracts.instants import to_datetime
from scorer.domain.evidence import BODY, ID, KIND, SOURCE, TIME, Entry, what
from scorer.domain.explain import Explanation, explain
from scorer.domain.fold import advance, remodel
from scorer.domain.ledger import Ledger
from scorer.domain.outputs import LineKind, Tier
from scorer.domain.passing import pass_quietly, settle_quietly
from scorer.domain.plan import Plan
from scorer.domain.posting import post
from scorer.domain.sentence import sentence
from scorer.domain.state import LeadState


@dataclass(frozen=True)
class Kept:
    """Evidence that does not count (now), and why."""

    time_us: int
    what: str
    why: str
    source: str
    id: str


@dataclass(frozen=True)
class Account:
    """Everything that `explain` says about a lead."""

    lead_id: str
    at_us: int
    created: bool
    explanation: Explanation
    tier: Tier
    since_us: int
    next_tier: str | None
    next_us: int | None
    why_en: str
    why_zh: str
    attributes: dict[str, Any]
    suppressed: list[Kept]
    held: list[Kept]
    evidence: int
    plan: Plan

    @property
    def adds_up(self) -> bool:
        """Whether the lines sum to the score, in cents."""
        return sum(round(line.points * 100) for line in self.explanation.lines) == round(
            self.explanation.score * 100
        )

    def label(self, name: str, kind: LineKind) -> str:
        """What a line is called by people."""
        rule = self.plan.rules.get(name) if kind is LineKind.RULE else None
        return rule.label_en if rule else ""


def account(state: LeadState, lead_id: str, plan: Plan, now_us: int) -> Account:
    """The lead now, or at its latest evidence if that lies ahead. Changes the given state."""
    at_us = max(now_us, state.head.last_us)
    if state.model_hash != plan.hash:
        remodel(state, lead_id, plan, at_us)
    advance(state, lead_id, plan, at_us)
    head = state.head
    created = head.created_us is not None
    explanation = explain(head, plan, at_us) if created else Explanation(0.0, {}, (), 0.0)
    return Account(
        lead_id, at_us, created, explanation, head.tier, head.tier_since, state.next.tier if state.next else None, state.next.time_us if state.next else None,
        sentence(head, plan, explanation, at_us, "en") if created else "",
        sentence(head, plan, explanation, at_us, "zh") if created else "",
        {name: value for name, (value, _) in head.attributes.items()},
        list(_suppressed(state, plan)),
        [] if created else [_kept(entry, "held until the lead is created") for entry in state.history],
        len(state.history), plan,
    )  # fmt: skip


def _suppressed(state: LeadState, plan: Plan) -> Iterator[Kept]:
    """Evidence within the history that a limit refused or a retraction undid: found by posting it again."""
    head = state.base.copy() if state.base is not None else Ledger()
    for entry in state.history:
        if (entry[SOURCE], entry[ID]) in state.retracted:
            yield _kept(entry, "retracted")
            continue
        pass_quietly(head, plan, entry[TIME], inclusive=False)
        for refused in post(head, plan, entry).suppressed:
            yield _kept(entry, f"{refused.rule}: limit {refused.reason}")
        settle_quietly(head, plan, entry[TIME])


def _kept(entry: Entry, why: str) -> Kept:
    about = f" ({entry[BODY + 1]})" if entry[KIND] == "b" and entry[BODY + 1] else ""
    return Kept(entry[TIME], what(entry) + about, why, entry[SOURCE], entry[ID])


def as_json(it: Account) -> dict[str, Any]:
    """The account as plain JSON types."""
    return {
        "lead_id": it.lead_id,
        "at": to_datetime(it.at_us),
        "created": it.created,
        "score": it.explanation.score,
        "tier": it.tier,
        "tier_since": to_datetime(it.since_us) if it.created else None,
        "dimensions": it.explanation.dimensions,
        "lines": [
            line._asdict() | {"label": it.label(line.name, line.kind)}
            for line in it.explanation.lines
        ],
        "adds_up": it.adds_up,
        "all_time": it.explanation.all_time,
        "next_tier": it.next_tier,
        "next_tier_at": to_datetime(it.next_us) if it.next_us else None,
        "why": {"en": it.why_en, "zh": it.why_zh},
        "attributes": it.attributes,
        "suppressed": [_kept_json(kept) for kept in it.suppressed],
        "held": [_kept_json(kept) for kept in it.held],
        "model": {
            "name": it.plan.model.name,
            "version": it.plan.model.version,
            "hash": it.plan.hash,
        },
    }


def _kept_json(kept: Kept) -> dict[str, Any]:
    return {
        "time": to_datetime(kept.time_us),
        "what": kept.what,
        "why": kept.why,
        "source": kept.source,
        "id": kept.id,
    }
