"""The commands against a broker: what the in-memory tests cannot see."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from scorer.cli.checkup import checkup
from scorer.cli.kafka import KafkaBroker
from scorer.cli.main import app
from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.domain.events import Behaviour, LeadEvent
from scorer.engine.ports import StateWrite
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.changelog import frame
from scorer.transport.placement import partition_of
from tests.fixtures.kafka import OnBroker


@pytest.fixture
def settings(
    embedded_broker: EmbeddedBroker, on: OnBroker, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of their own, which commands read from the environment."""
    made = on(embedded_broker.bootstrap_servers)
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", embedded_broker.bootstrap_servers)
    monkeypatch.setenv("LEADSCORER_TOPICS__PREFIX", made.topics.prefix)
    monkeypatch.setenv("LEADSCORER_DATA_DIR", str(made.data_dir))
    return made


def event(lead: str) -> Message:
    return compose(LeadEvent(lead, time.time_ns() // 1000, "/t", lead, Behaviour("demo_requested")))


def test_topics_are_applied_once_and_then_as_they_must_be(settings: Settings) -> None:
    assert CliRunner().invoke(app, ["topics", "diff"]).exit_code == 5
    applied = json.loads(CliRunner().invoke(app, ["topics", "apply", "--json"]).stdout)
    assert f"{settings.topics.prefix}leads.scores.v1" in [each["topic"] for each in applied]
    again = CliRunner().invoke(app, ["topics", "diff", "--json"])
    assert (again.exit_code, json.loads(again.stdout)) == (0, [])


async def test_what_is_sent_is_read_back_to_the_present_end(settings: Settings) -> None:
    await admin.apply(settings)
    broker = KafkaBroker(settings)
    sent = [event(f"lead-{number}") for number in range(50)]
    async with broker.sending() as send:
        await send(sent)
    read = [record.value async for record in broker.read(["leads.behaviours.v1"])]
    assert sorted(read) == sorted(message.value for message in sent)  # type: ignore[type-var]


async def test_a_reader_from_the_end_sees_only_what_comes(settings: Settings) -> None:
    await admin.apply(settings)
    broker = KafkaBroker(settings)
    async with broker.sending() as send:
        await send([event("before")])
        coming = broker.read(["leads.behaviours.v1"], follow=True, from_end=True)
        first = asyncio.ensure_future(anext(coming))
        for number in range(200):  # until the reader has found the end and sees one
            await send([event(f"after-{number}")])
            if (await asyncio.wait([first], timeout=0.1))[0]:
                break
        assert (first.result().key or b"").startswith(b"after")
        await coming.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("shift", [0, 1])  # 1: a publisher with another hash than all clients
async def test_the_last_state_of_a_lead_is_found_wherever_it_lies(
    settings: Settings, shift: int
) -> None:
    await admin.apply(settings)
    key, partitions = b"lead-1", settings.topics.partitions
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    for state in (b"old", b"new"):
        await producer.send_and_wait(
            settings.changelog("scoring"),
            frame(StateWrite(state, None)),
            key=key,
            partition=(partition_of(key, partitions) + shift) % partitions,
        )
    await producer.stop()
    assert await KafkaBroker(settings).state("scoring", key) == b"new"
    assert await KafkaBroker(settings).state("scoring", b"lead-2") is None


async def test_doctor_finds_topics_missing_and_then_all_well(settings: Settings) -> None:
    assert {c.name: c.status for c in await checkup()}["topics"] == "problem"
    await admin.apply(settings)
    assert {c.status for c in await checkup()} == {"ok"}


async def test_doctor_sees_records_from_the_future(settings: Settings) -> None:
    await admin.apply(settings)
    changelog = settings.changelog("scoring").removeprefix(settings.topics.prefix)
    ahead = Message(changelog, b"lead-1", b"", (), int(time.time() * 1000) + 3_600_000)
    async with KafkaBroker(settings).sending() as send:
        await send([ahead])
    clock = next(check for check in await checkup() if check.name == "clock")
    assert clock.status == "warning"
    assert clock.remedy
