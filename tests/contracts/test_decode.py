"""What is read, and in which modes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from scorer.contracts.compose import address, compose
from scorer.contracts.decode import Decoder
from scorer.contracts.inputs import INPUT_TYPES
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.domain.events import Behaviour, Created, LeadEvent
from tests.contracts.given import (
    LEAD,
    TRACE,
    FakeRecord,
    binary_headers,
    binary_record,
    document,
    lead_events,
    record,
    record_of,
)

EXPECTED = LeadEvent(LEAD, 1774426530000000, "/website", "e-1", Behaviour("demo_requested"))
FAR = 10**15  # a broker clock that nothing is ahead of
decode = Decoder().decode


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", b"application/cloudevents+json"),),
        (("content-type", b"application/cloudevents+json; charset=utf-8"),),
        (("content-type", b"Application/CloudEvents+JSON ;charset=UTF-8"),),
        (("content-type", b"application/json"),),
        (("x-team", b"web"), ("empty", None)),
    ],
)
def test_a_structured_event_is_read_whatever_else_the_headers_say(headers: object) -> None:
    assert decode(record(headers=headers)) == EXPECTED


def test_the_content_type_decides_even_if_binary_headers_are_there() -> None:
    headers = binary_headers(ce_id="other", content__type="application/cloudevents+json")

    assert decode(record(headers=headers)) == EXPECTED


@pytest.mark.parametrize("content_type", [None, "application/json", "application/vnd.crm+json"])
def test_a_binary_event_is_read_with_or_without_a_json_content_type(
    content_type: str | None,
) -> None:
    headers = binary_headers(content__type=content_type)

    assert decode(binary_record(headers=headers)) == EXPECTED


@given(lead_events)
def test_what_is_composed_is_read_back_as_the_same_event(event: LeadEvent) -> None:
    assert decode(record_of(compose(event), timestamp=FAR)) == event


@given(lead_events)
def test_a_document_is_addressed_as_the_event_would_be(event: LeadEvent) -> None:
    message = compose(event)

    assert address(message.value or b"") == message


def test_a_document_of_an_unknown_type_has_no_address() -> None:
    refused = address(json.dumps(document(type="leadscorer.lead.sneezed.v1")).encode())

    assert isinstance(refused, Rejected)
    assert refused.reason is RejectReason.TYPE_UNKNOWN


def test_unknown_fields_pass_in_the_envelope_and_in_the_data() -> None:
    doc = document(tenant="x", data={"lead_id": LEAD, "behaviour": "demo_requested", "new": [1]})

    assert decode(record(doc)) == EXPECTED


def test_null_and_empty_optional_fields_are_absent() -> None:
    data = {"lead_id": LEAD, "behaviour": "demo_requested", "object": "", "properties": None}

    assert decode(record(document(subject="", data=data))) == EXPECTED


def test_of_doubled_keys_the_last_one_counts() -> None:
    value = json.dumps(document()).replace('"id": "e-1"', '"id": "e-0", "id": "e-1"').encode()

    assert decode(FakeRecord(value=value)) == EXPECTED


def test_the_order_of_the_attributes_does_not_matter() -> None:
    doc = dict(reversed(document().items()))

    assert decode(record(doc)) == EXPECTED


@pytest.mark.parametrize(
    ("text", "time_us"),
    [
        ("2026-03-25T08:15:30.123456Z", 1774426530123456),
        ("2026-03-25T16:15:30+08:00", 1774426530000000),
        ("2026-03-25t08:15:30z", 1774426530000000),
        ("2026-03-25 08:15:30Z", 1774426530000000),
        ("2026-03-25T08:15:30.1234567Z", 1774426530123457),  # rounded to the microsecond
        ("2000-01-01T00:00:00Z", 946684800000000),
    ],
)
def test_time_is_read_to_the_microsecond_in_any_zone(text: str, time_us: int) -> None:
    decoded = decode(record(document(time=text)))

    assert isinstance(decoded, LeadEvent)
    assert decoded.time_us == time_us


def test_a_time_as_far_ahead_of_the_broker_as_the_setting_allows_is_read() -> None:
    edge = record(timestamp=1774426530000 - 60_000)

    assert Decoder(future_tolerance_ms=60_000).decode(edge) == EXPECTED
    late = Decoder(future_tolerance_ms=59_999).decode(edge)
    assert isinstance(late, Rejected)
    assert late.reason is RejectReason.TIME_IN_FUTURE


def test_without_a_broker_timestamp_the_future_is_not_checked() -> None:
    assert decode(record(timestamp=-1)) == EXPECTED


def test_topics_are_known_by_their_name_with_the_prefix() -> None:
    prefixed = Decoder(topic_prefix="test-7.")

    assert prefixed.decode(record(topic="test-7.leads.behaviours.v1")) == EXPECTED
    other = prefixed.decode(record())
    assert isinstance(other, Rejected)
    assert other.reason is RejectReason.WRONG_TOPIC


@pytest.mark.parametrize(
    ("headers", "extension", "expected"),
    [
        ((("traceparent", TRACE.encode()),), None, TRACE),
        ((), TRACE, TRACE),
        ((("traceparent", TRACE.encode()),), TRACE.replace("-01", "-00"), TRACE),
        ((("traceparent", b"\xff no trace"),), TRACE, TRACE),
        ((), "no trace", None),
        ((("traceparent", b""),), None, None),
    ],
)
def test_the_trace_comes_from_the_header_else_from_the_extension(
    headers: object, extension: str | None, expected: str | None
) -> None:
    decoded = decode(record(document(traceparent=extension), headers=headers))

    assert decoded == EXPECTED._replace(traceparent=expected)


def test_the_trace_of_a_binary_event_may_be_a_plain_or_a_ce_header() -> None:
    for name in ("traceparent", "ce_traceparent"):
        headers = (*binary_headers(), (name, TRACE.encode()))
        assert decode(binary_record(headers=headers)) == EXPECTED._replace(traceparent=TRACE)


@pytest.mark.parametrize(
    "lead", ["😀", "مرحبا", "张伟", "a\0b", "../../etc/passwd", "'; DROP TABLE leads;--", "x" * 256]
)
def test_any_text_may_be_the_id_of_a_lead(lead: str) -> None:
    doc = document(subject=lead, data={"lead_id": lead, "behaviour": "demo_requested"})

    assert decode(record(doc, key=lead.encode())) == EXPECTED._replace(lead_id=lead)


def test_attributes_keep_their_types() -> None:
    attributes = {"text": "1.5", "whole": 2**53 - 1, "half": 0.5, "flag": True, "zero": 0}
    data = {"lead_id": LEAD, "source_channel": "web", "attributes": attributes}
    doc = document(type="leadscorer.lead.created.v1", data=data)

    decoded = decode(record(doc, topic="leads.created.v1"))

    assert isinstance(decoded, LeadEvent)
    assert isinstance(decoded.body, Created)
    assert decoded.body.attributes == attributes
    assert [type(value) for value in decoded.body.attributes.values()] == [
        str,
        int,
        float,
        bool,
        int,
    ]


def test_a_thousand_headers_are_no_obstacle() -> None:
    headers = tuple((f"x-{n}", b"y") for n in range(1000))

    assert decode(record(headers=headers)) == EXPECTED


def test_no_type_is_listed_twice() -> None:
    assert len({each.name for each in INPUT_TYPES}) == len(INPUT_TYPES)
    assert len({each.data for each in INPUT_TYPES}) == len(INPUT_TYPES)
