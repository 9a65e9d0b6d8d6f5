"""The stored form of a lead: bytes ↔ `LeadState`. Knows its fields, computes nothing.

the head: tier by score, tier, what is there, instants, rules that hold, accounts, …
the model, what was published, the next crossing, the base, what is rare
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from librt.strings import BytesWriter

from scorer.contracts.binary import (
    Reading,
    write_chunk,
    write_count,
    write_float,
    write_whole,
    write_word,
)
from scorer.contracts.limit_codec import SealedLimits, limits_as_bytes
from scorer.contracts.reached_codec import SealedReached, reached_as_bytes
from scorer.contracts.stored import (
    PLACE_OF_TIER,
    TIERS,
    begin,
    finish,
    open_state,
    read_remembered,
    sealed,
    text_of,
    unreadable,
)
from scorer.contracts.stored_json import lead_from_json
from scorer.domain.ledger import Account, Ledger
from scorer.domain.outputs import Cause, CauseKind
from scorer.domain.prediction import Change
from scorer.domain.state import SCHEMA, LeadState, Pending

TIER_AT: Final = 3
"""Where the tier stands in the bytes, after the two of every state and the tier by score."""
WHAT_AT: Final = 4
"""Where it stands what is there of the head."""
CREATED: Final = 1
_PAUSED: Final = 2
_RARE: Final = 4

_PUBLISHED: Final = 1
_NEXT: Final = 2
_BASE: Final = 4
_PENDING: Final = 8

_ITEMS: Final = 1
_LIMITS: Final = 2
_STREAK: Final = 4

_CAUSES: Final = tuple(CauseKind)
_PLACE_OF_CAUSE: Final = {cause: place for place, cause in enumerate(_CAUSES)}


def encode_state(state: LeadState) -> bytes:
    """The bytes of a state."""
    out = begin(SCHEMA)
    _write_ledger(out, state.head)
    coming, base, pending = state.next, state.base, state.pending
    what = 0
    if state.published is not None:
        what |= _PUBLISHED
    if coming is not None:
        what |= _NEXT
    if base is not None:
        what |= _BASE
    if pending is not None:
        what |= _PENDING
    out.append(what)
    write_word(out, state.model_hash)
    if state.published is not None:
        write_float(out, state.published)
    if coming is not None:
        _write_change(out, coming)
    if base is not None:
        _write_ledger(out, base)
    if pending is not None:
        write_chunk(out, orjson.dumps([*pending[:3], list(pending.cause)]))
    return finish(out, state)


def decode_state(raw: bytes) -> LeadState:
    """The state of some bytes. Raises `StateError` for what another version wrote and this cannot read."""
    try:
        reading = open_state(raw, SCHEMA, "lead state")
        return lead_from_json(raw) if reading is None else _read_state(reading)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise unreadable("lead state") from error


def _read_state(reading: Reading) -> LeadState:
    head = _read_ledger(reading)
    what = reading.byte()
    state = LeadState(reading.word())
    state.head = head
    if what & _PUBLISHED:
        state.published = reading.float()
    if what & _NEXT:
        state.next = _read_change(reading)
    if what & _BASE:
        state.base = _read_ledger(reading)
    if what & _PENDING:
        first, since, changes, (kind, source, event_id, of) = orjson.loads(reading.chunk())
        cause = Cause(CauseKind(kind), source, event_id, of)
        state.pending = Pending(first, since, changes, cause)
    read_remembered(reading, state)
    return state


def _write_change(out: BytesWriter, change: Change) -> None:
    write_whole(out, change.time_us)
    out.append(PLACE_OF_TIER[change.base])
    out.append(PLACE_OF_TIER[change.tier])
    out.append(_PLACE_OF_CAUSE[change.cause])
    rule = change.rule
    out.append(0 if rule is None else 1)
    if rule is not None:
        write_word(out, rule)


def _read_change(reading: Reading) -> Change:
    time_us = reading.whole()
    base, tier = TIERS[reading.byte()], TIERS[reading.byte()]
    cause = _CAUSES[reading.byte()]
    return Change(time_us, base, tier, cause, reading.word() if reading.byte() else None)


def _write_ledger(out: BytesWriter, ledger: Ledger) -> None:
    created, paused = ledger.created_us, ledger.paused_at
    rare = bool(ledger.held or ledger.adjustments or ledger.fast) or ledger.locked is not None
    what = 0
    if created is not None:
        what |= CREATED
    if paused is not None:
        what |= _PAUSED
    if rare:
        what |= _RARE
    out.append(PLACE_OF_TIER[ledger.base])
    out.append(PLACE_OF_TIER[ledger.tier])
    out.append(what)
    if created is not None:
        write_whole(out, created)
    if paused is not None:
        write_whole(out, paused)
    write_whole(out, ledger.last_us)
    write_whole(out, ledger.base_since)
    write_whole(out, ledger.tier_since)
    write_whole(out, ledger.anchor)
    write_whole(out, ledger.paused_us)
    attributes, reached = ledger.as_kept()
    write_chunk(out, text_of(attributes))
    write_chunk(out, reached_as_bytes(reached))
    write_count(out, len(ledger.fit))
    for name in ledger.fit:
        write_word(out, name)
    write_count(out, len(ledger.accounts))
    for name, account in ledger.accounts.items():
        write_word(out, name)
        _write_account(out, account)
    if rare:
        write_chunk(
            out, orjson.dumps([ledger.held, ledger.adjustments, ledger.fast, ledger.locked])
        )


def _read_ledger(reading: Reading) -> Ledger:
    ledger = Ledger()
    ledger.base = TIERS[reading.byte()]
    ledger.tier = TIERS[reading.byte()]
    what = reading.byte()
    if what & CREATED:
        ledger.created_us = reading.whole()
    if what & _PAUSED:
        ledger.paused_at = reading.whole()
    ledger.last_us = reading.whole()
    ledger.base_since = reading.whole()
    ledger.tier_since = reading.whole()
    ledger.anchor = reading.whole()
    ledger.paused_us = reading.whole()
    attributes = sealed(reading.chunk())
    reached = reading.chunk()
    ledger.seal(attributes, SealedReached(reached) if reached else None)
    fit = ledger.fit
    for _ in range(reading.count()):
        fit.append(reading.word())
    accounts = ledger.accounts
    for _ in range(reading.count()):
        name = reading.word()
        accounts[name] = _read_account(reading)
    if what & _RARE:
        rare: list[Any] = orjson.loads(reading.chunk())
        ledger.held, ledger.adjustments, ledger.fast, ledger.locked = rare
    return ledger


def _write_account(out: BytesWriter, account: Account) -> None:
    items, limits = account.items, account.limits_as_kept()
    what = 0
    if items is not None:
        what |= _ITEMS
    if limits is not None:
        what |= _LIMITS
    if account.run or account.suppressed:
        what |= _STREAK
    out.append(what)
    write_count(out, account.count)
    write_whole(out, account.last_us)
    write_float(out, account.weight)
    write_whole(out, account.ref)
    if items is not None:
        write_count(out, len(items))
        for tau, weight in items:
            write_whole(out, int(tau))
            write_float(out, weight)
    if limits is not None:
        write_chunk(out, limits_as_bytes(limits))
    if what & _STREAK:
        write_count(out, account.run)
        write_count(out, account.suppressed)


def _read_account(reading: Reading) -> Account:
    account = Account()
    what = reading.byte()
    account.count = reading.count()
    account.last_us = reading.whole()
    account.weight = reading.float()
    account.ref = reading.whole()
    if what & _ITEMS:
        items: list[list[float]] = []
        for _ in range(reading.count()):
            tau = reading.whole()
            items.append([tau, reading.float()])
        account.items = items
    if what & _LIMITS:
        account.seal_limits(SealedLimits(reading.chunk()))
    if what & _STREAK:
        account.run = reading.count()
        account.suppressed = reading.count()
    return account
