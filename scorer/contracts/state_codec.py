"""The stored form of a lead: bytes ↔ `LeadState`. Knows its fields, computes nothing."""

from __future__ import annotations

from typing import Any

from scorer.contracts.stored import pack, unpack
from scorer.domain.ledger import Account, Ledger
from scorer.domain.outputs import Cause, CauseKind, Tier
from scorer.domain.prediction import Change
from scorer.domain.state import SCHEMA, LeadState, Pending


def encode_state(state: LeadState) -> bytes:
    """The bytes of a state."""
    pending = state.pending
    return pack(
        [
            SCHEMA,
            state.model_hash,
            _ledger_out(state.head),
            state.published,
            None if state.next is None else list(state.next),
            state.history,
            None if state.base is None else _ledger_out(state.base),
            state.frontier,
            state.marks,
            state.forgotten_us,
            state.retractions,
            None if pending is None else [*pending[:3], list(pending.cause)],
        ]
    )


def decode_state(raw: bytes) -> LeadState:
    """The state of some bytes. Raises `StateError` for what another version wrote and this cannot read."""
    return _state_in(unpack(raw, SCHEMA, "lead state"))


def _state_in(fields: list[Any]) -> LeadState:
    state = LeadState(fields[1])
    state.head = _ledger_in(fields[2])
    state.published = fields[3]
    state.next = None if fields[4] is None else _change_in(*fields[4])
    state.history = [tuple(entry) for entry in fields[5]]
    state.base = None if fields[6] is None else _ledger_in(fields[6])
    state.frontier = None if fields[7] is None else tuple(fields[7])
    state.marks, state.forgotten_us, state.retractions = fields[8], fields[9], fields[10]
    if fields[11] is not None:
        first, since, changes, (kind, source, event_id, what) = fields[11]
        state.pending = Pending(
            first, since, changes, Cause(CauseKind(kind), source, event_id, what)
        )
    return state


def _change_in(time_us: int, base: str, tier: str, cause: str, rule: str | None) -> Change:
    return Change(time_us, Tier(base), Tier(tier), CauseKind(cause), rule)


def _ledger_out(ledger: Ledger) -> list[Any]:
    return [
        ledger.created_us,
        ledger.last_us,
        ledger.base,
        ledger.base_since,
        ledger.tier,
        ledger.tier_since,
        ledger.reached,
        ledger.attributes,
        ledger.fit,
        {name: _account_out(account) for name, account in ledger.accounts.items()},
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
    account.count, account.last_us, account.weight, account.ref = fields[:4]
    if len(fields) > 4:
        account.items, account.limits, account.run, account.suppressed = fields[4:]
    return account


def _ledger_in(fields: list[Any]) -> Ledger:
    ledger = Ledger()
    (
        ledger.created_us,
        ledger.last_us,
        base,
        ledger.base_since,
        tier,
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
    ) = fields
    ledger.base, ledger.tier = Tier(base), Tier(tier)
    ledger.accounts = {name: _account_in(account) for name, account in accounts.items()}
    return ledger
