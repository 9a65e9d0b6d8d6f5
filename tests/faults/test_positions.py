"""The brokers forget what a group has committed, or the log is another one; on real Kafka."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.clients import partitions
from scorer.transport.exits import ExitCode
from scorer.transport.offsets import committed_offsets
from scorer.transport.restore import reader
from tests.fixtures import toy
from tests.fixtures.evidence import Evidence, Judged
from tests.fixtures.judging import judge_toy
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import (
    Worker,
    committed,
    publish,
    scoring_worker,
    toy_worker,
    until_seen,
)

pytestmark = pytest.mark.real_kafka


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    """Workers leave the group when they stop, so that a test may commit in its name."""
    settings = on(real_kafka.bootstrap_servers, kafka={"leave_on_stop": True})
    await admin.apply(settings, ["toy"])
    return settings


def events(first: int, end: int) -> list[tuple[str, bytes, bytes]]:
    return [(toy.INPUTS[n % 2], b"lead-%d" % (n % 37), b"event-%d" % n) for n in range(first, end)]


async def positions(
    settings: Settings, stage: str, names: tuple[str, ...], back_to: int | None = None
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Committed offsets and ends; `back_to`: the offset that is committed first."""
    consumer = reader(settings, "test", settings.group(stage))
    await consumer.start()
    try:
        tps = await partitions(consumer, [settings.topic(name) for name in names])
        consumer.assign(tps)
        if back_to is not None:
            await consumer.commit(dict.fromkeys(tps, back_to))
        return await committed_offsets(consumer, tps), await consumer.end_offsets(tps)
    finally:
        await consumer.stop()


async def folded_by_a_worker(
    settings: Settings, log: Path, published: list[tuple[str, bytes, bytes]]
) -> Worker:
    """Publish, have it folded, and stop."""
    await publish(settings, published)
    with toy_worker(settings, log) as worker:
        await until_seen(settings, toy.OUTPUT, len(published))
        assert worker.stop() == ExitCode.OK
    return worker


@pytest.mark.parametrize("store", [pytest.param("kept", marks=pytest.mark.long), "wiped"])
async def test_what_the_brokers_forget_is_not_folded_twice(
    settings: Settings, tmp_path: Path, evidence: Evidence, store: str
) -> None:
    """The changelog knows how far the inputs are folded; the group is told again."""
    first, second = events(0, 300), events(300, 400)
    worker = await folded_by_a_worker(settings, tmp_path / "before.log", first)
    assert not worker.told("offsets.forgotten")
    if store == "wiped":
        shutil.rmtree(settings.data_dir)
    await positions(settings, "toy", toy.INPUTS, back_to=0)

    with toy_worker(settings, tmp_path / "after.log") as worker:
        await worker.until_told("worker.ready")
        assert await _lag(settings) == 0, "told again before anything new arrives"
        await publish(settings, second)
        await until_seen(settings, toy.OUTPUT, len(first) + len(second))
        judged = await judge_toy(settings, [*first, *second])

    evidence.add("X21", f"committed offsets back at 0, the local store {store}", judged)
    assert judged == Judged(len(first) + len(second))
    assert worker.told("offsets.forgotten")


async def _lag(settings: Settings) -> int:
    at, ends = await positions(settings, "toy", toy.INPUTS)
    # A log of records without markers: they were published without transactions.
    return sum(ends[tp] - at[tp] for tp in at)


async def test_a_batch_of_which_nothing_is_kept_is_remembered_as_folded(
    settings: Settings, tmp_path: Path
) -> None:
    """What cannot be read changes no state; it was dead-lettered once more when its offset was lost."""
    await admin.apply(settings, ["scoring"])
    name = "leads.created.v1"
    with scoring_worker(settings, tmp_path / "before.log") as worker:
        await worker.until_told("worker.ready")
        await publish(settings, [(name, b"lead-%d" % n, b"{") for n in range(40)])
        await until_seen(settings, DEAD_LETTERS_TOPIC, 40)
        assert worker.stop() == ExitCode.OK
    await positions(settings, "scoring", (name,), back_to=0)

    with scoring_worker(settings, tmp_path / "after.log") as worker:
        await worker.until_told("worker.ready")
        await publish(settings, [(name, b"lead-%d" % n, b"[]") for n in range(40)])
        await until_seen(settings, DEAD_LETTERS_TOPIC, 80)
        assert worker.stop() == ExitCode.OK

    letters = await committed(settings, DEAD_LETTERS_TOPIC)
    assert sorted(record.value for record in letters) == [b"[]"] * 40 + [b"{"] * 40


async def test_a_topic_that_was_created_anew_is_read_from_its_beginning(
    settings: Settings, tmp_path: Path, evidence: Evidence
) -> None:
    """Longer than the old one, and not the log that was read: nothing of it may be passed over."""
    first, second = events(0, 300), events(300, 900)
    await folded_by_a_worker(settings, tmp_path / "before.log", first)
    async with admin.admin(settings) as client:
        await client.delete_topics([settings.topic(name) for name in toy.INPUTS])
    await admin.apply(settings, ["toy"])
    await publish(settings, second)

    with toy_worker(settings, tmp_path / "after.log") as worker:
        await until_seen(settings, toy.OUTPUT, len(first) + len(second))
        judged = await judge_toy(settings, [*first, *second])

    evidence.add("X21", "inputs created anew, longer than before", judged)
    assert judged == Judged(len(first) + len(second))
    assert worker.told("input.replaced")
