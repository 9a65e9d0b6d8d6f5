"""Every example says what its name says: to the schemas, and to the code that reads events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from schemas.catalogue import ENVELOPE, Direction, Example, event_types, examples, schema
from scorer.contracts.compose import address
from scorer.contracts.decode import Decoder
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.published import read_output
from scorer.contracts.published_pool import POOL_DATA, read_pool_output
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import Message
from tests.contracts.given import LEAD, FakeRecord

INPUTS = [example for name in event_types(Direction.INPUT) for example in examples(name)]
OUTPUTS = [example for name in event_types(Direction.OUTPUT) for example in examples(name)]
NOW_MS = 1_800_000_000_000  # January 2027, after all examples
BEYOND_SCHEMAS = {
    RejectReason.TIME_IN_FUTURE,  # depends on the broker's clock
    RejectReason.TIME_OUT_OF_RANGE,
    RejectReason.KEY_MISMATCH,  # compares two fields
}
decoder = Decoder()


def key_of(example: Example) -> bytes:
    """The Kafka key of an example: its lead, or the owner that it is about."""
    about_owner = event_types()[example.type].name == OWNERS_TOPIC
    return str(example.event["subject"]).encode() if about_owner else LEAD.encode()


def named(examples_of_any_type: list[Example]) -> Any:
    return pytest.mark.parametrize(
        "example", examples_of_any_type, ids=lambda e: f"{e.type}/{e.name}"
    )


def faults(example: Example) -> list[str]:
    """What the published schemas have against an example."""
    whole = {"allOf": [schema(ENVELOPE), {"properties": {"type": {"const": example.type}}}]}
    if isinstance(example.event, dict) and "data" in example.event:
        whole["allOf"].append({"properties": {"data": schema(example.type)}})
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(example.event)]


@named(INPUTS + OUTPUTS)
def test_a_valid_example_meets_the_schemas_and_an_invalid_one_does_not(example: Example) -> None:
    found = faults(example)

    if example.reason is None:
        assert found == []
    elif RejectReason(example.reason) not in BEYOND_SCHEMAS:
        assert found


@named(INPUTS)
def test_an_example_is_read_or_rejected_for_the_reason_in_its_name(example: Example) -> None:
    value = json.dumps(example.event).encode()
    topic = event_types()[example.type].name
    record = FakeRecord(topic=topic, key=key_of(example), value=value, timestamp=NOW_MS)

    decoded = decoder.decode(record)

    assert (decoded.reason if isinstance(decoded, Rejected) else None) == example.reason


@named([example for example in INPUTS if example.reason is None])
def test_a_valid_example_is_addressed_to_its_topic_and_lead(example: Example) -> None:
    addressed = address(json.dumps(example.event).encode())

    assert isinstance(addressed, Message)
    assert (addressed.topic, addressed.key) == (
        event_types()[example.type].name,
        key_of(example),
    )


@named([example for example in OUTPUTS if example.type not in POOL_DATA])
def test_an_example_of_an_output_is_read_by_subscribers(example: Example) -> None:
    read = read_output(json.dumps(example.event).encode())

    assert (read.id, read.data.lead_id) == (example.event["id"], LEAD)
    assert sum(round(line.points * 100) for line in read.data.lines) == round(read.data.score * 100)


@named([example for example in OUTPUTS if example.type in POOL_DATA])
def test_an_example_of_the_pool_is_read_by_subscribers(example: Example) -> None:
    read = read_pool_output(json.dumps(example.event).encode())

    assert (read.id, read.data.lead_id) == (example.event["id"], LEAD)


@pytest.mark.parametrize("event_type", event_types())
def test_every_type_has_a_valid_example_and_every_input_an_invalid_one(event_type: str) -> None:
    reasons = {example.reason for example in examples(event_type)}

    assert None in reasons
    assert len(reasons) > 1 or event_type not in event_types(Direction.INPUT)
