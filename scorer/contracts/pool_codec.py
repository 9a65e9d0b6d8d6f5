"""The stored form of a lead in the pool stage: bytes ↔ `FollowUpState`. Knows JSON and versions.

The form is that of `scorer.contracts.state_codec`: arrays, compressed when they are long.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import orjson

from scorer.contracts.state_codec import COMPRESS_ABOVE, StateError
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.policy import Clock
from scorer.domain.followup.state import SCHEMA, FollowUpState
from scorer.domain.outputs import Tier

_PLAIN: Final = tuple(name for name in sorted(Case.__slots__) if name not in ("runs", "tier"))
_RUN: Final = ("start_us", "span_us", "due_us", "since_us", "sent", "left_us")


def encode_follow_up(state: FollowUpState) -> bytes:
    """The bytes of a state."""
    raw = orjson.dumps(
        [
            SCHEMA,
            state.policy_hash,
            encode_case(state.head),
            state.history,
            None if state.base is None else encode_case(state.base),
            state.frontier,
            state.marks,
            state.forgotten_us,
            state.retractions,
            state.said_us,
        ]
    )
    return zlib.compress(raw, 1) if len(raw) > COMPRESS_ABOVE else raw


def decode_follow_up(raw: bytes) -> FollowUpState:
    """The state of some bytes. Raises `StateError` for what this version cannot read."""
    try:
        fields = orjson.loads(raw if raw[:1] == b"[" else zlib.decompress(raw))
        version = fields[0]
    except (ValueError, zlib.error, IndexError, TypeError) as error:
        raise StateError(
            "a stored follow-up state is not readable: delete the data directory, it is rebuilt "
            "from the changelog"
        ) from error
    if version != SCHEMA:
        raise StateError(
            f"a stored follow-up state has schema version {version}, this release reads {SCHEMA}: "
            "run the release that wrote it, or replay into a fresh application id"
        )
    state = FollowUpState(fields[1])
    state.head = decode_case(fields[2])
    state.history = [tuple(entry) for entry in fields[3]]
    state.base = None if fields[4] is None else decode_case(fields[4])
    state.frontier = None if fields[5] is None else tuple(fields[5])
    state.marks, state.forgotten_us, state.retractions, state.said_us = fields[6:10]
    return state


def encode_case(case: Case) -> list[Any]:
    """A case as plain JSON types: a list whose order is part of the schema version."""
    runs = [[clock, *(getattr(run, name) for name in _RUN)] for clock, run in case.runs.items()]
    return [runs, case.tier, *(getattr(case, name) for name in _PLAIN)]


def decode_case(fields: list[Any]) -> Case:
    """The case of such a list."""
    case = Case.__new__(Case)
    case.runs = {Clock(clock): _run(values) for clock, *values in fields[0]}
    case.tier = Tier(fields[1])
    for name, value in zip(_PLAIN, fields[2:], strict=True):
        setattr(case, name, value)
    return case


def _run(values: list[Any]) -> Run:
    run = Run.__new__(Run)
    for name, value in zip(_RUN, values, strict=True):
        setattr(run, name, value)
    return run
