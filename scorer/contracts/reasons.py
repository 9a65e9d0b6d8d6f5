"""Why a record is not an event: the closed list. Knows neither JSON nor Kafka.

Each reason is a metric label, the header `leadscorer.errors.reason` of a dead letter, and a row of
docs/reference/events.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

MAX_DETAIL_CHARS: Final = 200


class RejectReason(StrEnum):
    """The first fault found in a record, in the order in which they are looked for."""

    TOMBSTONE = "tombstone"
    VALUE_EMPTY = "value_empty"
    VALUE_TOO_LARGE = "value_too_large"
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


class Rejected(NamedTuple):
    """A record that is not an event. `detail` names fields and limits, never what was in them."""

    reason: RejectReason
    detail: str
