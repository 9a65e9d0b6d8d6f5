"""The steps that an event takes through a worker, told one by one. Uses the worker's own functions."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

import orjson

from scorer import __version__
from scorer.cli import show
from scorer.contracts.compose import address, compose
from scorer.contracts.decode import Decoder
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message, Record
from scorer.contracts.state_codec import decode_state
from scorer.domain.events import Created, LeadEvent
from scorer.domain.evidence import entry_of, what
from scorer.domain.model import Model
from scorer.domain.plan import Plan
from scorer.engine.account import account
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.scoring import scoring_factory

APP: Final = "trace"
MEANINGS: Final = {
    "events_duplicate": "a duplicate: the same (source, id) was there before; it changes nothing",
    "events_held": "held: the lead is not created yet; it will count when it is",
    "events_out_of_order": "out of order within the history: everything after it is folded again",
    "events_late": "older than the history: counts where order does not matter",
    "behaviours_unknown": "a behaviour that the model does not know: accepted, scores nothing",
    "events_suppressed": "suppressed by a limit of its rule: kept, does not count",
}


class Step(NamedTuple):
    """One station: what it is called, the code that does it, what it does, what came of it."""

    title: str
    where: str
    says: str
    lines: list[str]


def walk(text: bytes, model: Model, now_us: int) -> tuple[list[Step], bool]:
    """The steps of the last event of a text, and whether it was rejected."""
    *earlier, last = _documents(text)
    plan = Plan(model)
    stage = scoring_factory(model, app=APP, version=__version__)(0)
    driver = MemoryDriver(stage)
    records = [
        _record(document, now_us, offset) for offset, document in enumerate((*earlier, last))
    ]
    if earlier:
        driver.feed(records[:-1])
    record = records[-1]
    steps = [_read(record, last)]
    event = Decoder().decode(record)
    if isinstance(event, Rejected):
        driver.feed([record])
        return [*steps, _rejected(event), _dead_letter(driver)], True
    steps.append(_decoded(event))
    if not earlier and not isinstance(event.body, Created):
        _create(driver, event, record)
        steps.append(_invented(event))
    steps += [
        _state(driver, event, plan, now_us, "State before", "scorer/domain/state.py"),
    ]
    stage.counters()
    said = driver.feed([record])
    steps.append(_folded(event, plan, [name for name, *_ in stage.counters()]))
    steps.append(
        _state(
            driver, event, plan, event.time_us, "State after, explained", "scorer/domain/explain.py"
        )
    )
    return [*steps, _outputs(said), _written(driver, event)], False


def _documents(text: bytes) -> list[bytes]:
    """One JSON document, or one a line."""
    try:
        orjson.loads(text)
        return [text.strip()]
    except orjson.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        return lines if len(lines) > 1 else [text]


def _record(document: bytes, now_us: int, offset: int) -> MemoryRecord:
    message = address(document)
    if isinstance(message, Rejected):
        message = Message(
            "leads.behaviours.v1",
            b"?",
            document,
            (("content-type", b"application/cloudevents+json"),),
        )
    return MemoryRecord(
        message.topic, message.key, message.value, now_us // 1000, message.headers, 0, offset
    )


def _create(driver: MemoryDriver, event: LeadEvent, record: MemoryRecord) -> None:
    """A lead for an event that comes alone: created at the same instant, so that there is a score."""
    created = LeadEvent(event.lead_id, event.time_us, "/trace", "created", Created("trace"))
    sent = compose(created)
    first = MemoryRecord(sent.topic, sent.key, sent.value, record.timestamp, sent.headers)
    driver.feed([first])


def _invented(event: LeadEvent) -> Step:
    says = "Evidence about an unknown lead is held until it is created; put a line before yours to see more."
    line = (
        f"{event.lead_id} is taken as created at {show.when(event.time_us)} UTC, without attributes"
    )
    return Step("Assumed", "trace only", says, [line])


def _read(record: Record, document: bytes) -> Step:
    says = "A Kafka record arrives. Its key, the lead id, decides the partition and so the lane that owns the lead."
    value = [f"value  {len(document):,} bytes", *_pretty(document)]
    key = (record.key or b"").decode(errors="backslashreplace")
    return Step(
        "Record",
        "topologies/consumer.py",
        says,
        [f"topic  {record.topic}", f"key    {key}", *value],
    )


def _decoded(event: LeadEvent) -> Step:
    says = "Bytes become an event of the domain, or a named reason for rejection. Nothing raises."
    lines = [
        f"lead   {event.lead_id}",
        f"when   {show.when(event.time_us)} UTC",
        f"who    {event.source} {event.id}",
        f"what   {event.body!r}",
    ]
    return Step("Decoded", "scorer/contracts/decode.py", says, lines)


def _rejected(rejected: Rejected) -> Step:
    says = "The record cannot be read. It is not lost: its bytes go to the dead-letter topic, its neighbours are scored."
    return Step(
        "Rejected",
        "scorer/contracts/decode.py",
        says,
        [f"reason {rejected.reason}", f"detail {rejected.detail}"],
    )


def _dead_letter(driver: MemoryDriver) -> Step:
    letter = driver.dead_letters[-1]
    lines = [f"topic  {letter.topic}"] + [
        f"header {name}: {(content or b'').decode()}" for name, content in letter.headers
    ]
    says = "Key, value and headers as they were, and headers that say why and where from."
    return Step("Dead letter", "scorer/contracts/dead_letters.py", says, lines)


def _state(
    driver: MemoryDriver, event: LeadEvent, plan: Plan, now_us: int, title: str, where: str
) -> Step:
    raw = driver.store.states.get(event.lead_id.encode())
    if raw is None:
        return Step(title, where, "Nothing is known about the lead.", [])
    it = account(decode_state(raw), event.lead_id, plan, min(now_us, event.time_us))
    lines = [f"score  {it.explanation.score:.2f}, {it.tier}" if it.created else "not created yet"]
    lines += [
        f"{show.points(line.points):>8}  {line.name:24} {line.dimension}"
        for line in it.explanation.lines
    ]
    if it.explanation.lines:
        lines.append(f"{it.explanation.score:+8.2f}  = score: the lines add up exactly")
    if it.next_tier and it.next_us:
        lines.append(f"next   {it.next_tier} at {show.when(it.next_us)} UTC by time alone")
    lines += [f"held   {kept.what}" for kept in it.held]
    says = f"The lead at the time of the event: {it.evidence} pieces of evidence one by one, {len(raw):,} bytes."
    return Step(title, where, says, lines)


def _folded(event: LeadEvent, plan: Plan, counted: list[str]) -> Step:
    says = "One pure function: state and event in, changed state and outputs out. No clock, no I/O."
    entry = entry_of(event, plan)
    lines = [f"counts as  {what(entry)}" if entry else "means nothing to this model"]
    lines += [MEANINGS[name] for name in dict.fromkeys(counted) if name in MEANINGS]
    return Step("Fold", "scorer/domain/fold.py", says, lines)


def _outputs(said: list[Message]) -> Step:
    says = "What subscribers see: CloudEvents with ids that a replay repeats byte for byte."
    lines = []
    for message in said:
        lines += [
            f"topic  {message.topic}, {len(message.value or b''):,} bytes",
            *_pretty(message.value or b""),
        ]
    return Step(
        "Outputs",
        "scorer/contracts/encode.py",
        says,
        lines or ["none: nothing changed that is worth saying"],
    )


def _written(driver: MemoryDriver, event: LeadEvent) -> Step:
    key = event.lead_id.encode()
    raw, due = driver.store.states.get(key), driver.store.due.get(key)
    says = "Outputs, state and input offset in ONE transaction; then the local store. A crash before it repeats, after it keeps."
    lines = [f"changelog  {len(raw):,} bytes of state" if raw else "changelog  tombstone"]
    lines.append(
        f"due        {show.when(due)} UTC: the lane wakes this lead by itself"
        if due
        else "due        never by time alone"
    )
    return Step("Committed", "scorer/transport/lane.py", says, lines)


def _pretty(document: bytes) -> list[str]:
    try:
        return [
            "  " + line
            for line in json.dumps(json.loads(document), indent=2, ensure_ascii=False).splitlines()
        ]
    except (ValueError, RecursionError):
        return ["  " + document[:400].decode(errors="backslashreplace")]
