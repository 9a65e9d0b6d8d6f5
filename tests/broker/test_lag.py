"""Lag is what an operator means by it, on real Kafka: also what readers are not shown yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer

from scorer.contracts.compose import compose
from scorer.domain.events import Created, LeadEvent
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.ports import free_ports
from scorer.transport.brokers.real import Broker
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, publish, until_seen

pytestmark = pytest.mark.real_kafka
TOPIC = "leads.created.v1"


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    (port,) = free_ports(1)
    settings = on(real_kafka.bootstrap_servers, web={"enabled": True, "port": port})
    await admin.apply(settings, ["scoring"])
    return settings


def created(lead: str) -> tuple[str, bytes, bytes]:
    event = LeadEvent(lead, 1_760_000_000_000_000, "/t", lead, Created("web", {}))
    message = compose(event)
    return TOPIC, message.key or b"", message.value or b""


async def shown(settings: Settings, metric: str) -> list[float]:
    """Of every partition, as the worker shows it to Prometheus."""
    url = f"http://127.0.0.1:{settings.web.port}/metrics"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        lines = (await answer.text()).splitlines()
    found = [line for line in lines if line.startswith(f"leadscorer_{metric}{{")]
    return [float(line.rpartition(" ")[2]) for line in found]


async def lag(settings: Settings) -> int:
    return int(sum(await shown(settings, "consumer_lag_records")))


async def time_us(settings: Settings) -> float:
    """Up to which the partition that knows least has been advanced."""
    return min(await shown(settings, "watermark_timestamp_seconds"))


async def until(happens: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await happens():  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.1)


async def test_what_waits_behind_a_publishers_open_transaction_is_counted(
    settings: Settings, tmp_path: Path
) -> None:
    """Its publisher hangs: readers see the end of the log there, and what others publish stays unread."""
    with Worker(settings, ["topologies.worker", "scoring"], tmp_path / "log") as worker:
        await publish(settings, [created("before")])
        await until_seen(settings, "leads.scores.v1", 1)

        async def nothing() -> bool:
            return await lag(settings) == 0

        await until(nothing)
        hangs = AIOKafkaProducer(
            bootstrap_servers=settings.kafka.bootstrap_servers,
            transactional_id=f"{settings.topics.prefix}shop",
        )
        await hangs.start()
        await hangs.begin_transaction()
        _, key, value = created("held")
        await hangs.send_and_wait(settings.topic(TOPIC), value, key=key)
        await publish(settings, [(TOPIC, key, created("behind")[2]) for _ in range(3)])

        async def four() -> bool:
            return await lag(settings) == 4

        await until(four)
        stood = await time_us(settings)
        await asyncio.sleep(1.5)
        assert await time_us(settings) == stood  # what is hidden there may be what a lead waits for
        await hangs.abort_transaction()
        await hangs.stop()
        await until(nothing)

        async def goes_on() -> bool:
            return await time_us(settings) > stood

        await until(goes_on)
        assert worker.stop() == 0
