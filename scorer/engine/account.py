"""One lead at one instant, in all detail. Pure: a state and a model in, an account of it out.

The account of an earlier instant is what remains when everything later is taken away again: the
settled base and the history up to that instant, folded anew on a copy. So without late evidence it
says to the last digit what was published then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from scorer.contracts.instants import to_datetime
from scorer.domain.evidence import (
    BEHAVIOUR,
    BODY,
    ID,
    KIND,
    RETRACTION,
    SOURCE,
    TIME,
    Entry,
    what,
)
from scorer.domain.explain import Explanation, explain
from scorer.domain.history import rebuild
from scorer.domain.ledger import Ledger
from scorer.domain.line import Line
from scorer.domain.outputs import LineKind, Tier
from scorer.domain.passing import pass_quietly, settle_quietly
from scorer.domain.plan import Plan
from scorer.domain.posting import post
from scorer.domain.prediction import next_crossing
from scorer.domain.remodelling import adopt
from scorer.domain.sentence import Language, sentences
from scorer.domain.state import LeadState
from scorer.domain.tiers import grid_label

_WORDS: Final = {
    LineKind.CAP: {"en": "Cut by a cap", "zh": "封顶"},
    LineKind.SILENCE: {"en": "Silence", "zh": "沉默"},
    LineKind.ADJUSTMENT: {"en": "By hand", "zh": "人工调整"},
}
_FLOOR: Final = {"en": "Held by the floor", "zh": "保底"}


class NoLongerHeld(Exception):
    """The instant lies before the evidence that is kept one by one."""

    def __init__(self, lead_id: str, earliest_us: int) -> None:
        moment = f"{to_datetime(earliest_us):%Y-%m-%d %H:%M:%S} UTC"
        super().__init__(
            f"what {lead_id} did until {moment} is kept as sums only, so nothing before it can be told"
        )
        self.earliest_us = earliest_us


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
    grid: str | None
    next_tier: Tier | None
    next_us: int | None
    why_en: str
    why_zh: str
    attributes: dict[str, Any]
    suppressed: list[Kept]
    held: list[Kept]
    evidence: int  # pieces that are kept one by one
    adjustments: dict[str, str]  # id → reason and author
    plan: Plan

    @property
    def score(self) -> float:
        """The score, rounded to 0.01; nought before creation."""
        return self.explanation.score

    @property
    def adds_up(self) -> bool:
        """Whether the lines sum to the score, in cents."""
        return sum(round(line.points * 100) for line in self.explanation.lines) == round(
            self.score * 100
        )

    def why(self, language: Language) -> str:
        """The plain sentence."""
        return self.why_zh if language == "zh" else self.why_en

    def label(self, line: Line, language: Language = "en") -> str:
        """What people call the reason of a line."""
        if line.kind is LineKind.RULE:
            rule = self.plan.rules[line.name]
            return rule.label_zh if language == "zh" else rule.label_en
        if line.kind is LineKind.CAP and line.name == "floor":
            return _FLOOR[language]
        said = _WORDS[line.kind][language]
        reason = self.adjustments.get(line.name) if line.kind is LineKind.ADJUSTMENT else None
        return f"{said}: {reason}" if reason else said


def account(state: LeadState, lead_id: str, plan: Plan, at_us: int) -> Account:
    """The lead at an instant, by what is known of it now. The state stays as it is.

    Raises `NoLongerHeld` when evidence after the instant has been settled into sums.
    """
    if state.frontier is not None and at_us < state.frontier[TIME]:
        raise NoLongerHeld(lead_id, state.frontier[TIME])
    then = _as_of(state, plan, at_us)
    head = then.head
    created = head.created_us is not None
    explanation = explain(head, plan, at_us) if created else Explanation(0.0, {}, (), 0.0)
    coming = next_crossing(head, plan, at_us)
    why = sentences(head, plan, explanation, at_us) if created else ("", "")
    grid = [explanation.dimensions[d.id] for d in plan.dimensions] if created else []
    return Account(
        lead_id=lead_id,
        at_us=at_us,
        created=created,
        explanation=explanation,
        tier=head.tier,
        since_us=head.tier_since,
        grid=grid_label(plan.model.grid, plan, grid) if created else None,
        next_tier=coming.tier if coming else None,
        next_us=coming.time_us if coming else None,
        why_en=why[0],
        why_zh=why[1],
        attributes={n: v for n, (v, _) in head.attributes.items() if v is not None},
        suppressed=list(_suppressed(then, plan)),
        held=[] if created else [_kept(e, "held until the lead is created") for e in then.history],
        evidence=len(then.history),
        adjustments={str(a[0]): f"{a[3]} ({a[2]})" for a in head.adjustments},
        plan=plan,
    )


def latest(state: LeadState, now_us: int) -> int:
    """The instant that "now" means for a lead: publishers' clocks may be a little ahead of ours."""
    return max(now_us, state.history[-1][TIME] if state.history else state.head.last_us)


def _as_of(state: LeadState, plan: Plan, at_us: int) -> LeadState:
    """A copy that knows nothing later than the instant, and has come to it."""
    then = LeadState(state.model_hash)
    then.base = state.base.copy() if state.base is not None else None
    then.history = [entry for entry in state.history if entry[TIME] <= at_us]
    then.frontier, then.retractions = state.frontier, list(state.retractions)
    if state.model_hash == plan.hash:
        rebuild(then, plan)
    else:
        adopt(then, plan)
    pass_quietly(then.head, plan, at_us, inclusive=True)
    return then


def _suppressed(state: LeadState, plan: Plan) -> Iterator[Kept]:
    """Evidence within the history that a limit refused or a retraction undid: found by posting it again."""
    head = state.base.copy() if state.base is not None else Ledger()
    for entry in state.history:
        if (entry[SOURCE], entry[ID]) in state.retracted:
            yield _kept(entry, "retracted")
            continue
        if entry[KIND] == RETRACTION:
            continue
        pass_quietly(head, plan, entry[TIME], inclusive=False)
        for refused in post(head, plan, entry).suppressed:
            yield _kept(entry, f"{refused.rule}: limit {refused.reason}")
        settle_quietly(head, plan, entry[TIME])


def _kept(entry: Entry, why: str) -> Kept:
    about = f" ({entry[BODY + 1]})" if entry[KIND] == BEHAVIOUR and entry[BODY + 1] else ""
    return Kept(entry[TIME], what(entry) + about, why, entry[SOURCE], entry[ID])


def as_json(it: Account) -> dict[str, Any]:
    """The account as plain JSON types."""
    return {
        "lead_id": it.lead_id,
        "at": to_datetime(it.at_us),
        "created": it.created,
        "score": it.score,
        "tier": it.tier,
        "tier_since": to_datetime(it.since_us) if it.created else None,
        "grid": it.grid,
        "dimensions": it.explanation.dimensions,
        "lines": [
            line.as_dict() | {"label": it.label(line), "label_zh": it.label(line, "zh")}
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
