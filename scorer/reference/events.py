"""The page for who publishes or subscribes: topics, event types, reasons of rejection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from schemas.catalogue import TopicCard, examples, schema, topic_cards
from scorer.contracts.reasons import REMEDIES, RejectReason
from scorer.reference.bad_inputs import bad_inputs
from scorer.reference.markdown import MADE, table
from scorer.reference.shapes import keys

_PAGE: Final = f"""{MADE}# Events

Every event is a [CloudEvent 1.0](https://cloudevents.io), in structured mode (the value is the whole event, header
`content-type: application/cloudevents+json`) or in binary mode (attributes in `ce_…` headers, the value is `data`).
The Kafka key is the lead's id, and so is `data.lead_id`. `(source, id)` is the identity of an event: the same one
again changes nothing. `time` is when it happened, with a time zone. Unknown fields are ignored; a value may have
64 KiB. What the scorer writes is in structured mode, in Kafka transactions: read with `read_committed`.

The schemas are files in `schemas/`, named after the type without `leadscorer.`; examples, valid and invalid, are in
`schemas/examples/`; `schemas/asyncapi.yaml` describes topics and messages for tools.

**Partitions.** What concerns one lead must be on the same partition number of every input topic: publish with the same
partitioner everywhere. Java clients and aiokafka agree by default; librdkafka (confluent-kafka and most other languages)
needs `partitioner=murmur2_random`.

"""
_ACCEPTED: Final = """## What is accepted, though it may look wrong

| input | what happens |
| --- | --- |
| a record without headers, or with a `content-type` that is not one of CloudEvents | read as a structured event, unless it has `ce_…` headers |
| unknown attributes, unknown fields of `data` | ignored; the schemas are closed, so that publishers find misspellings |
| an optional field that is null or empty | the same as a field left out |
| the same key twice in an object | the last one counts |
| no `subject` | `data.lead_id` suffices |
| a lead id with emoji, control characters, slashes, quotes | any text of 1 to 256 characters is an id |
| `time` with more than six digits of a second, or with a blank instead of `T` | rounded to the microsecond; read |
| a malformed `traceparent` | ignored |
| numbers as text in attributes | stay text |
| a number beyond 1e308 in an ignored field | ignored |
| evidence before the creation of its lead | held until the lead is created |
| an unknown behaviour | counted, scores nothing |
| the same `(source, id)` again | changes nothing |

"""
_REJECTED: Final = """## Why a record is rejected

A record that is no event goes to `leads.dead-letters.v1`: key, value and headers untouched, plus the headers
`leadscorer.errors.{reason,detail,topic,partition,offset,timestamp,app,version}`. The first fault found is named.

"""
_REASONS: Final = {
    RejectReason.TOMBSTONE: "The value is null.",
    RejectReason.VALUE_EMPTY: "The value has no bytes.",
    RejectReason.VALUE_TOO_LARGE: "The value is larger than 64 KiB.",
    RejectReason.HEADER_INVALID: "The name of a header is not UTF-8.",
    RejectReason.CONTENT_TYPE_UNSUPPORTED: "The `content-type` header names a format other than JSON.",
    RejectReason.INVALID_JSON: "The value is not one JSON document in UTF-8; NaN and Infinity are no JSON.",
    RejectReason.NESTED_TOO_DEEP: "Objects and lists are nested in more than 256 levels.",
    RejectReason.NOT_AN_OBJECT: "The value is JSON, but no object.",
    RejectReason.SPECVERSION_UNSUPPORTED: "`specversion` is not `1.0`.",
    RejectReason.TYPE_UNKNOWN: "`type` is none of the types on this page.",
    RejectReason.VERSION_UNKNOWN: "`type` is known, but not in this major version.",
    RejectReason.WRONG_TOPIC: "`type` belongs on another topic.",
    RejectReason.MISSING_FIELD: "A field that must be there is not.",
    RejectReason.WRONG_TYPE: "A field has a value of another type.",
    RejectReason.INVALID_VALUE: "A field has a value of the right type that is not allowed.",
    RejectReason.TIME_INVALID: "`time` is no RFC 3339 time, or has no time zone.",
    RejectReason.TIME_OUT_OF_RANGE: "`time` is before 2000 or after 2099.",
    RejectReason.TIME_IN_FUTURE: "`time` is further ahead of the broker's clock than the setting allows (5 minutes).",
    RejectReason.KEY_MISSING: "The record has no key.",
    RejectReason.KEY_EMPTY: "The key has no bytes.",
    RejectReason.KEY_TOO_LONG: "The key is longer than a lead id may be.",
    RejectReason.KEY_NOT_UTF8: "The key is not UTF-8.",
    RejectReason.KEY_MISMATCH: "The key, or `subject`, is not `data.lead_id`.",
}


def events_page() -> str:
    """Topics, the data of every event type, and the reasons of rejection."""
    cards = topic_cards().values()
    topics = [(f"`{card.name}`", card.direction, card.description) for card in cards]
    reasons = [(f"`{reason}`", _REASONS[reason], REMEDIES[reason]) for reason in RejectReason]
    parts = [
        _PAGE + "## Topics\n\n" + table(("topic", "direction", "what it holds"), topics),
        *(part for card in cards for part in _types(card)),
        _REJECTED + table(("reason", "meaning", "what the publisher does"), reasons),
        _ACCEPTED,
        bad_inputs().rstrip() + "\n",
    ]
    return "\n".join(parts)


def _types(card: TopicCard) -> Iterator[str]:
    for event_type in card.types:
        document = schema(event_type)
        said = document.get("description", "")
        example = json.dumps(_example(event_type), indent=2, ensure_ascii=False)
        yield (
            f"## `{event_type}`\n\nOn `{card.name}`. {said}\n\n{keys(document)}"
            f"\n```json\n{example}\n```\n"
        )


def _example(event_type: str) -> object:
    return next(each.event for each in examples(event_type) if each.name == "valid")
