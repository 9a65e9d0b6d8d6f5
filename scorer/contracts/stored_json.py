"""States as earlier releases stored them: one or two lines of JSON. Reads them, writes none.

Version 1 was one array, the history a field of it; version 2 had the history on a line of its own.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from scorer.contracts.stored import (
    plain,
    unknown_version,
    unreadable,
)
from scorer.domain.evidence import Entry
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.policy import Clock
from scorer.domain.followup.revision import Saying
from scorer.domain.followup.state import FollowUpState
from scorer.domain.ledger import Account, Ledger
from scorer.domain.marks import Marks
from scorer.domain.outputs import Cause, CauseKind, Tier
from scorer.domain.prediction import Change
from scorer.domain.remembered import Remembered
from scorer.domain.state import LeadState, Pending

UNSPLIT: Final = 1
"""The schema version in which the history was a field among the others."""
SPLIT: Final = 2
_HISTORY_OF_SCORE: Final = 5  # its place among them
_HISTORY_OF_CASE: Final = 3


def lead_from_json(raw: bytes) -> LeadState:
    """The state of a lead in the scoring stage. Raises `StateError` for what cannot be read."""
    state = LeadState("")
    fields = _unpack(raw, "lead state", state, _HISTORY_OF_SCORE)
    state.model_hash = fields[1]
    state.head = _ledger(fields[2])
    state.published = fields[3]
    if fields[4] is not None:
        time_us, base, tier, cause, rule = fields[4]
        state.next = Change(time_us, Tier(base), Tier(tier), CauseKind(cause), rule)
    state.base = None if fields[5] is None else _ledger(fields[5])
    _settled(state, *fields[6:10])
    if fields[10] is not None:
        first, since, changes, (kind, *cause_of) = fields[10]
        state.pending = Pending(first, since, changes, Cause(CauseKind(kind), *cause_of))
    return state


def follow_up_from_json(raw: bytes) -> FollowUpState:
    """The state of a lead in the pool stage. Raises `StateError` for what cannot be read."""
    state = FollowUpState("")
    fields = _unpack(raw, "follow-up state", state, _HISTORY_OF_CASE)
    state.policy_hash = fields[1]
    state.head = _case(fields[2])
    state.base = None if fields[3] is None else _case(fields[3])
    _settled(state, *fields[4:8])
    state.said_us = fields[8]
    state.sayings = [Saying(*saying) for saying in fields[9]] if len(fields) > 9 else []
    return state


def _unpack(raw: bytes, what: str, into: Remembered, unsplit: int) -> list[Any]:
    """The fields of some bytes; their history goes `into` the state."""
    try:
        lines = plain(raw)
        end = lines.find(b"\n")
        fields: list[Any] = orjson.loads(lines[:end] if end >= 0 else lines)
        version = fields[0]
    except (ValueError, IndexError, TypeError) as error:
        raise unreadable(what) from error
    if version == UNSPLIT:
        into.history = _entries(fields.pop(unsplit))
    elif version != SPLIT:
        raise unknown_version(what, version, SPLIT)
    else:
        fields.pop()  # what is said of the history
        into.history = _entries(orjson.loads(lines[end + 1 :]))
    return fields


def _entries(rows: list[list[Any]]) -> list[Entry]:
    return [tuple(row) for row in rows]


def _settled(
    state: Remembered,
    frontier: list[Any] | None,
    marks: list[str],
    forgotten_us: int,
    retractions: list[list[str]],
) -> None:
    state.frontier = None if frontier is None else tuple(frontier)
    state.marks = Marks(bytes.fromhex("".join(marks)))
    state.forgotten_us, state.retractions = forgotten_us, retractions


def _ledger(fields: list[Any]) -> Ledger:
    ledger = Ledger()
    ledger.created_us, ledger.last_us = fields[0], fields[1]
    ledger.base, ledger.base_since = Tier(fields[2]), fields[3]
    ledger.tier, ledger.tier_since = Tier(fields[4]), fields[5]
    ledger.reached, ledger.attributes, ledger.fit = fields[6], fields[7], fields[8]
    accounts: dict[str, list[Any]] = fields[9]
    for name, account in accounts.items():
        ledger.accounts[name] = _account(account)
    ledger.anchor, ledger.held = fields[10], fields[11]
    ledger.adjustments, ledger.fast, ledger.locked = fields[12], fields[13], fields[14]
    ledger.paused_at, ledger.paused_us = fields[15], fields[16]
    return ledger


def _account(fields: list[Any]) -> Account:
    account = Account()
    account.count, account.last_us = fields[0], fields[1]
    account.weight, account.ref = fields[2], fields[3]
    if len(fields) > 4:
        account.items, account.limits = fields[4], fields[5]
        account.run, account.suppressed = fields[6], fields[7]
        if account.items is not None:
            account.weigh()  # some releases wrote nought
    return account


def _case(fields: list[Any]) -> Case:
    case = Case()
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
    case.tier = Tier(tier)
    for clock, *values in runs:
        case.runs[Clock(clock)] = run = Run(*values[:3])
        run.since_us, run.sent, run.left_us = values[3:]
    return case
