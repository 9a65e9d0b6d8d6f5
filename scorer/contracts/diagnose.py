"""Names the fault of a value that could not be parsed. Called for faulty records alone, so may be slow.

Nothing from the payload may reach a detail: it travels to logs, headers and screens. Only messages of
msgspec that are known to name types and limits are passed on.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from scorer.contracts.inputs import BY_NAME
from scorer.contracts.reasons import MAX_DETAIL_CHARS, Rejected, RejectReason

MAX_DEPTH: Final = 256
"""Levels of nesting. Far above any event, and far enough below Python's recursion limit (1,000)
that the verdict on a record never depends on how deep the caller's own stack is."""

_BRACKETS_OR_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_NOT_A_PATH: Final = re.compile(r"`|\$\.?|key` in ")  # of "`$.data.owner`", "`key` in `$.data.set`"
_VERSIONED: Final = re.compile(r"(.+)\.v(\d+)")
_MAGIC: Final = {
    b"\x00": "starts with byte 0, as values framed by a schema registry do: publish plain JSON",
    b"\x1f\x8b": "is gzip: let the producer compress (compression.type), not the application",
    b"\xef\xbb\xbf": "starts with a byte order mark: write plain UTF-8",
}


class _TypeOnly(msgspec.Struct):
    type: str


def nested_too_deep(value: bytes) -> bool:
    """More than `MAX_DEPTH` levels, brackets inside strings not counted."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _BRACKETS_OR_STRING.finditer(value):
        first = value[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif first in b"]}":
            depth -= 1
    return False


def too_deep() -> Rejected:
    """The verdict on such a value."""
    return rejected(RejectReason.NESTED_TOO_DEEP, f"more than {MAX_DEPTH} levels of nesting")


def rejected(reason: RejectReason, detail: str) -> Rejected:
    """A verdict whose detail fits in a header and a line of a terminal."""
    return Rejected(reason, detail[:MAX_DETAIL_CHARS])


def not_json(value: bytes, error: Exception) -> Rejected:
    """The bytes are no JSON document in UTF-8."""
    for magic, meaning in _MAGIC.items():
        if value.startswith(magic):
            return rejected(RejectReason.INVALID_JSON, f"value {meaning}")
    if isinstance(error, UnicodeDecodeError):
        return rejected(RejectReason.INVALID_JSON, f"not UTF-8 at byte {error.start}")
    return rejected(RejectReason.INVALID_JSON, str(error))


def wrong_shape(error: msgspec.ValidationError, prefix: str = "") -> Rejected:
    """JSON, but not the shape of the type; `prefix` is put before the path of the field."""
    message, _, where = str(error).partition(" - at `")
    path = ".".join(filter(None, (prefix, _NOT_A_PATH.sub("", where))))
    if missing := _MISSING.match(message):
        field = ".".join(filter(None, (path, missing[1])))
        return rejected(RejectReason.MISSING_FIELD, f"{field}: missing")
    if not where:
        return rejected(RejectReason.NOT_AN_OBJECT, message)
    if path == "specversion":
        return rejected(RejectReason.SPECVERSION_UNSUPPORTED, "specversion: must be 1.0")
    if path == "time":
        return rejected(RejectReason.TIME_INVALID, "time: must be RFC 3339 with a time zone")
    if message.startswith("Expected") and ", got " in message:
        return rejected(RejectReason.WRONG_TYPE, f"{path}: {message}")
    known = message if message.startswith(("Expected", "Number", "Invalid RFC3339")) else ""
    return rejected(RejectReason.INVALID_VALUE, f"{path}: {known or 'not an allowed value'}")


def wrong_type(value: bytes, topic: str) -> Rejected:
    """A structured event whose `type` the topic does not carry."""
    try:
        name = msgspec.json.decode(value, type=_TypeOnly).type
    except msgspec.ValidationError as error:
        return wrong_shape(error)
    except msgspec.DecodeError as error:
        return not_json(value, error)
    return unknown_type(name, topic)


def unknown_type(name: str, topic: str) -> Rejected:
    """The type belongs to another topic, is of another version, or is nobody's."""
    if known := BY_NAME.get(name):
        return rejected(
            RejectReason.WRONG_TOPIC,
            f"type: {name} belongs on {known.topic}, not on {topic}",
        )
    versioned = _VERSIONED.fullmatch(name)
    for each in BY_NAME:
        if versioned and each.startswith(f"{versioned[1]}.v"):
            return rejected(RejectReason.VERSION_UNKNOWN, f"type: only {each} is known")
    return rejected(RejectReason.TYPE_UNKNOWN, f"type: none of those that {topic} accepts")
