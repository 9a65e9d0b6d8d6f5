"""What the headers of a record say about how to read it. Knows the Kafka binding of CloudEvents."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import AnyHeaders

STRUCTURED_JSON: Final = b"application/cloudevents+json"
_STRUCTURED: Final = b"application/cloudevents"
_JSON: Final = re.compile(rb"(?:application|text)/(?:[\w.-]+\+)?json")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Mode(NamedTuple):
    """How to read a value: with the attributes given, or as a structured event when None."""

    attributes: dict[str, bytes] | None = None
    traceparent: str | None = None


BARE: Final = Mode()
"""No headers at all: a structured event, as kafka-console-producer writes it."""

_USUAL: Final = ("content-type", STRUCTURED_JSON)


def read_mode(headers: AnyHeaders) -> Mode | Rejected:
    """Structured or binary, by `content-type` first and by the presence of `ce_` headers second."""
    if len(headers) == 1 and headers[0] == _USUAL:
        return BARE  # 0.1 µs instead of 0.6, for what most publishers send
    content_type = b""
    traceparent: str | None = None
    attributes: dict[str, bytes] = {}
    for any_case, content in headers:
        if not any_case.isascii() and _escaped(any_case):
            return _NAME_NOT_UTF8
        name = any_case.lower()
        value = content or b""  # the wire allows a header without a value
        if name == "content-type":
            content_type = value.split(b";", 1)[0].strip().lower()
        elif name == "traceparent":
            traceparent = valid_traceparent(value.decode("ascii", "replace"))
        elif name.startswith("ce_"):
            attributes[name[3:]] = value
    if content_type.startswith(_STRUCTURED):
        return Mode(None, traceparent) if content_type == STRUCTURED_JSON else _UNREADABLE_EVENT
    if not attributes:
        return Mode(None, traceparent)
    if content_type and not _JSON.fullmatch(content_type):
        return _UNREADABLE_DATA
    return Mode(attributes, traceparent)


def _escaped(name: str) -> bool:
    """Whether the name on the wire is not UTF-8: readers escape such bytes (PEP 383)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


def valid_traceparent(text: str | None) -> str | None:
    """W3C Trace Context: a malformed value is ignored, it never costs an event."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


_NAME_NOT_UTF8: Final = Rejected(RejectReason.HEADER_INVALID, "header name: not UTF-8")
_UNREADABLE_EVENT: Final = Rejected(
    RejectReason.CONTENT_TYPE_UNSUPPORTED,
    "content-type: of the structured formats only application/cloudevents+json is read",
)
_UNREADABLE_DATA: Final = Rejected(
    RejectReason.CONTENT_TYPE_UNSUPPORTED,
    "content-type: in binary mode the value must be JSON (application/json)",
)
