"""How each bad input of the page for publishers is made, on any topic. Knows no stage and no decoder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final, NamedTuple

from schemas.catalogue import examples
from scorer.contracts.dead_letters import PREFIX
from scorer.contracts.decode import MAX_VALUE_BYTES
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.published import TIERS_TOPIC
from scorer.engine.memory import MemoryRecord

NOW_MS: Final = 1_800_000_000_000  # January 2027, after all examples
STRUCTURED: Final = ("content-type", b"application/cloudevents+json")
NO_VALUE: Any = None  # the wire allows a header without a value, whatever the types of clients say


class Good(NamedTuple):
    """A good event, taken apart so that one thing can be made bad."""

    topic: str
    about: str  # the field of `data` that is the key
    document: dict[str, Any]

    def record(self, **changed: Any) -> MemoryRecord:
        value = json.dumps(self.document).encode()
        key = str(self.document["data"][self.about]).encode()
        record = MemoryRecord(self.topic, key, value, NOW_MS, (STRUCTURED,))
        return record._replace(**changed)

    def with_(self, **changed: Any) -> MemoryRecord:
        """With attributes changed; None: left out."""
        whole = self.document | changed
        whole = {name: value for name, value in whole.items() if value is not None}
        return self.record(value=json.dumps(whole).encode())

    def data(self, **changed: Any) -> MemoryRecord:
        """With fields of `data` changed."""
        return self.with_(data=self.document["data"] | changed, subject=None)

    def named(self, name: str) -> MemoryRecord:
        """About another lead or owner."""
        return self.data(**{self.about: name})._replace(key=name.encode())

    def tail(self, text: str) -> MemoryRecord:
        """With one more field, written as it is."""
        value = json.dumps(self.document).encode()
        return self.record(value=value[:-1] + b', "x": ' + text.encode() + b"}")

    def bytes(self, change: Callable[[bytes], bytes | None]) -> MemoryRecord:
        return self.record(value=change(json.dumps(self.document).encode()))


TYPES: Final = {
    "leads.created.v1": "lead.created.v1",
    "leads.attributes.v1": "lead.attributes_changed.v1",
    "leads.behaviours.v1": "lead.behaviour.v1",
    "leads.followups.v1": "lead.paused.v1",
    "leads.outcomes.v1": "lead.disqualified.v1",
    OWNERS_TOPIC: "owner.left.v1",
    TIERS_TOPIC: "tier.crossed.v1",
}
"""Of each topic one type that leaves a trace in every stage that reads it."""


def good(topic: str, name: str = "one") -> Good:
    """An example of the topic, about a lead or owner of that name."""
    event = next(each.event for each in examples(f"leadscorer.{TYPES[topic]}") if not each.reason)
    document = deepcopy(event)
    if topic == "leads.attributes.v1":
        document["data"]["set"] = {"title": "VP Sales"}
    about = "owner" if topic == OWNERS_TOPIC else "lead_id"
    document["data"][about] = document["subject"] = name
    document["id"] = f"of-{name}"
    return Good(topic, about, document)


def _without(it: Good, field: str) -> MemoryRecord:
    data = {name: value for name, value in it.document["data"].items() if name != field}
    return it.with_(data=data)


Bad = Callable[[Good], MemoryRecord]
MADE: Final[dict[str, Bad]] = {
    "no value (a tombstone)": lambda it: it.record(value=None),
    "an empty value": lambda it: it.record(value=b""),
    "a value of one byte more than 64 KiB": lambda it: it.bytes(
        lambda value: value.ljust(MAX_VALUE_BYTES + 1)
    ),
    "text that is no JSON": lambda it: it.record(value=b"good morning"),
    "JSON that is cut off": lambda it: it.bytes(lambda value: value[:-9]),
    "two documents in one value": lambda it: it.bytes(lambda value: value + value),
    "JSON compressed by the application (gzip)": lambda it: it.bytes(gzip.compress),
    "a byte order mark": lambda it: it.bytes(lambda value: b"\xef\xbb\xbf" + value),
    "UTF-16": lambda it: it.bytes(lambda value: value.decode().encode("utf-16")),
    "bytes that are not UTF-8": lambda it: it.bytes(lambda value: value[:-1] + b', "x": "\xff"}'),
    "half a surrogate pair": lambda it: it.tail('"\\ud800"'),
    "byte 0 and a schema id of a schema registry": lambda it: it.bytes(
        lambda value: b"\0\0\0\0\x07" + value
    ),
    "NaN": lambda it: it.tail("NaN"),
    "Infinity": lambda it: it.tail("-Infinity"),
    "10,000 levels of nesting": lambda it: it.tail("[" * 10_000 + "]" * 10_000),
    "a list of events": lambda it: it.bytes(lambda value: b"[" + value + b"]"),
    "a JSON text": lambda it: it.bytes(lambda value: json.dumps(value.decode()).encode()),
    "a JSON null": lambda it: it.record(value=b"null"),
    "another specversion": lambda it: it.with_(specversion="0.3"),
    "an unknown type": lambda it: it.with_(type="leadscorer.lead.invented.v1"),
    "an unknown major version": lambda it: it.with_(type=it.document["type"][:-1] + "2"),
    "a type of another topic": lambda it: it.with_(
        type=f"leadscorer.{TYPES['leads.created.v1' if it.topic != 'leads.created.v1' else OWNERS_TOPIC]}"
    ),
    "an empty object": lambda it: it.record(value=b"{}"),
    "no type": lambda it: it.with_(type=None),
    "no id": lambda it: it.with_(id=None),
    "no time": lambda it: it.with_(time=None),
    "no data": lambda it: it.with_(data=None),
    "data without its lead or owner": lambda it: _without(it, it.about),
    "a lead or owner that is a number": lambda it: it.data(**{it.about: 4711}),
    "a lead or owner that is true": lambda it: it.data(**{it.about: True}),
    "an id of 2^63": lambda it: it.with_(id=2**63),
    "data as a text of JSON": lambda it: it.with_(data=json.dumps(it.document["data"])),
    "an empty lead or owner": lambda it: it.data(**{it.about: ""}),
    "a lead or owner of 257 characters": lambda it: it.named("x" * 257),
    "a time without a zone": lambda it: it.with_(time="2026-03-25T08:15:30"),
    "a time in seconds": lambda it: it.with_(time=1774426530),
    "a time in milliseconds": lambda it: it.with_(time=1774426530000),
    "a time of 1970": lambda it: it.with_(time="1970-01-21T12:53:46Z"),
    "a time of 2100": lambda it: it.with_(time="2100-01-01T00:00:00Z"),
    "a time ten years ahead": lambda it: it.with_(time="2037-01-15T00:00:00Z"),
    "no key": lambda it: it.record(key=None),
    "an empty key": lambda it: it.record(key=b""),
    "a key of 10 KiB": lambda it: it.record(key=b"x" * 10_240),
    "a key that is not UTF-8": lambda it: it.record(key=b"\xff\xfe"),
    "the key of another lead or owner": lambda it: it.record(key=b"another"),
    "a header whose name is not UTF-8": lambda it: it.record(
        headers=(STRUCTURED, ("na\udcefve", b"1"))
    ),
    "Avro": lambda it: it.record(headers=(("content-type", b"application/cloudevents+avro"),)),
    "a CloudEvents batch": lambda it: it.record(
        headers=(("content-type", b"application/cloudevents-batch+json"),)
    ),
    "the same field twice": lambda it: it.bytes(lambda value: b'{"id": "first", ' + value[1:]),
    "a field that nobody knows": lambda it: it.tail('{"campaign": "spring"}'),
    "1e999 in a field that nobody knows": lambda it: it.tail("1e999"),
    "255 levels of nesting in a field that nobody knows": lambda it: it.tail("[" * 255 + "]" * 255),
    "blanks up to 64 KiB": lambda it: it.bytes(lambda value: value.ljust(MAX_VALUE_BYTES)),
    "1,000 headers": lambda it: it.record(
        headers=(*((f"x-{n}", b"y") for n in range(999)), STRUCTURED)
    ),
    "no headers": lambda it: it.record(headers=()),
    "a header without a value": lambda it: it.record(headers=(STRUCTURED, ("x", NO_VALUE))),
    "headers that forge `leadscorer.errors.*`": lambda it: it.record(
        headers=(STRUCTURED, (PREFIX + "reason", b"none"), (PREFIX + "offset", b"x"))
    ),
    "a lead or owner with emoji": lambda it: it.named("😀👩‍👩‍👧‍👦"),
    "a lead or owner written from right to left": lambda it: it.named("שלום\u202egnp.exe"),
    "a lead or owner with a zero byte": lambda it: it.named("a\0b"),
    "a lead or owner that looks like a path": lambda it: it.named("../../etc/passwd"),
    "a lead or owner that looks like SQL": lambda it: it.named("'; DROP TABLE leads; --"),
}
