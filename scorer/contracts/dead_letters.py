"""A record that cannot be read → a dead letter, and back. Knows headers, knows no Kafka client.

The original key, value and headers stay as they were, so that a dead letter can be sent again once
the cause is mended; why and where from is said in headers of our own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container
from typing import Final, NamedTuple

from scorer.contracts.reasons import Rejected
from scorer.contracts.records import AnyHeaders, Message, Record

DEAD_LETTERS_TOPIC: Final = "leads.dead-letters.v1"
PREFIX: Final = "leadscorer.errors."
MAX_ORIGINAL_BYTES: Final = 900_000
"""What fits beside our headers into the 1 MiB that producers and topics allow. Compression lets a
record be read that is larger: of such a one the value (then the headers, then the key) is left out,
and named in `leadscorer.errors.omitted`; it stays readable at its topic, partition and offset."""
_QUOTE: Final = re.compile(rb'(?<!\\)"')


class DeadLetter(NamedTuple):
    """A dead letter as it was written. `reason` may be one that a later version added."""

    reason: str
    detail: str
    topic: str  # the real name, with the configured prefix
    partition: int
    offset: int
    timestamp_ms: int  # of the original, as the broker stamped it
    app: str
    version: str
    omitted: tuple[str, ...]  # parts that were too large to keep
    key: bytes | None
    value: bytes | None
    headers: AnyHeaders

    def original(self, topic_prefix: str = "") -> Message:
        """The record as it was published, for the topic that it was published to."""
        return Message(self.topic.removeprefix(topic_prefix), self.key, self.value, self.headers)


def dead_letter(record: Record, rejected: Rejected, *, app: str, version: str) -> Message:
    """The dead letter of a rejected record. Headers that forge ours are replaced."""
    key, value, kept = record.key, record.value, _foreign(record.headers)
    header_bytes = sum(len(name) + len(content or b"") for name, content in kept)
    omitted = []
    if len(key or b"") + len(value or b"") + header_bytes > MAX_ORIGINAL_BYTES:
        value = None
        omitted.append("value")
        if len(key or b"") + header_bytes > MAX_ORIGINAL_BYTES:
            kept = []
            omitted.append("headers")
        if len(key or b"") > MAX_ORIGINAL_BYTES:
            key = None
            omitted.append("key")
    reports = {
        "reason": rejected.reason.value,
        "detail": rejected.detail,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp),
        "app": app,
        "version": version,
    }
    if omitted:
        reports["omitted"] = ",".join(omitted)
    headers = (*kept, *((PREFIX + name, text.encode()) for name, text in reports.items()))
    return Message(DEAD_LETTERS_TOPIC, key, value, headers)


def parse_dead_letter(record: Record) -> DeadLetter | None:
    """What a dead letter says; None for a record that the scorer did not write."""
    reports = {
        name.removeprefix(PREFIX): (content or b"").decode("utf-8", "replace")
        for name, content in record.headers
        if name.startswith(PREFIX)
    }
    try:
        return DeadLetter(
            reason=reports["reason"],
            detail=reports["detail"],
            topic=reports["topic"],
            partition=int(reports["partition"]),
            offset=int(reports["offset"]),
            timestamp_ms=int(reports["timestamp"]),
            app=reports["app"],
            version=reports["version"],
            omitted=tuple(filter(None, reports.get("omitted", "").split(","))),
            key=record.key,
            value=record.value,
            headers=tuple(_foreign(record.headers)),
        )
    except (KeyError, ValueError):
        return None


def names_lead(record: Record, leads: Container[str]) -> bool:
    """Whether a dead letter is about one of the leads: by its key, or by any text in it that is the id.

    What could not be read has no place where the lead stands for certain, so all of it is looked at.
    """
    held = (record.key or b"", *(content or b"" for _, content in record.headers))
    if any(content.decode("utf-8", "replace") in leads for content in held):
        return True
    # Split at every quote, because quotes of broken JSON may not come in pairs.
    return any(_unescaped(text) in leads for text in _QUOTE.split(record.value or b""))


def _unescaped(text: bytes) -> str:
    if b"\\" in text:
        try:
            return str(json.loads(b'"%s"' % text))
        except ValueError:
            pass
    return text.decode("utf-8", "replace")


def _foreign(headers: AnyHeaders) -> list[tuple[str, bytes | None]]:
    return [(_name(name), content) for name, content in headers if not name.startswith(PREFIX)]


def _name(name: str) -> str:
    """A name that can be written: bytes that are no UTF-8, which readers escape, spelled out."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
