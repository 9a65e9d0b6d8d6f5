"""The stored form of a lead: bytes ↔ `LeadState`. Knows its fields, computes nothing."""

from __future__ import annotations

from typing import Any, Final

from scorer.contracts.stored import pack, unpack
from scorer.domain.ledger import Account, Ledger
from scorer.domain.outputs import Cause, CauseKind, Tier
from scorer.domain.prediction import Change
from scorer.domain.state import SCHEMA, LeadState, Pending

_TIERS: Final = {tier.value: tier for tier in Tier}
_CAUSES: Final = {kind.value: kind for kind in CauseKind}
_WORDS: Final = {word: word.value for word in (*Tier, *CauseKind)}
"""Plain strings and enumerations, both ways: a look-up is a tenth of what their classes cost."""

_HISTORY: Final = 5  # its place in the schema version before this one


def encode_state(state: LeadState) -> bytes:
    """The bytes of a state."""
    pending, coming = state.pending, state.next
    return pack(
        [
            SCHEMA,
            state.model_hash,
            _ledger_out(state.head),
            state.published,
            None
            if coming is None
            else [
                coming.time_us,
                _WORDS[coming.base],
                _WORDS[coming.tier],
                _WORDS[coming.cause],
                coming.rule,
            ],
            None if state.base is None else _ledger_out(state.base),
            state.frontier,
            state.marks,
            state.forgotten_us,
            state.retractions,
            None if pending is None else [*pending[:3], list(pending.cause)],
        ],
        state,
    )


def decode_state(raw: bytes) -> LeadState:
    """The state of some bytes. Raises `StateError` for what another version wrote and this cannot read."""
    state = LeadState("")
    fields = unpack(raw, SCHEMA, "lead state", state, _HISTORY)
    state.model_hash = fields[1]
    state.head = _ledger_in(fields[2])
    state.published = fields[3]
    state.next = None if fields[4] is None else _change_in(fields[4])
    state.base = None if fields[5] is None else _ledger_in(fields[5])
    state.frontier = None if fields[6] is None else tuple(fields[6])
    state.marks, state.forgotten_us, state.retractions = fields[7], fields[8], fields[9]
    if fields[10] is not None:
        first, since, changes, (kind, source, event_id, what) = fields[10]
        state.pending = Pending(first, since, changes, Cause(_CAUSES[kind], source, event_id, what))
    return state


def _change_in(fields: list[Any]) -> Change:
    return Change(fields[0], _TIERS[fields[1]], _TIERS[fields[2]], _CAUSES[fields[3]], fields[4])


def _ledger_out(ledger: Ledger) -> list[Any]:
    accounts: dict[str, list[Any]] = {}
    for name, account in ledger.accounts.items():
        accounts[name] = _account_out(account)
    return [
        ledger.created_us,
        ledger.last_us,
        _WORDS[ledger.base],
        ledger.base_since,
        _WORDS[ledger.tier],
        ledger.tier_since,
        ledger.reached,
        ledger.attributes,
        ledger.fit,
        accounts,
        ledger.anchor,
        ledger.held,
        ledger.adjustments,
        ledger.fast,
        ledger.locked,
        ledger.paused_at,
        ledger.paused_us,
    ]


def _account_out(account: Account) -> list[Any]:
    fields = [account.count, account.last_us, account.weight, account.ref]
    if account.items is None and account.limits is None and not account.run + account.suppressed:
        return fields
    return [*fields, account.items, account.limits, account.run, account.suppressed]


def _account_in(fields: list[Any]) -> Account:
    account = Account()
    account.count, account.last_us = fields[0], fields[1]
    account.weight, account.ref = fields[2], fields[3]
    if len(fields) > 4:
        account.items, account.limits = fields[4], fields[5]
        account.run, account.suppressed = fields[6], fields[7]
        if account.items is not None:
            account.weigh()  # an earlier release wrote nought
    return account


def _ledger_in(fields: list[Any]) -> Ledger:
    ledger = Ledger()
    ledger.created_us, ledger.last_us = fields[0], fields[1]
    ledger.base, ledger.base_since = _TIERS[fields[2]], fields[3]
    ledger.tier, ledger.tier_since = _TIERS[fields[4]], fields[5]
    ledger.reached, ledger.attributes, ledger.fit = fields[6], fields[7], fields[8]
    accounts: dict[str, list[Any]] = fields[9]
    for name, account in accounts.items():
        ledger.accounts[name] = _account_in(account)
    ledger.anchor, ledger.held = fields[10], fields[11]
    ledger.adjustments, ledger.fast, ledger.locked = fields[12], fields[13], fields[14]
    ledger.paused_at, ledger.paused_us = fields[15], fields[16]
    return ledger
