"""The brokers go away and come back (X6); a broker that refuses a write for good (X5).

Refused for want of a right: tests/security/test_access.py; for a while: test_cluster.py.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scorer.transport import admin
from scorer.transport.brokers.jars import JarsMissing
from scorer.transport.brokers.real import Broker, JarCluster
from scorer.transport.exits import ExitCode
from tests.fixtures import toy
from tests.fixtures.evidence import Evidence, Judged, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import BLURRED_S, back_after, judge_product, judge_toy, until_folded
from tests.fixtures.kafka import OnBroker, configure
from tests.fixtures.workers import Worker, publish, toy_worker, until_seen

pytestmark = pytest.mark.real_kafka

# Within the session of 6 s, beyond it, beyond every timeout of a client, and beyond a transaction's.
OUTAGES_S = sized((8,), (4, 8, 30, 75))
EVENTS, PER_SECOND = sized(1_200, 5_000), 250


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
@pytest.mark.parametrize("outage_s", OUTAGES_S)
async def test_a_worker_outlives_its_brokers(
    cluster: JarCluster,
    on: OnBroker,
    tmp_path: Path,
    rng: random.Random,
    evidence: Evidence,
    outage_s: int,
) -> None:
    """Killed under load and started again: nothing is missing or doubled, and nothing waits."""
    settings = on(cluster.bootstrap_servers, model=HASTY)
    await admin.apply(settings, ["scoring"])
    floor = Floor(settings, rng, EVENTS, PER_SECOND)
    with Worker(settings, ["tests.fixtures.supervised", "scoring"], tmp_path / "worker.log") as it:
        await it.until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        await _until_sent(floor, EVENTS // 3)
        cluster.nodes[0].signal(signal.SIGKILL)
        cluster.nodes[0].wait()
        await asyncio.sleep(outage_s)  # the outage itself
        cluster.nodes[0].start()
        cluster.wait_until_up()
        up = time.time()
        await publishing
        await until_folded(settings, seconds=180)
        judged, verdict = await judge_product(settings, BLURRED_S)
        restarts = len(it.told("stage.restarted"))
    evidence.add(
        "X6",
        f"the only broker killed for {outage_s} s under load",
        judged,
        recovery_s=await back_after(settings, up),
        note=f"{restarts} restarts by the supervisor",
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
    assert verdict.dead_letters == floor.bad


async def _until_sent(floor: Floor, count: int) -> None:
    while floor.sent < count:  # noqa: ASYNC110  (a counter tells no event)
        await asyncio.sleep(0.05)


async def test_a_refused_write_stops_the_worker_and_names_the_topic(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, evidence: Evidence
) -> None:
    """An output larger than its topic allows: no offset moves, and after the mend all is there."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    name = settings.topic(toy.OUTPUT)
    await configure(settings, toy.OUTPUT, {"max.message.bytes": "100"})
    events = _events(0, 50)
    with toy_worker(settings, tmp_path / "worker.log") as worker:
        await worker.until_told("worker.ready")
        began = time.monotonic()
        await publish(settings, events)
        assert worker.wait() == ExitCode.TRANSACTION
        stopped_s = time.monotonic() - began
        assert name in worker.log
        await admin.apply(settings, ["toy"])
        worker.start()
        await until_seen(settings, toy.OUTPUT, len(events))
    judged = await judge_toy(settings, events)
    evidence.add("X5", "outputs larger than their topic allows", judged, recovery_s=stopped_s)
    assert judged == Judged(len(events))


def _events(first: int, last: int) -> list[tuple[str, bytes, bytes]]:
    return [(toy.INPUTS[n % 2], b"lead-%d" % (n % 37), b"event-%d" % n) for n in range(first, last)]
