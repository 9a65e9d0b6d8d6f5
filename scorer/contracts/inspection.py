"""Whether what is held about a lead agrees with itself. Pure; counts nothing and mends nothing.

A lead's state says the same thing several times: evidence and the sums made of it, a score and the
lines that explain it, a published score, a decoded state and its bytes. A defect of ours, or of a
disk, shows as a difference between two of them long before anybody doubts a score.
"""

from __future__ import annotations

from enum import StrEnum

from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain.evidence import TIME
from scorer.domain.explain import Explanation, explain
from scorer.domain.history import rebuild
from scorer.domain.passing import pass_quietly
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState


class Inconsistency(StrEnum):
    """What does not agree."""

    LINES = "lines"  # the lines of the explanation do not add up to the score
    EVIDENCE = "evidence"  # the sums are not those that the evidence gives
    PUBLISHED = "published"  # the score last published is not the score
    STORED = "stored"  # the state in memory is not the one that was stored


def stored_differs(state: LeadState, raw: bytes | None) -> bool:
    """Whether a committed state in memory is another than its bytes, which may be of an older version."""
    return raw is None or encode_state(decode_state(raw)) != encode_state(state)


def inspect(state: LeadState, plan: Plan, said_us: int = 0) -> list[Inconsistency]:
    """What does not agree in a state right after evidence was folded into it.

    `said_us` is the latest instant about which something had been said before. Evidence that is older
    (late, after a crossing by time) is published with the score at that instant, of which the state
    keeps no trace: then the published score says nothing about the present one.
    """
    if state.head.created_us is None or state.model_hash != plan.hash:
        return []
    at_us = latest(state)
    said = explain(state.head, plan, at_us)
    found = []
    if not adds_up(said):
        found.append(Inconsistency.LINES)
    if _anew(state, plan, at_us) != said:
        found.append(Inconsistency.EVIDENCE)
    if at_us > said_us and _speaks(state, plan) and state.published != said.score:
        found.append(Inconsistency.PUBLISHED)
    return found


def adds_up(said: Explanation) -> bool:
    """Whether the lines are the score, to the cent."""
    return sum(round(line.points * 100) for line in said.lines) == round(said.score * 100)


def latest(state: LeadState) -> int:
    """The latest instant about which the state says anything."""
    head = state.head
    last = state.history[-1][TIME] if state.history else 0
    return max(last, head.last_us, head.base_since, head.tier_since)


def _anew(state: LeadState, plan: Plan, at_us: int) -> Explanation:
    """The explanation when the evidence that is kept one by one is folded once more."""
    twin = LeadState(state.model_hash)
    twin.base = state.base.copy() if state.base is not None else None
    twin.history, twin.retractions = state.history, state.retractions
    rebuild(twin, plan)
    pass_quietly(twin.head, plan, at_us, inclusive=True)
    return explain(twin.head, plan, at_us)


def _speaks(state: LeadState, plan: Plan) -> bool:
    """Whether every change is published at once."""
    policy = plan.model.publish
    return policy.min_delta == 0.0 and policy.coalesce_us == 0 and state.head.paused_at is None
