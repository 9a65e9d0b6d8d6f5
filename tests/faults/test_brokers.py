"""The brokers go away and come back (X6); a broker that refuses a write for good (X5)."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.jars import JarsMissing
from scorer.transport.brokers.real import Broker, JarCluster
from scorer.transport.exits import ExitCode
from tests.fixtures import toy
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, committed, publish, states, toy_worker, until_seen

pytestmark = pytest.mark.real_kafka


@pytest.fixture
def cluster() -> Iterator[JarCluster]:
    """A broker of one's own, to be killed."""
    try:
        cluster = JarCluster()
    except JarsMissing as reason:
        pytest.skip(f"a broker that can be killed runs from its jars: {reason}")
    yield cluster
    cluster.close()


@pytest.mark.slow
async def test_a_worker_outlives_its_brokers(
    cluster: JarCluster, on: OnBroker, tmp_path: Path
) -> None:
    """Killed for longer than the session, then started again: nothing is missing or doubled."""
    settings = on(cluster.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    first, second = _events(0, 400), _events(400, 800)
    with Worker(settings, ["tests.fixtures.supervised"], tmp_path / "worker.log"):
        await publish(settings, first)
        await until_seen(settings, toy.OUTPUT, len(first))
        cluster.nodes[0].signal(signal.SIGKILL)
        cluster.nodes[0].wait()
        await asyncio.sleep(8)  # the outage itself; the session lasts 6 s
        cluster.nodes[0].start()
        cluster.wait_until_up()
        await publish(settings, second)
        await until_seen(settings, toy.OUTPUT, len(first) + len(second), seconds=90)
    await _judge(settings, [*first, *second])


async def test_a_refused_write_stops_the_worker_and_names_the_topic(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """An output larger than its topic allows: no offset moves, and after the mend all is there."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    name = settings.topic(toy.OUTPUT)
    await _limit(settings, name, "100")
    events = _events(0, 50)
    with toy_worker(settings, tmp_path / "worker.log") as worker:
        await publish(settings, events)
        assert worker.wait() == ExitCode.TRANSACTION
        assert name in worker.log
        await admin.apply(settings, ["toy"])
        worker.start()
        await until_seen(settings, toy.OUTPUT, len(events))
    await _judge(settings, events)


def _events(first: int, last: int) -> list[tuple[str, bytes, bytes]]:
    return [(toy.INPUTS[n % 2], b"lead-%d" % (n % 37), b"event-%d" % n) for n in range(first, last)]


async def _limit(settings: Settings, topic: str, size: str) -> None:
    configs = {"max.message.bytes": size, "cleanup.policy": "compact"}
    async with admin.admin(settings) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
        for _ in range(100):
            if (await admin.found(client, [topic]))[topic].configs["max.message.bytes"] == size:
                return
            await asyncio.sleep(0.05)


async def _judge(settings: Settings, events: list[tuple[str, bytes, bytes]]) -> None:
    seen = Counter(orjson.loads(r.value)["id"] for r in await committed(settings, toy.OUTPUT))
    assert seen == Counter(value.decode() for _, _, value in events)
    held = {
        key: toy.decode(raw)._replace(reminded=0)
        for key, raw in (await states(settings, "toy")).items()
    }
    assert held == toy.fold((key, value) for _, key, value in events)
