"""States as the releases before wrote them, from states of today: JSON, in one line or in two."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import orjson

from scorer.domain.followup.case import Case
from scorer.domain.followup.state import FollowUpState
from scorer.domain.ledger import Account, Ledger
from scorer.domain.remembered import Remembered
from scorer.domain.state import LeadState

_CASE = attrgetter(
    *("closed", "created_us", "dead", "done", "episode", "flags", "floor_us", "last_touch_us"),
    *("owner", "pool", "returned_id", "returns", "score", "since_us", "source_channel", "tier"),
    *("touch_log", "touches", "touches_total", "why_en", "why_zh"),
)
LEAD_HISTORY, CASE_HISTORY = 5, 3
"""The places of the history among the fields of version 1."""


def lead_of_version_2(state: LeadState) -> bytes:
    """A lead of the scoring stage in two lines."""
    coming, pending = state.next, state.pending
    change = coming and [coming.time_us, coming.base, coming.tier, coming.cause, coming.rule]
    fields = [
        2,
        state.model_hash,
        _ledger(state.head),
        state.published,
        change,
        None if state.base is None else _ledger(state.base),
        *_settled(state),
        None if pending is None else [*pending[:3], list(pending.cause)],
    ]
    return _lines(fields, state)


def case_of_version_2(state: FollowUpState) -> bytes:
    """A lead of the pool stage in two lines."""
    fields = [
        2,
        state.policy_hash,
        _case(state.head),
        None if state.base is None else _case(state.base),
        *_settled(state),
        state.said_us,
        [[*saying] for saying in state.sayings],
    ]
    return _lines(fields, state)


def version_1(raw: bytes, place: int) -> bytes:
    """The same in one line, the history among the fields."""
    lead, _, history = raw.partition(b"\n")
    fields = orjson.loads(lead)
    fields[0] = 1
    fields.pop()  # what is said of the history
    fields.insert(place, orjson.loads(history))
    return orjson.dumps(fields)


def _settled(state: Remembered) -> list[Any]:
    marks = [mark.hex() for mark in state.marks]
    return [state.frontier, marks, state.forgotten_us, state.retractions]


def _lines(fields: list[Any], state: Remembered) -> bytes:
    entries = state.history
    retractions = sum(entry[3] == "r" for entry in entries)
    fields.append([len(entries), state.oldest_us(), state.latest_us(), retractions])
    return orjson.dumps(fields) + b"\n[" + b",\n".join(map(orjson.dumps, entries)) + b"]"


def _ledger(it: Ledger) -> list[Any]:
    accounts = {name: _account(account) for name, account in it.accounts.items()}
    return [
        *(it.created_us, it.last_us, it.base, it.base_since, it.tier, it.tier_since),
        *(it.reached, it.attributes, it.fit, accounts, it.anchor, it.held),
        *(it.adjustments, it.fast, it.locked, it.paused_at, it.paused_us),
    ]


def _account(it: Account) -> list[Any]:
    fields = [it.count, it.last_us, it.weight, it.ref]
    if it.items is None and it.limits is None and not it.run + it.suppressed:
        return fields
    return [*fields, it.items, it.limits, it.run, it.suppressed]


def _case(it: Case) -> list[Any]:
    runs = [
        [clock, r.start_us, r.span_us, r.due_us, r.since_us, r.sent, r.left_us]
        for clock, r in it.runs.items()
    ]
    return [runs, *_CASE(it)]
