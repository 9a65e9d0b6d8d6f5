"""The page for who publishes or subscribes: topics, event types, reasons of rejection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.catalogue import TopicCard, schema, topic_cards
from scorer.contracts.reasons import RejectReason
from scorer.reference.markdown import MADE, table
from scorer.reference.shapes import keys

_PAGE: Final = f"""{MADE}# Events

Every event is a [CloudEvent 1.0](https://cloudevents.io), in structured mode (the value is the whole event, header
`content-type: application/cloudevents+json`) or in binary mode (attributes in `ce_…` headers, the value is `data`).
The Kafka key is the lead's id, and so is `data.lead_id`. `(source, id)` is the identity of an event: the same one
again changes nothing. `time` is when it happened, with a time zone. Unknown fields are ignored; a value may have
64 KiB. What the scorer writes is in structured mode, in Kafka transactions: read with `read_committed`.

The schemas are files in `schemas/`, named after the type without `leadscorer.`; examples, valid and invalid, are in
`schemas/examples/`.

"""
_REJECTED: Final = """## Why a record is rejected

A record that is no event goes to `leads.dead-letters.v1`: key, value and headers untouched, plus the headers
`leadscorer.errors.{reason,detail,topic,partition,offset,timestamp,app,version}`. The first fault found is named.

"""
_REASONS: Final = {
    RejectReason.TOMBSTONE: "The value is null. To erase a lead publish `lead.erased.v1`.",
    RejectReason.VALUE_EMPTY: "The value has no bytes.",
    RejectReason.VALUE_TOO_LARGE: "The value is larger than 64 KiB.",
    RejectReason.CONTENT_TYPE_UNSUPPORTED: "The `content-type` header names a format other than JSON.",
    RejectReason.INVALID_JSON: "The value is not JSON in UTF-8, or has NaN, Infinity or more than one document.",
    RejectReason.NESTED_TOO_DEEP: "Objects and lists are nested deeper than any event is.",
    RejectReason.NOT_AN_OBJECT: "The value is JSON, but no object.",
    RejectReason.SPECVERSION_UNSUPPORTED: "`specversion` is not `1.0`.",
    RejectReason.TYPE_UNKNOWN: "`type` is none of the types on this page.",
    RejectReason.VERSION_UNKNOWN: "`type` is known, but not in this major version.",
    RejectReason.WRONG_TOPIC: "`type` belongs on another topic.",
    RejectReason.MISSING_FIELD: "A field that must be there is not.",
    RejectReason.WRONG_TYPE: "A field has a value of another type.",
    RejectReason.INVALID_VALUE: "A field has a value of the right type that is not allowed.",
    RejectReason.TIME_INVALID: "`time` is no RFC 3339 time, or has no time zone.",
    RejectReason.TIME_OUT_OF_RANGE: "`time` lies outside what can be computed with.",
    RejectReason.TIME_IN_FUTURE: "`time` is further ahead of the broker's than `future_tolerance_s`.",
    RejectReason.KEY_MISSING: "The record has no key.",
    RejectReason.KEY_EMPTY: "The key has no bytes.",
    RejectReason.KEY_TOO_LONG: "The key is longer than a lead id may be.",
    RejectReason.KEY_NOT_UTF8: "The key is not UTF-8.",
    RejectReason.KEY_MISMATCH: "The key is not `data.lead_id`.",
}


def events_page() -> str:
    """Topics, the data of every event type, and the reasons of rejection."""
    cards = topic_cards().values()
    topics = [(f"`{card.name}`", card.direction, card.description) for card in cards]
    reasons = [(f"`{reason}`", _REASONS[reason]) for reason in RejectReason]
    parts = [
        _PAGE + "## Topics\n\n" + table(("topic", "direction", "what it holds"), topics),
        *(part for card in cards for part in _types(card)),
        _REJECTED + table(("reason", "meaning"), reasons),
    ]
    return "\n".join(parts)


def _types(card: TopicCard) -> Iterator[str]:
    for event_type in card.types:
        document = schema(event_type)
        said = document.get("description", "")
        yield f"## `{event_type}`\n\nOn `{card.name}`. {said}\n\n{keys(document)}"
