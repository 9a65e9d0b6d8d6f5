"""A member of the group stays one, however long it lives, and reads everything, whoever comes and goes."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.clock import WallClock
from scorer.transport.fetch import Fetch, group_consumer
from tests.fixtures.deadlines import claimed, now_us
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import publish

pytestmark = pytest.mark.real_kafka
TOPIC = "leads.created.v1"


async def member(settings: Settings, name: str) -> tuple[AIOKafkaConsumer, Fetch]:
    """One that aiokafka would take for dead after half a second without a poll."""
    consumer = group_consumer(settings, "scoring", name)
    consumer.subscribe([settings.topic(TOPIC)])
    await consumer.start()
    consumer._coordinator._max_poll_interval = 0.5
    return consumer, Fetch(consumer, WallClock())


async def until_partitions(consumer: AIOKafkaConsumer, count: int) -> None:
    async with asyncio.timeout(30):
        while len(consumer.assignment()) != count:  # noqa: ASYNC110  (the group tells no event)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("reading", [True, False])
async def test_a_member_that_is_older_than_the_poll_interval_still_shares_its_partitions(
    real_kafka: Broker, on: OnBroker, reading: bool
) -> None:
    """It sat on the rebalance for ever: after ten minutes of life no worker came back from one."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["scoring"])
    old, fetch = await member(settings, "old")
    try:
        await until_partitions(old, 4)
        for _ in range(10):
            if reading:
                await fetch.take(old.assignment(), 0.1)
            else:
                await asyncio.sleep(0.1)
        young, _ = await member(settings, "young")
        try:
            await until_partitions(young, 2)
            await until_partitions(old, 2)
        finally:
            await young.stop()
    finally:
        await old.stop()


async def test_a_fetch_that_a_rebalance_overtakes_takes_nothing(
    real_kafka: Broker, on: OnBroker
) -> None:
    """What it took was thrown away, and came again only with the next record of that topic."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["scoring"])
    heard = True
    old, fetch = await member(settings, "old")
    try:
        await until_partitions(old, 4)
        asked = asyncio.create_task(fetch.take(old.assignment(), 30, lambda: heard))
        await asyncio.sleep(0.3)
        heard = False  # as Faust stops the flow when partitions are revoked
        young, _ = await member(settings, "young")
        try:
            await until_partitions(young, 2)
            await until_partitions(old, 2)
            await publish(
                settings,
                (record for number in range(50) for record in claimed(f"lead-{number}", now_us())),
            )
            assert await asked == []
            batches = await fetch.take(old.assignment(), 30)
            assert {(batch.before, bool(batch.records)) for batch in batches} == {(0, True)}
        finally:
            await young.stop()
    finally:
        await old.stop()
