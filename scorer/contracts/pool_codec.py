"""The stored form of a lead in the pool stage: bytes ↔ `FollowUpState`. Knows its fields."""

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
from scorer.contracts.stored import (
    PLACE_OF_TIER,
    TIERS,
    begin,
    finish,
    open_state,
    read_remembered,
    unreadable,
)
from scorer.contracts.stored_json import follow_up_from_json
from scorer.domain.followup.case import Case, Run
from scorer.domain.followup.policy import Clock
from scorer.domain.followup.revision import Saying
from scorer.domain.followup.state import SCHEMA, FollowUpState

_CLOCKS: Final = tuple(Clock)
_PLACE_OF_CLOCK: Final = {clock: place for place, clock in enumerate(_CLOCKS)}
"""A clock is stored as its place, as a tier is."""

_CREATED: Final = 1
_CLOSED: Final = 2
_DEAD: Final = 4
_TOUCHED: Final = 8
_SCORED: Final = 16
_OWNED: Final = 32
_POOLED: Final = 64
_RETURNED: Final = 128

_BASE: Final = 1
_SAYINGS: Final = 2


def encode_follow_up(state: FollowUpState) -> bytes:
    """The bytes of a state."""
    out = begin(SCHEMA)
    base, sayings = state.base, state.sayings
    what = 0
    if base is not None:
        what |= _BASE
    if sayings:
        what |= _SAYINGS
    out.append(what)
    write_word(out, state.policy_hash)
    write_whole(out, state.said_us)
    write_case(out, state.head)
    if base is not None:
        write_case(out, base)
    if sayings:
        write_chunk(out, orjson.dumps([[*saying] for saying in sayings]))
    return finish(out, state)


def decode_follow_up(raw: bytes) -> FollowUpState:
    """The state of some bytes. Raises `StateError` for what this version cannot read."""
    try:
        reading = open_state(raw, SCHEMA, "follow-up state")
        return follow_up_from_json(raw) if reading is None else _read_state(reading)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise unreadable("follow-up state") from error


def _read_state(reading: Reading) -> FollowUpState:
    what = reading.byte()
    state = FollowUpState(reading.word())
    state.said_us = reading.whole()
    read_case(reading, state.head)
    if what & _BASE:
        state.base = read_case(reading, Case())
    if what & _SAYINGS:
        sayings: list[list[Any]] = orjson.loads(reading.chunk())
        state.sayings = [Saying(*saying) for saying in sayings]
    read_remembered(reading, state)
    return state


def write_case(out: BytesWriter, case: Case) -> None:
    """Add a case."""
    out.append(_what_of(case))
    out.append(PLACE_OF_TIER[case.tier])
    if case.created_us is not None:
        write_whole(out, case.created_us)
    if case.last_touch_us is not None:
        write_whole(out, case.last_touch_us)
    if case.score is not None:
        write_float(out, case.score)
    if case.owner is not None:
        write_word(out, case.owner)
    if case.pool is not None:
        write_word(out, case.pool)
    if case.returned_id is not None:
        write_chunk(out, case.returned_id.encode())
    write_whole(out, case.floor_us)
    write_whole(out, case.since_us)
    write_count(out, case.returns)
    write_count(out, case.touches)
    write_count(out, case.touches_total)
    write_chunk(out, case.episode.encode())
    channel = case.source_channel
    out.append(0 if channel is None else 1)
    if channel is not None:
        write_word(out, channel)
    write_chunk(out, case.why_en.encode())
    write_chunk(out, case.why_zh.encode())
    _write_words(out, case.flags)
    _write_words(out, case.done)
    write_chunk(out, orjson.dumps(case.touch_log) if case.touch_log else b"")
    write_count(out, len(case.runs))
    for clock, run in case.runs.items():
        _write_run(out, clock, run)


def _what_of(case: Case) -> int:
    """What of a case is there."""
    what = 0
    if case.created_us is not None:
        what |= _CREATED
    if case.closed:
        what |= _CLOSED
    if case.dead:
        what |= _DEAD
    if case.last_touch_us is not None:
        what |= _TOUCHED
    if case.score is not None:
        what |= _SCORED
    if case.owner is not None:
        what |= _OWNED
    if case.pool is not None:
        what |= _POOLED
    if case.returned_id is not None:
        what |= _RETURNED
    return what


def read_case(reading: Reading, case: Case) -> Case:
    """Fill a new case with what was written."""
    what = reading.byte()
    case.tier = TIERS[reading.byte()]
    case.closed = bool(what & _CLOSED)
    case.dead = bool(what & _DEAD)
    if what & _CREATED:
        case.created_us = reading.whole()
    if what & _TOUCHED:
        case.last_touch_us = reading.whole()
    if what & _SCORED:
        case.score = reading.float()
    if what & _OWNED:
        case.owner = reading.word()
    if what & _POOLED:
        case.pool = reading.word()
    if what & _RETURNED:
        case.returned_id = reading.chunk().decode()
    case.floor_us = reading.whole()
    case.since_us = reading.whole()
    case.returns = reading.count()
    case.touches = reading.count()
    case.touches_total = reading.count()
    case.episode = reading.chunk().decode()
    case.source_channel = reading.word() if reading.byte() else None
    case.why_en = reading.chunk().decode()
    case.why_zh = reading.chunk().decode()
    case.flags = _read_words(reading)
    case.done = _read_words(reading)
    log = reading.chunk()
    if log:
        case.touch_log = orjson.loads(log)
    runs = case.runs
    for _ in range(reading.count()):
        clock = _CLOCKS[reading.byte()]
        runs[clock] = _read_run(reading)
    return case


def _write_run(out: BytesWriter, clock: Clock, run: Run) -> None:
    out.append(_PLACE_OF_CLOCK[clock])
    out.append(0 if run.left_us is None else 1)
    write_whole(out, run.start_us)
    write_whole(out, run.span_us)
    write_whole(out, run.due_us)
    write_whole(out, run.since_us)
    write_whole(out, run.sent)
    if run.left_us is not None:
        write_whole(out, run.left_us)


def _read_run(reading: Reading) -> Run:
    halted = reading.byte()
    start_us, span_us = reading.whole(), reading.whole()
    run = Run(start_us, span_us, reading.whole())
    run.since_us = reading.whole()
    run.sent = reading.whole()
    if halted:
        run.left_us = reading.whole()
    return run


def _write_words(out: BytesWriter, words: list[str]) -> None:
    write_count(out, len(words))
    for word in words:
        write_word(out, word)


def _read_words(reading: Reading) -> list[str]:
    words = []
    for _ in range(reading.count()):
        words.append(reading.word())
    return words
