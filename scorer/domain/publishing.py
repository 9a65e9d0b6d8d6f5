"""Turning a lead's state into what is said about it. Knows outputs and their ids, decides nothing.

Ids are functions of what caused the output, never of when or where it was computed: a replay says
the same things with the same ids (semantics, section 7).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from scorer.domain.explain import Explanation
from scorer.domain.ledger import Ledger
from scorer.domain.outputs import Cause, FireMode, ScoreChanged, Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.sentence import sentence
from scorer.domain.state import LeadState
from scorer.domain.tiers import grid_label


class Before(NamedTuple):
    """How a lead stood before a change."""

    tier: Tier
    since_us: int
    score: float


def output_id(*parts: str | int | None) -> str:
    """A deterministic id: 128 bits of BLAKE2b over the parts."""
    text = "\0".join("" if p is None else str(p) for p in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


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
        identity = output_id("score", lead_id, cause.source, cause.id)
    else:
        identity = output_id("score", lead_id, head.created_us, cause.kind, time_us, plan.hash)
    # In the order of its fields, all given: a fifth of what the constructor with keywords costs.
    return tuple.__new__(
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
    reached = head.reached.get(head.tier.value, [time_us, 1, time_us])
    caused = (cause.source, cause.id) if cause.id is not None else ()
    return TierCrossed(
        id=output_id(
            "tier", lead_id, head.created_us, before.tier, head.tier, time_us, plan.hash, *caused
        ),
        lead_id=lead_id,
        time_us=time_us,
        from_tier=before.tier,
        to_tier=head.tier,
        score_before=before.score,
        score=explanation.score,
        cause=cause,
        first_time=reached[1] == 1,
        reached=reached[1],
        fires=_fires(reached, time_us),
        in_previous_us=max(time_us - before.since_us, 0),
        dimensions=explanation.dimensions,
        lines=explanation.lines,
        why_en=sentence(head, plan, explanation, time_us, "en"),
        why_zh=sentence(head, plan, explanation, time_us, "zh"),
        next_tier=state.next.tier if state.next else None,
        next_tier_us=state.next.time_us if state.next else None,
        model_version=plan.version,
        model_hash=plan.hash,
        grid=_grid(plan, explanation),
        traceparent=traceparent,
    )


def _fires(reached: list[int], time_us: int) -> tuple[FireMode, ...]:
    _, times, told_us = reached
    if times == 1:
        return (FireMode.EVERY, FireMode.ONCE_PER_LEAD, FireMode.ONCE_PER_EPISODE)
    if told_us == time_us:
        return (FireMode.EVERY, FireMode.ONCE_PER_EPISODE)
    return (FireMode.EVERY,)


def _grid(plan: Plan, explanation: Explanation) -> str | None:
    if plan.model.grid is None:
        return None
    values = [explanation.dimensions[d.id] for d in plan.dimensions]
    return grid_label(plan.model.grid, plan, values)
