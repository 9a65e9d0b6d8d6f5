"""Bytes → `LeadEvent | Rejected`. Knows CloudEvents and JSON, knows no Kafka client; never raises.

Structured mode is one JSON object with attributes and `data`; binary mode has the attributes in
headers `ce_…` and the data as the value. `content-type` decides; without one, `ce_` headers mean
binary and a bare JSON object is read as structured, so that kafka-console-producer can publish.
"""

from __future__ import annotations

from typing import Final, cast

import msgspec
from msgspec.structs import astuple

from scorer.contracts import diagnose
from scorer.contracts.diagnose import rejected
from scorer.contracts.inputs import (
    INPUT_TOPICS,
    Attributes,
    data_decoders,
    envelope_decoder,
)
from scorer.contracts.instants import EPOCH, to_us
from scorer.contracts.modes import BARE, read_mode, valid_traceparent
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import Record
from scorer.contracts.wire import AttributesChangedData, BehaviourData, CreatedData, Payload
from scorer.domain.events import AttributesChanged, Behaviour, Body, Created, LeadEvent
from scorer.domain.making import make

MAX_VALUE_BYTES: Final = 65_536
MAX_KEY_BYTES: Final = 1_024  # 256 characters of at most 4 bytes
FUTURE_TOLERANCE_MS: Final = 300_000
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
"""Years in which things happen to leads; seconds taken for milliseconds end up before 2000."""

_FIRST_US: Final = to_us(EPOCH.replace(year=FIRST_YEAR))
_END_US: Final = to_us(EPOCH.replace(year=LAST_YEAR + 1))
_as_tuple: Final = astuple  # found without a look-up
_ATTRIBUTES: Final = len(Attributes.__struct_fields__)
"""An envelope has one more, its data."""
_SHORT_BYTES: Final = 2 * diagnose.MAX_DEPTH  # a shorter value cannot be nested too deep


class Decoder:
    """Reads the records of all inputs. One for a process: it keeps nothing between records."""

    def __init__(
        self,
        *,
        future_tolerance_ms: int = FUTURE_TOLERANCE_MS,
        topic_prefix: str = "",
        max_value_bytes: int = MAX_VALUE_BYTES,
    ) -> None:
        self._future_tolerance_us = future_tolerance_ms * 1000
        self._max_value_bytes = max_value_bytes
        self._topics = {topic_prefix + topic: topic for topic in INPUT_TOPICS}
        self._envelopes = {real: envelope_decoder(name) for real, name in self._topics.items()}
        self._data = {real: data_decoders(name) for real, name in self._topics.items()}

    def decode(self, record: Record) -> LeadEvent | Rejected:
        """What the record says, or why it says nothing. Any bytes are welcome."""
        value = record.value
        if not value or len(value) > self._max_value_bytes:
            return self._no_value(value)
        if len(value) > _SHORT_BYTES and diagnose.nested_too_deep(value):
            return diagnose.too_deep()
        if record.topic not in self._topics:
            return rejected(RejectReason.WRONG_TOPIC, f"{record.topic}: not an input topic")
        mode = read_mode(record.headers) if record.headers else BARE
        if type(mode) is Rejected:
            return mode
        if mode.attributes is None:
            return self._structured(record, value, mode.traceparent)
        return self._binary(record, value, mode.attributes, mode.traceparent)

    def _structured(
        self, record: Record, value: bytes, traceparent: str | None
    ) -> LeadEvent | Rejected:
        try:
            # By way of `str`, so that a byte that is not UTF-8 is found in ignored fields too.
            envelope = self._envelopes[record.topic].decode(value.decode())
        except msgspec.ValidationError as error:
            if str(error).endswith("`$.type`"):
                return diagnose.wrong_type(value, self._topics[record.topic])
            return diagnose.wrong_shape(error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return diagnose.not_json(value, error)
        except RecursionError:
            return diagnose.too_deep()
        return self._event(record, envelope, envelope.data, traceparent)

    def _binary(
        self, record: Record, value: bytes, headers: dict[str, bytes], traceparent: str | None
    ) -> LeadEvent | Rejected:
        try:
            texts = {name: content.decode() for name, content in headers.items()}
        except UnicodeDecodeError:
            return rejected(RejectReason.INVALID_VALUE, "header ce_…: not UTF-8")
        try:
            attributes = msgspec.convert(texts, Attributes)
        except msgspec.ValidationError as error:
            return diagnose.wrong_shape(error)
        if "type" not in texts:
            return rejected(RejectReason.MISSING_FIELD, "type: missing")
        decoder = self._data[record.topic].get(texts["type"])
        if decoder is None:
            return diagnose.unknown_type(texts["type"], self._topics[record.topic])
        try:
            data = decoder.decode(value.decode())
        except msgspec.ValidationError as error:
            return diagnose.wrong_shape(error, "data")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return diagnose.not_json(value, error)
        except RecursionError:
            return diagnose.too_deep()
        return self._event(record, attributes, data, traceparent)

    def _event(
        self, record: Record, attributes: Attributes, data: Payload, traceparent: str | None
    ) -> LeadEvent | Rejected:
        # All at once: to read them one by one costs five times as much.
        _, event_id, source, time, subject, traced = _as_tuple(attributes)[:_ATTRIBUTES]
        lead_id = data.lead_id
        time_us = to_us(time)
        if not _FIRST_US <= time_us < _END_US:
            return rejected(
                RejectReason.TIME_OUT_OF_RANGE, f"time: not within {FIRST_YEAR} to {LAST_YEAR}"
            )
        # A broker timestamp below 0 means that there is none. In whole milliseconds, because products
        # beyond 2^31 cost as much as all else here.
        ahead_us = time_us - self._future_tolerance_us
        if (ahead_us - 1) // 1_000 >= record.timestamp >= 0:
            return self._in_future()
        if record.key != lead_id.encode():
            return _bad_key(record.key)
        if subject and subject != lead_id:
            return rejected(RejectReason.KEY_MISMATCH, "subject: is not data.lead_id")
        trace = traceparent
        if traced and trace is None:
            trace = valid_traceparent(traced)
        fields = lead_id, time_us, source, event_id, _body_of(data), trace
        return make(LeadEvent, fields)

    def _in_future(self) -> Rejected:
        tolerance_s = self._future_tolerance_us // 1_000_000
        return rejected(
            RejectReason.TIME_IN_FUTURE, f"time: more than {tolerance_s} s ahead of the broker"
        )

    def _no_value(self, value: bytes | None) -> Rejected:
        if value is None:
            return rejected(RejectReason.TOMBSTONE, "null value: to erase, publish lead.erased.v1")
        if not value:
            return rejected(RejectReason.VALUE_EMPTY, "value of 0 bytes")
        return rejected(
            RejectReason.VALUE_TOO_LARGE, f"{len(value)} bytes, at most {self._max_value_bytes}"
        )


def _body_of(data: Payload) -> Body:
    """What the data say, in the words of the domain.

    The three frequent kinds are made here, where it is compiled, and past the constructors of named
    tuples: a fifth of what a method of their structs costs.
    """
    kind = type(data)
    if kind is BehaviourData:
        did = cast("BehaviourData", data)
        return make(Behaviour, (did.behaviour, did.object or None))
    if kind is AttributesChangedData:
        now = cast("AttributesChangedData", data)
        return make(AttributesChanged, (now.set_ or {}, tuple(now.unset or ())))
    if kind is CreatedData:
        new = cast("CreatedData", data)
        fields = new.source_channel, new.attributes or {}, new.owner or None
        return make(Created, fields)
    return data.body()


def _bad_key(key: bytes | None) -> Rejected:
    """Why the key is not `data.lead_id`, which has been found to be in order."""
    if key is None:
        return rejected(RejectReason.KEY_MISSING, "null key: must be data.lead_id")
    if not key:
        return rejected(RejectReason.KEY_EMPTY, "key of 0 bytes: must be data.lead_id")
    if len(key) > MAX_KEY_BYTES:
        return rejected(RejectReason.KEY_TOO_LONG, f"{len(key)} bytes, at most {MAX_KEY_BYTES}")
    try:
        key.decode()
    except UnicodeDecodeError:
        return rejected(RejectReason.KEY_NOT_UTF8, "key: must be data.lead_id in UTF-8")
    return rejected(RejectReason.KEY_MISMATCH, "key: is not data.lead_id")
