"""Local stores filled from their changelogs, on real Kafka: markers, compaction, strangers (X10, X11)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError
from structlog.testing import capture_logs

from scorer.engine.ports import StateWrite
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.changelog import frame, made_by
from scorer.transport.restore import Restore, reader
from scorer.transport.store import Mark, Store
from tests.fixtures.kafka import OnBroker

pytestmark = pytest.mark.real_kafka


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    return settings


async def write(
    settings: Settings, *commits: dict[bytes, StateWrite], abort: bool = False, model: str = ""
) -> None:
    """One transaction a commit, all to partition 0; with `abort` one more that is not committed."""
    headers = list(made_by(model)) if model else []
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap_servers, transactional_id=settings.group("toy")
    )
    await producer.start()
    topic = settings.changelog("toy")
    for states in commits:
        async with producer.transaction():
            for key, state in states.items():
                value = frame(state)
                await producer.send_and_wait(topic, value, key=key, partition=0, headers=headers)
    if abort:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"never", key=b"aborted", partition=0)
        await producer.abort_transaction()
    await producer.stop()


async def restored(settings: Settings, directory: Path, model: str = "") -> Store:
    """The store of partition 0 after a restore; the caller closes it."""
    topic = settings.changelog("toy")
    consumer = reader(settings, "test")
    await consumer.start()
    try:
        restore = Restore(consumer, topic, f"cluster|{topic}|", made_by(model) if model else ())
        stores = await restore.run({0: directory / "0"}, {})
    finally:
        await consumer.stop()
    return stores[0]


def seen(store: Store, *keys: bytes) -> tuple[list[bytes | None], list[bytes]]:
    """States and due order; closes the store."""
    out = list(store.get_many(keys)), list(store.due_until(10**15, 10))
    store.close()
    return out


async def test_a_changelog_that_ends_in_markers_is_restored(
    settings: Settings, tmp_path: Path
) -> None:
    """Commit and abort markers take offsets that no record shows; aborted states are not seen."""
    await write(
        settings,
        {b"a": StateWrite(b"1", 7), b"b": StateWrite(b"1", 9)},
        {b"a": StateWrite(b"2", 11), b"b": StateWrite(None, None)},
        abort=True,
    )
    store = await restored(settings, tmp_path)
    assert seen(store, b"a", b"b", b"aborted") == ([b"2", None, None], [b"a"])


async def test_an_empty_changelog_is_restored(settings: Settings, tmp_path: Path) -> None:
    """A first start has nothing to wait for."""
    assert seen(await restored(settings, tmp_path), b"a") == ([None], [])


async def test_a_store_goes_on_from_where_it_stands(settings: Settings, tmp_path: Path) -> None:
    """Only what is new is applied, and due instants move."""
    await write(settings, {b"a": StateWrite(b"1", 7)})
    (await restored(settings, tmp_path)).close()
    await write(settings, {b"a": StateWrite(b"2", 70), b"b": StateWrite(b"1", 8)})
    assert seen(await restored(settings, tmp_path), b"a", b"b") == ([b"2", b"1"], [b"b", b"a"])


async def test_a_store_ahead_of_its_changelog_is_rebuilt(
    settings: Settings, tmp_path: Path
) -> None:
    """The changelog is the truth; somebody recreated it, or restored an old disk."""
    topic = settings.changelog("toy")
    store = Store(tmp_path / "0", f"cluster|{topic}|0")
    store.apply({b"ghost": frame(StateWrite(b"?", 1))}, Mark(10_000, 1))
    store.close()
    await write(settings, {b"a": StateWrite(b"1", 7)})
    with capture_logs() as warnings:
        assert seen(await restored(settings, tmp_path), b"a", b"ghost") == ([b"1", None], [b"a"])
    assert [line["reason"] for line in warnings if "reason" in line] == ["ahead"]


async def test_a_store_of_a_recreated_changelog_is_rebuilt(
    settings: Settings, tmp_path: Path
) -> None:
    """Long enough again, but with another record where the store left off."""
    topic = settings.changelog("toy")
    store = Store(tmp_path / "0", f"cluster|{topic}|0")
    store.apply({b"ghost": frame(StateWrite(b"?", 1))}, Mark(2, time.time_ns() // 1_000_000 - 1))
    store.close()
    await write(
        settings,
        {b"a": StateWrite(b"1", 7), b"b": StateWrite(b"1", 8)},
        {b"c": StateWrite(b"1", 9)},
    )
    with capture_logs() as warnings:
        states, due = seen(await restored(settings, tmp_path), b"a", b"b", b"c", b"ghost")
    assert (states, due) == ([b"1", b"1", b"1", None], [b"a", b"b", b"c"])
    assert [line["reason"] for line in warnings if "reason" in line] == ["rewritten"]


async def test_a_changelog_whose_beginning_is_gone_is_restored(
    settings: Settings, tmp_path: Path
) -> None:
    """After compaction or deletion the first offset is not 0."""
    await write(settings, {b"old": StateWrite(b"1", 1)}, {b"new": StateWrite(b"1", 2)})
    name = settings.changelog("toy")
    deletable = ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": "delete"})
    async with admin.admin(settings) as client:
        await client.alter_configs([deletable])
        for _ in range(100):  # the broker applies a configuration some time after it accepted it
            try:
                before = RecordsToDelete(before_offset=2)
                await client.delete_records({TopicPartition(name, 0): before})
                break
            except PolicyViolationError:
                await asyncio.sleep(0.05)
    assert seen(await restored(settings, tmp_path), b"old", b"new") == ([None, b"1"], [b"new"])


@pytest.mark.parametrize("kept", [True, False])
async def test_what_another_model_made_is_restored_as_due_at_once(
    settings: Settings, tmp_path: Path, kept: bool
) -> None:
    """Whether the store was there when the model changed, or is filled from the changelog."""
    await write(settings, {b"a": StateWrite(b"1", 70), b"b": StateWrite(b"1", None)}, model="old")
    if kept:
        (await restored(settings, tmp_path, "old")).close()
    await write(settings, {b"c": StateWrite(b"1", 60)}, model="new")
    await write(settings, {b"d": StateWrite(b"1", 50)}, model="old")  # a worker not yet replaced
    store = await restored(settings, tmp_path, "new")
    assert store.due_until(1, 9) == [b"a", b"b", b"d"]
    assert seen(store, b"a", b"b", b"c", b"d") == ([b"1"] * 4, [b"a", b"b", b"d", b"c"])
    assert seen(await restored(settings, tmp_path, "new"))[1] == [b"a", b"b", b"d", b"c"]
