"""Three brokers, three copies of everything, and one broker at a time is killed (X7, X5)."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.jars import JarsMissing
from scorer.transport.brokers.real import JarCluster
from scorer.transport.exits import ExitCode
from scorer.transport.offsets import committed_offsets
from scorer.transport.restore import reader
from tests.fixtures.evidence import Evidence, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import BLURRED_S, back_after, judge_product, silences, until_folded
from tests.fixtures.kafka import OnBroker, configure
from tests.fixtures.workers import Worker, scoring_worker

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow, pytest.mark.long]

SETTLED_S = sized(6, 15)  # from the restart of a broker to copies in sync, about
ROUNDS = sized(1, 3)  # in the long form each broker goes once
DOWN_S = sized(3, 15)
REFUSED_S = sized(5, 45)  # in the long form beyond the request timeout of 30 s
PER_SECOND = 200


@pytest.fixture(scope="module")
def cluster() -> Iterator[JarCluster]:
    """Three nodes of one's own."""
    try:
        cluster = JarCluster(3)
    except JarsMissing as reason:
        pytest.skip(f"three brokers run from their jars: {reason}")
    yield cluster
    cluster.close()


async def test_a_broker_that_dies_leaves_no_gap(
    cluster: JarCluster, on: OnBroker, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """The leader of an input is killed under load, its partitions move, it comes back and catches up."""
    settings = on(cluster.bootstrap_servers, model=HASTY, topics={"replication_factor": 3})
    await admin.apply(settings, ["scoring"])
    await _until_copied(settings)
    floor = Floor(settings, rng, PER_SECOND * (DOWN_S + SETTLED_S) * ROUNDS, PER_SECOND)
    names = ("one", "two")
    logs = {name: tmp_path / f"{name}.log" for name in names}
    with (
        scoring_worker(settings, logs["one"], "one") as one,
        scoring_worker(settings, logs["two"], "two") as two,
    ):
        for worker in (one, two):
            await worker.until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        killed: set[int] = set()
        for _ in range(ROUNDS):
            await asyncio.sleep(3)  # what a broker does between two faults
            number = await _leader(settings, but=killed)
            killed.add(number)
            node = cluster.nodes[number - 1]
            node.signal(signal.SIGKILL)
            node.wait()
            await asyncio.sleep(DOWN_S)
            node.start()
            cluster.wait_until_up()
            await _until_copied(settings)
        await publishing
        await until_folded(settings)
        judged, verdict = await judge_product(settings, BLURRED_S)
        # Without its coordinator for longer than a session a worker loses its partitions to the other
        # one, and ends fenced; here nobody starts it again.
        ended = [worker.wait() for worker in (one, two) if not worker.running()]
        assert ended in ([], [ExitCode.FENCED]), one.log + two.log
    longest_s = max(lasted for _, lasted in await silences(settings))
    evidence.add(
        "X7",
        f"the leader of an input killed, {DOWN_S} s down, then back in sync",
        judged,
        times=len(killed),
        note=f"{len(ended)} workers ended fenced; longest pause between two outputs {longest_s:.1f} s",
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
    assert verdict.dead_letters == floor.bad


async def test_brokers_that_are_not_asked_for_offsets_do_not_say_that_there_are_none(
    cluster: JarCluster, on: OnBroker
) -> None:
    """Two of three brokers have nothing to do with the group, and answer with an error for the whole."""
    settings = on(cluster.bootstrap_servers, topics={"replication_factor": 3})
    await admin.apply(settings, ["scoring"])
    tp = TopicPartition(settings.topic("leads.created.v1"), 0)
    consumer = reader(settings, "test", settings.group("scoring"))
    await consumer.start()
    try:
        consumer.assign([tp])
        await consumer.commit({tp: 7})
        for node in cluster.nodes:
            consumer._coordinator.coordinator_id = node.number
            assert await committed_offsets(consumer, [tp]) == {tp: 7}
    finally:
        await consumer.stop()


async def test_writes_that_are_refused_for_a_while_are_only_late(
    cluster: JarCluster, on: OnBroker, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """Scores ask for three copies and two brokers are there: the worker waits, or starts again."""
    settings = on(cluster.bootstrap_servers, model=HASTY, topics={"replication_factor": 3})
    await admin.apply(settings, ["scoring"])
    await _until_copied(settings)
    await configure(settings, "leads.scores.v1", {"min.insync.replicas": "3"})
    floor = Floor(settings, rng, PER_SECOND * (REFUSED_S + SETTLED_S), PER_SECOND)
    command = ["tests.fixtures.supervised", "scoring"]
    with Worker(settings, command, tmp_path / "worker.log") as worker:
        await worker.until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        await asyncio.sleep(2)
        node = cluster.nodes[await _leader(settings, but=set()) - 1]
        node.signal(signal.SIGKILL)
        node.wait()
        await asyncio.sleep(REFUSED_S)
        node.start()
        cluster.wait_until_up()
        await _until_copied(settings)
        copied = time.time()
        await publishing
        await until_folded(settings)
        judged, verdict = await judge_product(settings, BLURRED_S)
        restarts = len(worker.told("stage.restarted"))
    longest_s = max(lasted for _, lasted in await silences(settings))
    evidence.add(
        "X5",
        f"fewer copies in sync than the scores ask for, {REFUSED_S} s (for a while)",
        judged,
        note=f"{restarts} restarts by the supervisor, no output for {longest_s:.0f} s, "
        f"{await back_after(settings, copied):.1f} s after all copies were in sync the next one",
    )
    assert longest_s > REFUSED_S / 2, "the brokers refused nothing"
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0


async def _leader(settings: Settings, but: set[int]) -> int:
    """A node that leads a partition of an input and was not killed yet."""
    topic = settings.topic("leads.behaviours.v1")
    leaders: list[int] = [
        each["leader"] for each in await _partitions(settings) if each["topic"] == topic
    ]
    return next(node for node in leaders if node not in but)


async def _until_copied(settings: Settings) -> None:
    """Until every copy of every partition is in sync."""
    async with asyncio.timeout(90):
        # A broker tells no event.
        while any(len(each["isr"]) < 3 for each in await _partitions(settings)):  # noqa: ASYNC110
            await asyncio.sleep(0.3)


async def _partitions(settings: Settings) -> list[dict]:
    async with admin.admin(settings) as client:
        topics = await client.describe_topics()
    return [{"topic": topic["topic"], **each} for topic in topics for each in topic["partitions"]]
