"""Every bad input has its reason, on every input topic; no detail quotes what was in the record."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.contracts.decode import MAX_VALUE_BYTES, Decoder
from scorer.contracts.diagnose import MAX_DEPTH
from scorer.contracts.inputs import INPUT_TOPICS
from scorer.contracts.reasons import MAX_DETAIL_CHARS, REMEDIES, Rejected, RejectReason
from scorer.domain.events import LeadEvent
from tests.contracts.given import (
    LEAD,
    FakeRecord,
    binary_headers,
    binary_record,
    document,
    record,
)

R = RejectReason
SECRET = "s3cret-payload"
decode = Decoder().decode


def raw(value: bytes | None, **changed: Any) -> FakeRecord:
    return FakeRecord(value=value, **changed)


def good() -> bytes:
    return json.dumps(document()).encode()


def data(**changed: Any) -> FakeRecord:
    merged = {"lead_id": LEAD, "behaviour": "demo_requested"} | changed
    return record(document(data={k: v for k, v in merged.items() if v is not ...}))


def created(**attributes: Any) -> FakeRecord:
    body = {"lead_id": LEAD, "source_channel": "web", "attributes": attributes}
    doc = document(type="leadscorer.lead.created.v1", data=body)
    return record(doc, topic="leads.created.v1")


def nested(depth: int) -> bytes:
    return good()[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}"


# Bytes that are no event on any topic.
BYTES: dict[str, tuple[RejectReason, bytes | None]] = {
    "tombstone": (R.TOMBSTONE, None),
    "empty": (R.VALUE_EMPTY, b""),
    "one byte too many": (R.VALUE_TOO_LARGE, good() + b" " * (MAX_VALUE_BYTES + 1 - len(good()))),
    "blank": (R.INVALID_JSON, b"  \n"),
    "text": (R.INVALID_JSON, SECRET.encode()),
    "truncated": (R.INVALID_JSON, good()[:-9]),
    "two documents": (R.INVALID_JSON, good() + good()),
    "trailing comma": (R.INVALID_JSON, good()[:-1] + b",}"),
    "single quotes": (R.INVALID_JSON, good().replace(b'"', b"'")),
    "gzip": (R.INVALID_JSON, gzip.compress(good())),
    "byte order mark": (R.INVALID_JSON, b"\xef\xbb\xbf" + good()),
    "utf-16": (R.INVALID_JSON, good().decode().encode("utf-16")),
    "schema registry": (R.INVALID_JSON, b"\0\0\0\0\x07" + good()),
    "not utf-8": (R.INVALID_JSON, good().replace(b"demo_requested", b"demo_\xff")),
    "not utf-8 in an ignored field": (R.INVALID_JSON, good()[:-1] + b', "x": "\xff"}'),
    "utf-8 of a surrogate": (R.INVALID_JSON, good().replace(b"demo_", b"\xed\xa0\x80")),
    "lone surrogate": (R.INVALID_JSON, good().replace(b"demo_", b"\\ud800")),
    "lone low surrogate": (R.INVALID_JSON, good().replace(b"demo_", b"\\udc00")),
    "raw control character": (R.INVALID_JSON, good().replace(b"demo_", b"\x01")),
    "NaN": (R.INVALID_JSON, good()[:-1] + b', "x": NaN}'),
    "Infinity": (R.INVALID_JSON, good()[:-1] + b', "x": -Infinity}'),
    "leading zero": (R.INVALID_JSON, good()[:-1] + b', "x": 01}'),
    "list": (R.NOT_AN_OBJECT, b"[" + good() + b"]"),
    "string": (R.NOT_AN_OBJECT, b'"' + SECRET.encode() + b'"'),
    "number": (R.NOT_AN_OBJECT, b"7"),
    "null": (R.NOT_AN_OBJECT, b"null"),
    "one level too deep": (R.NESTED_TOO_DEEP, nested(MAX_DEPTH)),
    "10,000 levels deep": (R.NESTED_TOO_DEEP, nested(10_000)),
    "10,000 levels never closed": (R.NESTED_TOO_DEEP, b'{"a":' * 10_000),
    "empty object": (R.MISSING_FIELD, b"{}"),
}


@pytest.mark.parametrize("topic", INPUT_TOPICS)
@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_event_are_rejected_on_every_topic(name: str, topic: str) -> None:
    reason, value = BYTES[name]

    assert_rejected(decode(raw(value, topic=topic)), reason)


# Events with one fault each.
FAULTS: dict[str, tuple[RejectReason, FakeRecord]] = {
    "no key": (R.KEY_MISSING, record(key=None)),
    "empty key": (R.KEY_EMPTY, record(key=b"")),
    "key not UTF-8": (R.KEY_NOT_UTF8, record(key=b"\xff\xfe")),
    "key of 10 KiB": (R.KEY_TOO_LONG, record(key=b"x" * 10_240)),
    "another key": (R.KEY_MISMATCH, record(key=b"lead-4712")),
    "key with a blank": (R.KEY_MISMATCH, record(key=b"lead-4711 ")),
    "quoted key": (R.KEY_MISMATCH, record(key=b'"lead-4711"')),
    "another subject": (R.KEY_MISMATCH, record(document(subject=SECRET))),
    "another topic": (R.WRONG_TOPIC, record(topic="leads.outcomes.v1")),
    "no input topic": (R.WRONG_TOPIC, record(topic="leads.scores.v1")),
    "unknown type": (R.TYPE_UNKNOWN, record(document(type=f"leadscorer.{SECRET}.v1"))),
    "empty type": (R.TYPE_UNKNOWN, record(document(type=""))),
    "foreign type": (R.TYPE_UNKNOWN, record(document(type="com.github.push"))),
    "an output's type": (R.TYPE_UNKNOWN, record(document(type="leadscorer.tier.crossed.v1"))),
    "type without version": (R.TYPE_UNKNOWN, record(document(type="leadscorer.lead.behaviour"))),
    "next version": (R.VERSION_UNKNOWN, record(document(type="leadscorer.lead.behaviour.v2"))),
    "version 0": (R.VERSION_UNKNOWN, record(document(type="leadscorer.lead.behaviour.v0"))),
    "no type": (R.MISSING_FIELD, record(document(type=None))),
    "type is a number": (R.WRONG_TYPE, record(document(type=1))),
    "no specversion": (R.MISSING_FIELD, record(document(specversion=None))),
    "old specversion": (R.SPECVERSION_UNSUPPORTED, record(document(specversion="0.3"))),
    "specversion as number": (R.SPECVERSION_UNSUPPORTED, record(document(specversion=1.0))),
    "no source": (R.MISSING_FIELD, record(document(source=None))),
    "empty source": (R.INVALID_VALUE, record(document(source=""))),
    "no id": (R.MISSING_FIELD, record(document(id=None))),
    "long id": (R.INVALID_VALUE, record(document(id=SECRET * 20))),
    "id is a number": (R.WRONG_TYPE, record(document(id=17))),
    "no data": (R.MISSING_FIELD, record(document(data=None))),
    "data in base64": (R.MISSING_FIELD, record(document(data=None, data_base64="eyJ9"))),
    "data is a string": (R.WRONG_TYPE, record(document(data=json.dumps({"lead_id": LEAD})))),
    "data is a list": (R.WRONG_TYPE, record(document(data=[1]))),
    "no lead": (R.MISSING_FIELD, data(lead_id=...)),
    "empty lead": (R.INVALID_VALUE, data(lead_id="")),
    "long lead": (R.INVALID_VALUE, data(lead_id=SECRET * 20)),
    "lead is a number": (R.WRONG_TYPE, data(lead_id=4711)),
    "lead is null": (R.WRONG_TYPE, data(lead_id=None)),
    "no behaviour": (R.MISSING_FIELD, data(behaviour=...)),
    "behaviour is a boolean": (R.WRONG_TYPE, data(behaviour=True)),
    "object of an object": (R.WRONG_TYPE, data(object={"url": SECRET})),
    "properties as a list": (R.WRONG_TYPE, data(properties=[SECRET])),
    "no time": (R.MISSING_FIELD, record(document(time=None))),
    "naive time": (R.TIME_INVALID, record(document(time="2026-03-25T08:15:30"))),
    "date": (R.TIME_INVALID, record(document(time="2026-03-25"))),
    "seconds": (R.TIME_INVALID, record(document(time=1774426530))),
    "milliseconds": (R.TIME_INVALID, record(document(time=1774426530000))),
    "milliseconds as text": (R.TIME_INVALID, record(document(time="1774426530000"))),
    "30 February": (R.TIME_INVALID, record(document(time="2026-02-30T00:00:00Z"))),
    "leap second": (R.TIME_INVALID, record(document(time="2016-12-31T23:59:60Z"))),
    "epoch": (R.TIME_OUT_OF_RANGE, record(document(time="1970-01-01T00:00:00Z"))),
    "just too early": (R.TIME_OUT_OF_RANGE, record(document(time="1999-12-31T23:59:59.999999Z"))),
    "year 1": (R.TIME_OUT_OF_RANGE, record(document(time="0001-01-01T00:00:00+12:00"))),
    "year 2100": (R.TIME_OUT_OF_RANGE, record(document(time="2100-01-01T00:00:00Z"))),
    "year 9999": (R.TIME_OUT_OF_RANGE, record(document(time="9999-12-31T23:59:59-12:00"))),
    "six minutes ahead": (R.TIME_IN_FUTURE, record(document(time="2026-03-25T09:06:00Z"))),
    "ten years ahead": (R.TIME_IN_FUTURE, record(document(time="2036-03-25T09:00:00Z"))),
    "attribute beyond 2^53": (R.INVALID_VALUE, created(revenue=2**53)),
    "attribute of 2^63": (R.INVALID_VALUE, created(revenue=2**63)),
    "attribute of 30 digits": (R.INVALID_VALUE, created(revenue=10**30)),
    "attribute of 1e300": (R.INVALID_VALUE, created(revenue=1e300)),
    "attribute is null": (R.WRONG_TYPE, created(revenue=None)),
    "attribute is a list": (R.WRONG_TYPE, created(revenue=[SECRET])),
    "attribute without a name": (R.INVALID_VALUE, created(**{"": 1})),
    "attribute with a long name": (R.INVALID_VALUE, created(**{SECRET * 10: 1})),
    "long attribute": (R.INVALID_VALUE, created(note=SECRET * 80)),
    "300 attributes": (R.INVALID_VALUE, created(**{f"a{n}": n for n in range(300)})),
    "header name not UTF-8": (R.HEADER_INVALID, record(headers=(("na\udcefve", b"1"),))),
    "avro": (
        R.CONTENT_TYPE_UNSUPPORTED,
        record(headers=(("content-type", b"application/cloudevents+avro"),)),
    ),
    "batch": (
        R.CONTENT_TYPE_UNSUPPORTED,
        record(headers=(("content-type", b"application/cloudevents-batch+json"),)),
    ),
    "binary protobuf": (
        R.CONTENT_TYPE_UNSUPPORTED,
        binary_record(headers=binary_headers(content__type="application/protobuf")),
    ),
    "binary without id": (R.MISSING_FIELD, binary_record(headers=binary_headers(ce_id=None))),
    "binary without type": (R.MISSING_FIELD, binary_record(headers=binary_headers(ce_type=None))),
    "binary without time": (R.MISSING_FIELD, binary_record(headers=binary_headers(ce_time=None))),
    "binary with a naive time": (
        R.TIME_INVALID,
        binary_record(headers=binary_headers(ce_time="2026-03-25T08:15:30")),
    ),
    "binary of another version": (
        R.VERSION_UNKNOWN,
        binary_record(headers=binary_headers(ce_type="leadscorer.lead.behaviour.v3")),
    ),
    "binary on another topic": (R.WRONG_TOPIC, binary_record(topic="leads.created.v1")),
    "binary of another specversion": (
        R.SPECVERSION_UNSUPPORTED,
        binary_record(headers=binary_headers(ce_specversion="0.3")),
    ),
    "binary with another subject": (
        R.KEY_MISMATCH,
        binary_record(headers=binary_headers(ce_subject=SECRET)),
    ),
    "binary header not UTF-8": (
        R.INVALID_VALUE,
        binary_record(headers=(*binary_headers(ce_id=None), ("ce_id", b"\xff"))),
    ),
    "binary without lead": (R.MISSING_FIELD, binary_record(value=b'{"behaviour": "x"}')),
    "binary truncated": (R.INVALID_JSON, binary_record(value=b'{"behaviour": ')),
    "binary list": (R.NOT_AN_OBJECT, binary_record(value=b"[]")),
    "binary not UTF-8": (R.INVALID_JSON, binary_record(value=b'{"lead_id": "\xff"}')),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_event_with_one_fault_is_rejected_for_it(name: str) -> None:
    reason, faulty = FAULTS[name]

    assert_rejected(decode(faulty), reason)


def test_the_unfaulty_event_is_read() -> None:
    """Else the table above would prove nothing."""
    for fine in (record(), binary_record(), data(), created(revenue=2**53 - 1)):
        assert isinstance(decode(fine), LeadEvent)


def test_the_largest_value_and_the_deepest_nesting_are_read() -> None:
    value = good()
    assert isinstance(decode(raw(value + b" " * (MAX_VALUE_BYTES - len(value)))), LeadEvent)
    assert isinstance(decode(raw(nested(MAX_DEPTH - 1))), LeadEvent)


def test_brackets_in_strings_are_no_nesting() -> None:
    assert isinstance(decode(data(object="[{" * 1000)), LeadEvent)
    assert isinstance(decode(data(object='"\\[' * 600)), LeadEvent)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no lead", "data.lead_id: missing"),
        ("no type", "type: missing"),
        ("lead is a number", "data.lead_id: Expected `str`, got `int`"),
        ("long attribute", "data.attributes[...]: Expected `str` of length <= 1024"),
        ("attribute without a name", "data.attributes: Expected `str` of length >= 1"),
        ("binary without lead", "data.lead_id: missing"),
        ("naive time", "time: must be RFC 3339 with a time zone"),
        ("another key", "key: is not data.lead_id"),
        ("next version", "type: only leadscorer.lead.behaviour.v1 is known"),
    ],
)
def test_the_detail_names_the_field_and_the_limit(name: str, expected: str) -> None:
    refused = decode(FAULTS[name][1])

    assert isinstance(refused, Rejected)
    assert refused.detail == expected


def test_the_detail_recognises_what_is_often_sent_by_mistake() -> None:
    said = {
        name: decode(raw(BYTES[name][1])) for name in ("gzip", "byte order mark", "schema registry")
    }

    assert [
        refused.detail.split(":")[0] for refused in said.values() if isinstance(refused, Rejected)
    ] == [
        "value is gzip",
        "value starts with a byte order mark",
        "value starts with byte 0, as values framed by a schema registry do",
    ]


def test_every_reason_is_given_by_a_test_and_has_a_remedy() -> None:
    given_reasons = {reason for reason, _ in (*BYTES.values(), *FAULTS.values())}

    assert given_reasons == set(RejectReason)
    assert set(REMEDIES) == set(RejectReason)


_mutations = st.lists(
    st.tuples(st.integers(0, 400), st.binary(max_size=6), st.integers(0, 6)), max_size=6
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_attributes = st.sampled_from(
    ["specversion", "type", "source", "id", "time", "subject", "data", "traceparent"]
)
_headers = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "ce_id", "ce_type", "ce_time", "traceparent", "x"])
        | st.text(max_size=9)
        | st.binary(max_size=9).map(lambda name: name.decode("utf-8", "surrogateescape")),
        st.none() | st.binary(max_size=40) | st.just(b"application/cloudevents+json"),
    ),
    max_size=6,
).map(tuple)


@given(st.none() | st.binary(max_size=200), st.none() | st.binary(max_size=20), _headers)
def test_any_bytes_are_an_event_or_rejected(value: Any, key: Any, headers: Any) -> None:
    assert_one_of_the_two(decode(raw(value, key=key, headers=headers)))


@given(_mutations, st.sampled_from([record(), binary_record()]))
def test_any_damage_to_a_good_event_leaves_an_event_or_a_reason(
    mutations: list[tuple[int, bytes, int]], whole: FakeRecord
) -> None:
    value = whole.value or b""
    for at, inserted, removed in mutations:
        value = value[:at] + inserted + value[at + removed :]

    assert_one_of_the_two(decode(whole._replace(value=value)))


@given(
    st.dictionaries(_attributes, _json, max_size=4), _json, _headers, st.sampled_from(INPUT_TOPICS)
)
def test_any_json_in_any_attribute_is_an_event_or_rejected(
    changed: dict[str, Any], inner: Any, headers: Any, topic: str
) -> None:
    doc = document() | changed
    if isinstance(doc["data"], dict):
        doc["data"] = {**doc["data"], "object": inner, "properties": inner}
    value = json.dumps(doc, ensure_ascii=True).encode()

    assert_one_of_the_two(decode(FakeRecord(value=value, headers=headers, topic=topic)))


def assert_rejected(decoded: LeadEvent | Rejected, reason: RejectReason) -> None:
    assert isinstance(decoded, Rejected)
    assert decoded.reason is reason, decoded
    assert 0 < len(decoded.detail) <= MAX_DETAIL_CHARS
    assert SECRET not in decoded.detail


def assert_one_of_the_two(decoded: LeadEvent | Rejected) -> None:
    if isinstance(decoded, Rejected):
        assert_rejected(decoded, decoded.reason)
    else:
        assert type(decoded) is LeadEvent
