"""Why a record is not an event: the closed list. Knows neither JSON nor Kafka.

Each reason is a metric label, the header `leadscorer.errors.reason` of a dead letter, and a row of
docs/reference/events.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, final

MAX_DETAIL_CHARS: Final = 200


class RejectReason(StrEnum):
    """The first fault found in a record, in the order in which they are looked for."""

    TOMBSTONE = "tombstone"
    VALUE_EMPTY = "value_empty"
    VALUE_TOO_LARGE = "value_too_large"
    HEADER_INVALID = "header_invalid"
    CONTENT_TYPE_UNSUPPORTED = "content_type_unsupported"
    INVALID_JSON = "invalid_json"
    NESTED_TOO_DEEP = "nested_too_deep"
    NOT_AN_OBJECT = "not_an_object"
    SPECVERSION_UNSUPPORTED = "specversion_unsupported"
    TYPE_UNKNOWN = "type_unknown"
    VERSION_UNKNOWN = "version_unknown"
    WRONG_TOPIC = "wrong_topic"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    INVALID_VALUE = "invalid_value"
    TIME_INVALID = "time_invalid"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    TIME_IN_FUTURE = "time_in_future"
    KEY_MISSING = "key_missing"
    KEY_EMPTY = "key_empty"
    KEY_TOO_LONG = "key_too_long"
    KEY_NOT_UTF8 = "key_not_utf8"
    KEY_MISMATCH = "key_mismatch"


@final
class Rejected(NamedTuple):
    """A record that is not an event. `detail` names fields and limits, never what was in them."""

    reason: RejectReason
    detail: str


REMEDIES: Final[Mapping[RejectReason, str]] = {
    RejectReason.TOMBSTONE: "A null value is no event. To erase a lead, publish `lead.erased.v1`.",
    RejectReason.VALUE_EMPTY: "Publish a JSON object; look for a producer that lost its payload.",
    RejectReason.VALUE_TOO_LARGE: "Keep a value under 64 KiB: send references, not documents.",
    RejectReason.HEADER_INVALID: (
        "Write header names as UTF-8 text, as Kafka asks; a redriven record has the odd bytes "
        "spelled out (`\\xff`) and is read."
    ),
    RejectReason.CONTENT_TYPE_UNSUPPORTED: (
        "Publish JSON: `application/cloudevents+json`, or in binary mode `application/json`."
    ),
    RejectReason.INVALID_JSON: (
        "Publish plain JSON in UTF-8: no byte order mark, no NaN, no schema registry framing, and "
        "compression by the producer alone."
    ),
    RejectReason.NESTED_TOO_DEEP: "Flatten the value: 256 levels are read.",
    RejectReason.NOT_AN_OBJECT: "Publish one event a record; batches in a list are not read.",
    RejectReason.SPECVERSION_UNSUPPORTED: "Publish CloudEvents 1.0: `specversion` must be `1.0`.",
    RejectReason.TYPE_UNKNOWN: "Use one of the types of this page; look for a misspelling.",
    RejectReason.VERSION_UNKNOWN: (
        "Publish a version that this scorer knows, or upgrade the scorer first and redrive."
    ),
    RejectReason.WRONG_TOPIC: "Publish the type on the topic that carries it.",
    RejectReason.MISSING_FIELD: "Add the field that the detail names.",
    RejectReason.WRONG_TYPE: 'Send the JSON type that the schema asks for; `"10"` is no number.',
    RejectReason.INVALID_VALUE: "Keep to the limits of the schema; the detail names field and limit.",
    RejectReason.TIME_INVALID: "Send `time` as RFC 3339 with a zone: `2026-03-25T08:15:30Z`.",
    RejectReason.TIME_OUT_OF_RANGE: (
        "Send a `time` from 2000 to 2099; 1970 means that seconds were taken for milliseconds."
    ),
    RejectReason.TIME_IN_FUTURE: (
        "Mend the publisher's clock; `time` may be 5 minutes (setting) ahead of the broker's clock."
    ),
    RejectReason.KEY_MISSING: "Set the Kafka key to `data.lead_id`.",
    RejectReason.KEY_EMPTY: "Set the Kafka key to `data.lead_id`.",
    RejectReason.KEY_TOO_LONG: "Set the Kafka key to `data.lead_id`, at most 256 characters.",
    RejectReason.KEY_NOT_UTF8: "Write the key as plain UTF-8 text: no framing, no binary serializer.",
    RejectReason.KEY_MISMATCH: "Make key, `subject` and `data.lead_id` the same.",
}
"""What the publisher does about each reason."""
