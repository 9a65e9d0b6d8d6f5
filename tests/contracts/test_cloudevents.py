"""The official package for CloudEvents is the oracle: what it writes we read, what we write it reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given

from schemas.catalogue import event_types, examples
from scorer.contracts.compose import compose
from scorer.contracts.decode import Decoder
from scorer.contracts.encode import Encoder
from scorer.contracts.instants import to_datetime, to_us
from scorer.contracts.records import Message
from scorer.domain.events import Behaviour, LeadEvent
from tests.contracts.given import LEAD, FakeRecord, lead_events
from tests.contracts.test_encode import CROSSED, SCORED

TIME = datetime(2026, 3, 25, 8, 15, 30, 123456, tzinfo=UTC)
decode = Decoder().decode


def theirs(**attributes: Any) -> CloudEvent:
    given_attributes = {
        "type": "leadscorer.lead.behaviour.v1",
        "source": "/website",
        "id": "e-1",
        "time": TIME,
        "subject": LEAD,
    } | attributes
    return CloudEvent(given_attributes, {"lead_id": LEAD, "behaviour": "问价 😀"})


@pytest.mark.parametrize("write", [kafka.to_structured, kafka.to_binary])
@pytest.mark.parametrize(
    "attributes",
    [{}, {"datacontenttype": "application/json"}, {"partitionkey": "x", "tenant": "y"}],
)
def test_what_the_official_package_writes_is_read(write: Any, attributes: dict[str, str]) -> None:
    written = write(theirs(**attributes), JSONFormat())

    record = FakeRecord(value=written.value, headers=tuple(written.headers.items()))

    assert decode(record) == LeadEvent(LEAD, to_us(TIME), "/website", "e-1", Behaviour("问价 😀"))


@given(lead_events)
def test_the_official_package_reads_what_is_composed(event: LeadEvent) -> None:
    read = by_them(compose(event))

    assert read.get_time() == to_datetime(event.time_us)
    assert (read.get_source(), read.get_id(), read.get_subject()) == (
        event.source,
        event.id,
        event.lead_id,
    )


@pytest.mark.parametrize("mode", [kafka.to_structured, kafka.to_binary])
@pytest.mark.parametrize("event_type", event_types())
def test_every_valid_example_survives_the_official_package(event_type: str, mode: Any) -> None:
    for example in examples(event_type):
        if example.reason is not None or "time" not in example.event:
            continue
        attributes = {name: value for name, value in example.event.items() if name != "data"}
        time = datetime.fromisoformat(attributes.pop("time"))
        event = CloudEvent(attributes | {"time": time}, example.event["data"])
        read = kafka.from_kafka(mode(event, JSONFormat()), JSONFormat(), CloudEvent)
        assert read.get_data() == example.event["data"]


def test_the_official_package_reads_scores_and_crossings() -> None:
    encoder = Encoder("/lead-scorer/test")
    for message, event in (
        (encoder.score_changed(SCORED), SCORED),
        (encoder.tier_crossed(CROSSED), CROSSED),
    ):
        read = by_them(message)

        assert (read.get_id(), read.get_subject()) == (event.id, event.lead_id)
        assert read.get_time() == to_datetime(event.time_us)
        assert read.get_datacontenttype() == "application/json"
        assert read.get_data() == json.loads(message.value or b"")["data"]


def by_them(message: Message) -> Any:
    written = kafka.KafkaMessage(
        headers={name: value or b"" for name, value in message.headers},
        key=None,
        value=message.value or b"",
    )
    return kafka.from_kafka(written, JSONFormat(), CloudEvent)
