"""The stored form of a lead in the pool stage: bytes ↔ `FollowUpState`. Knows its fields."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from scorer.contracts.stored import pack, unpack
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.policy import Clock
from scorer.domain.followup.revision import Saying
from scorer.domain.followup.state import SCHEMA, FollowUpState
from scorer.domain.outputs import Tier

_TIERS: Final = {tier.value: tier for tier in Tier}
_CLOCKS: Final = {clock.value: clock for clock in Clock}
_HISTORY: Final = 3  # its place in the schema version before this one
_case_out: Final = attrgetter(
    *("closed", "created_us", "dead", "done", "episode", "flags", "floor_us", "last_touch_us"),
    *("owner", "pool", "returned_id", "returns", "score", "since_us", "source_channel", "tier"),
    *("touch_log", "touches", "touches_total", "why_en", "why_zh"),
)
"""All at once, in C: a field at a time costs 7 µs more."""


def encode_follow_up(state: FollowUpState) -> bytes:
    """The bytes of a state."""
    sayings = [[*saying] for saying in state.sayings]
    return pack(
        [
            SCHEMA,
            state.policy_hash,
            encode_case(state.head),
            None if state.base is None else encode_case(state.base),
            state.frontier,
            state.marks,
            state.forgotten_us,
            state.retractions,
            state.said_us,
            *([sayings] if sayings else ()),  # a release without them reads the rest
        ],
        state,
    )


def decode_follow_up(raw: bytes) -> FollowUpState:
    """The state of some bytes. Raises `StateError` for what this version cannot read."""
    state = FollowUpState("")
    fields = unpack(raw, SCHEMA, "follow-up state", state, _HISTORY)
    state.policy_hash = fields[1]
    fill_case(state.head, fields[2])
    state.base = None if fields[3] is None else fill_case(Case(), fields[3])
    state.frontier = None if fields[4] is None else tuple(fields[4])
    state.marks, state.forgotten_us, state.retractions, state.said_us = fields[5:9]
    state.sayings = [Saying(*saying) for saying in fields[9]] if len(fields) > 9 else []
    return state


def encode_case(case: Case) -> list[Any]:
    """A case as plain JSON types: a list whose order is part of the schema version."""
    runs = [
        [clock, r.start_us, r.span_us, r.due_us, r.since_us, r.sent, r.left_us]
        for clock, r in case.runs.items()
    ]
    return [runs, *_case_out(case)]


def fill_case(case: Case, fields: list[Any]) -> Case:
    """A new case with the content of such a list."""
    (
        runs,
        case.closed,
        case.created_us,
        case.dead,
        case.done,
        case.episode,
        case.flags,
        case.floor_us,
        case.last_touch_us,
        case.owner,
        case.pool,
        case.returned_id,
        case.returns,
        case.score,
        case.since_us,
        case.source_channel,
        tier,
        case.touch_log,
        case.touches,
        case.touches_total,
        case.why_en,
        case.why_zh,
    ) = fields
    case.tier = _TIERS[tier]
    kept: list[list[Any]] = runs
    for values in kept:
        case.runs[_CLOCKS[values[0]]] = _run(values)
    return case


def _run(values: list[Any]) -> Run:
    run = Run(values[1], values[2], values[3])
    run.since_us, run.sent, run.left_us = values[4], values[5], values[6]
    return run
