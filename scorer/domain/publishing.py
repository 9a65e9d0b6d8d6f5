"""Turning a lead's state into what is said about it. Knows outputs and their ids, decides nothing.

Ids are functions of what caused the output, never of when or where it was computed: a replay says
the same things with the same ids (semantics, section 7).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.explain import Explanation
from scorer.domain.ledger import Ledger
from scorer.domain.making import make
from scorer.domain.outputs import Cause, FireMode, ScoreChanged, Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.sentence import sentences
from scorer.domain.state import LeadState
from scorer.domain.tiers import grid_label

_NOTHING: Final = blake2b(digest_size=16)
ALL: Final = (FireMode.EVERY, FireMode.ONCE_PER_LEAD, FireMode.ONCE_PER_EPISODE)
ANEW: Final = (FireMode.EVERY, FireMode.ONCE_PER_EPISODE)
AGAIN: Final = (FireMode.EVERY,)


@mypyc_attr(acyclic=True)
class Before:
    """How a lead stood before a change."""

    __slots__ = ("score", "since_us", "tier")

    def __init__(self, tier: Tier, since_us: int, score: float) -> None:
        self.tier = tier
        self.since_us = since_us
        self.score = score


def output_id(parts: str) -> str:
    """A deterministic id: 128 bits of BLAKE2b over its parts, with a zero byte between each two."""
    # The second form, which may hold anything, takes three times as long.
    raw = parts.encode("utf-8") if parts.isascii() else parts.encode("utf-8", "surrogatepass")
    hashed = _NOTHING.copy()  # a fifth less than a new one
    hashed.update(raw)
    return hashed.hexdigest()


def score_changed(
    state: LeadState,
    lead_id: str,
    plan: Plan,
    time_us: int,
    explanation: Explanation,
    cause: Cause,
    traceparent: str | None = None,
) -> ScoreChanged:
    """The score event for the state as it is at `time_us`; its score is the published one from now on."""
    head = state.head
    previous, state.published = state.published, explanation.score
    if cause.id is not None:
        identity = output_id(f"score\0{lead_id}\0{cause.source or ''}\0{cause.id}")
    else:
        created = _created(head)
        identity = output_id(f"score\0{lead_id}\0{created}\0{cause.kind}\0{time_us}\0{plan.hash}")
    # In the order of its fields, all given: a fifth of what the constructor with keywords costs.
    return make(
        ScoreChanged,
        (
            identity,
            lead_id,
            time_us,
            explanation.score,
            previous,
            head.tier,
            explanation.dimensions,
            explanation.all_time,
            explanation.lines,
            cause,
            state.next.tier if state.next else None,
            state.next.time_us if state.next else None,
            plan.version,
            plan.hash,
            _grid(plan, explanation),
            None,
            1,
            traceparent,
        ),
    )


def tier_crossed(
    state: LeadState,
    lead_id: str,
    plan: Plan,
    time_us: int,
    before: Before,
    explanation: Explanation,
    cause: Cause,
    traceparent: str | None = None,
) -> TierCrossed:
    """The crossing into the tier that the head is in."""
    head: Ledger = state.head
    reached = head.reached.get(head.tier, [time_us, 1, time_us])
    identity = (
        f"tier\0{lead_id}\0{_created(head)}\0{before.tier}\0{head.tier}\0{time_us}\0{plan.hash}"
    )
    if cause.id is not None:
        identity += f"\0{cause.source or ''}\0{cause.id}"
    why_en, why_zh = sentences(head, plan, explanation, time_us)
    return make(
        TierCrossed,
        (
            output_id(identity),
            lead_id,
            time_us,
            before.tier,
            head.tier,
            before.score,
            explanation.score,
            cause,
            reached[1] == 1,
            reached[1],
            _fires(reached, time_us),
            max(time_us - before.since_us, 0),
            explanation.dimensions,
            explanation.lines,
            why_en,
            why_zh,
            state.next.tier if state.next else None,
            state.next.time_us if state.next else None,
            plan.version,
            plan.hash,
            _grid(plan, explanation),
            traceparent,
        ),
    )


def _created(head: Ledger) -> str:
    """When a lead was created, as a part of an id; none as nothing."""
    return "" if head.created_us is None else str(head.created_us)


def _fires(reached: list[int], time_us: int) -> tuple[FireMode, ...]:
    _, times, told_us = reached
    if times == 1:
        return ALL
    if told_us == time_us:
        return ANEW
    return AGAIN


def _grid(plan: Plan, explanation: Explanation) -> str | None:
    if plan.grid is None:
        return None
    values = [explanation.dimensions[d.id] for d in plan.dimensions]
    return grid_label(plan.grid, plan, values)
