"""A dead letter keeps the original untouched and says why and where from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import topic_cards
from scorer.contracts.dead_letters import (
    DEAD_LETTERS_TOPIC,
    MAX_ORIGINAL_BYTES,
    dead_letter,
    names_lead,
    parse_dead_letter,
)
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import Headers, Message
from tests.contracts.given import FakeRecord, record, record_of

REJECTED = Rejected(RejectReason.WRONG_TYPE, "data.lead_id: Expected `str`, got `int`")


def letter(rejected_record: FakeRecord) -> Message:
    return dead_letter(rejected_record, REJECTED, app="leads", version="1.2.3")


_headers = st.lists(
    st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=5
).map(tuple)


@given(st.none() | st.binary(), st.none() | st.binary(), _headers)
def test_the_original_comes_back_byte_for_byte(
    key: bytes | None, value: bytes | None, headers: Headers
) -> None:
    rejected_record = record(key=key, value=value, headers=headers, topic="p.leads.outcomes.v1")

    parsed = parse_dead_letter(record_of(letter(rejected_record)))

    assert parsed is not None
    assert parsed.original("p.") == Message("leads.outcomes.v1", key, value, headers)
    assert parsed.omitted == ()


def test_it_says_why_and_where_from() -> None:
    message = letter(record(headers=(("x", b"y"),)))

    assert message.topic == DEAD_LETTERS_TOPIC
    assert message.headers == (
        ("x", b"y"),
        ("leadscorer.errors.reason", b"wrong_type"),
        ("leadscorer.errors.detail", REJECTED.detail.encode()),
        ("leadscorer.errors.topic", b"leads.behaviours.v1"),
        ("leadscorer.errors.partition", b"3"),
        ("leadscorer.errors.offset", b"42"),
        ("leadscorer.errors.timestamp", b"1774429200000"),
        ("leadscorer.errors.app", b"leads"),
        ("leadscorer.errors.version", b"1.2.3"),
    )


def test_forged_reports_are_replaced() -> None:
    forged = (("leadscorer.errors.reason", b"fine"), ("leadscorer.errors.mine", b"!"), ("x", b"y"))

    parsed = parse_dead_letter(record_of(letter(record(headers=forged))))

    assert parsed is not None
    assert parsed.reason == "wrong_type"
    assert parsed.headers == (("x", b"y"),)


def test_a_thousand_headers_are_kept() -> None:
    headers = tuple((f"x-{n}", b"y") for n in range(1000))

    assert letter(record(headers=headers)).headers[:1000] == headers


def test_header_names_that_are_no_utf8_are_spelled_out() -> None:
    """Such a name could not be written; the record with the new one is an event when redriven."""
    message = letter(record(headers=((b"gr\xfc\xdfe".decode("utf-8", "surrogateescape"), b"y"),)))

    assert message.headers[0] == ("gr\\xfc\\xdfe", b"y")
    assert all(name.encode() for name, _ in message.headers)


def test_what_does_not_fit_is_left_out_and_named() -> None:
    huge = bytes(MAX_ORIGINAL_BYTES)
    cases = {
        ("value",): record(value=huge),
        ("value", "headers"): record(value=b"v", headers=(("x", huge),)),
        ("value", "key"): record(value=b"v", key=huge + b"k"),
        ("value", "headers", "key"): record(key=huge + b"k", headers=(("x", huge),)),
    }
    for omitted, rejected_record in cases.items():
        message = letter(rejected_record)
        parsed = parse_dead_letter(record_of(message))

        assert parsed is not None
        assert set(parsed.omitted) >= set(omitted)
        assert (parsed.value, parsed.topic, parsed.offset) == (None, "leads.behaviours.v1", 42)
        assert size(message) < 1_000_000


def test_what_just_fits_is_kept_and_fits_the_topic() -> None:
    message = letter(record(key=b"k", value=bytes(MAX_ORIGINAL_BYTES - 1)))

    assert message.value is not None
    limit = int(topic_cards()[DEAD_LETTERS_TOPIC].configs["max.message.bytes"])
    assert size(message) < min(limit, 1_048_576)  # the default limit of producers


def test_a_foreign_record_is_no_dead_letter() -> None:
    message = letter(record())
    broken = [(n, b"x" if n.endswith("offset") else v) for n, v in message.headers]

    assert parse_dead_letter(record()) is None
    assert parse_dead_letter(record_of(message._replace(headers=message.headers[:4]))) is None
    assert parse_dead_letter(record_of(message._replace(headers=broken))) is None


def size(message: Message) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers


@pytest.mark.parametrize(
    "about",
    [
        record(key=b"lead-1", value=b"{"),
        record(key=b"lead-2", value=b'{"subject": "lead-1"}'),
        record(key=b"lead-2", value=b'{"data": {"lead_id": "lead-1'),  # cut off
        record(key=b"lead-2", value=b'x" {"lead_id": "lead-1"}'),  # a quote too many
        record(key=b"lead-2", value=rb'{"lead_id": "lead\u002d1"}'),
        record(key=None, value=b"x", headers=(("ce_subject", b"lead-1"),)),
    ],
)
def test_a_letter_is_about_the_lead_that_it_names_anywhere(about: FakeRecord) -> None:
    assert names_lead(record_of(letter(about)), {"lead-1"})


@pytest.mark.parametrize("value", [None, b"", b'{"lead_id": "lead-12"}', b"\xff\xfe", b'"\\ud8"'])
def test_a_letter_about_another_lead_is_not_about_this_one(value: bytes | None) -> None:
    assert not names_lead(record_of(letter(record(key=b"lead-12", value=value))), {"lead-1"})
