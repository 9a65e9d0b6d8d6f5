"""Dead letters of erased leads leave their topic for good; all others stay, byte for byte."""

from __future__ import annotations

import pytest
from aiokafka import ConsumerRecord

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC, names_lead
from scorer.contracts.records import Message, Record
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.clients import sending
from scorer.transport.takeout import TakenOut, take_out
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import committed

pytestmark = pytest.mark.real_kafka
GONE = "lead-to-forget"


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    made = on(real_kafka.bootstrap_servers)
    await admin.apply(made)
    return made


def about_gone(record: Record) -> bool:
    return names_lead(record, {GONE})


def content(record: ConsumerRecord) -> tuple[object, ...]:
    return record.key, record.value, tuple(record.headers)


async def test_letters_of_a_lead_go_and_others_stay_as_they_were(settings: Settings) -> None:
    letters = [
        Message(DEAD_LETTERS_TOPIC, b"a", b"{", (("h", b"1"),), partition=0),
        Message(DEAD_LETTERS_TOPIC, GONE.encode(), b"{", partition=0),
        Message(DEAD_LETTERS_TOPIC, None, b"", (("h", b"2"),), partition=0),
        Message(DEAD_LETTERS_TOPIC, b"b", f'{{"id": "{GONE}"'.encode(), partition=1),
        Message(DEAD_LETTERS_TOPIC, b"c", b"{", partition=2),
    ]
    async with sending(settings) as send:
        await send(letters)
    before = await committed(settings, DEAD_LETTERS_TOPIC)

    planned = await take_out(settings, DEAD_LETTERS_TOPIC, about_gone, dry_run=True)
    assert len(await committed(settings, DEAD_LETTERS_TOPIC)) == len(before)
    done = await take_out(settings, DEAD_LETTERS_TOPIC, about_gone)

    assert planned == done == TakenOut(records=2, copied=2)
    after = await committed(settings, DEAD_LETTERS_TOPIC)
    assert {content(r) for r in after} == {content(r) for r in before if not about_gone(r)}
    assert len(after) == 3
    untouched = next(r for r in after if r.partition == 2)
    assert untouched.offset == 0, "a partition without such letters is left alone"
    assert await take_out(settings, DEAD_LETTERS_TOPIC, about_gone) == TakenOut(0, 0)
