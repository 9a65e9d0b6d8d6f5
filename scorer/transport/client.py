"""Reading and publishing for commands, demos and tests, without a group. Knows aiokafka.

Topics are logical names here; the prefix is added and taken off. Readers see committed records only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from scorer.contracts.records import Message
from scorer.settings import Settings
from scorer.transport.changelog import unframe
from scorer.transport.connection import connection
from scorer.transport.exits import BrokerUnreachable, NotReady, WriteFailed
from scorer.transport.restore import reader
from scorer.transport.topics import APPLY


class Publisher:
    """Sends messages to the partition of their key, as every Kafka client would."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._producer = producer
        self._pending: set[asyncio.Future[Any]] = set()
        self._failure: BaseException | None = None
        self.sent = 0

    async def send(self, message: Message) -> None:
        """Queue a message; waits only while the producer's buffer is full. Raises `WriteFailed`."""
        self._raise()
        future = await self._producer.send(
            self._settings.topic(message.topic),
            message.value,
            key=message.key,
            headers=list(message.headers),
            timestamp_ms=message.timestamp_ms,
        )
        self._pending.add(future)
        future.add_done_callback(self._done)
        self.sent += 1

    async def flush(self) -> None:
        """Wait until everything sent is written. Raises `WriteFailed`."""
        if self._pending:
            await asyncio.wait(self._pending)
        self._raise()

    def _done(self, future: asyncio.Future[Any]) -> None:
        self._pending.discard(future)
        if not future.cancelled() and future.exception() is not None:
            self._failure = future.exception()

    def _raise(self) -> None:
        if self._failure is not None:
            raise WriteFailed(f"a message was not written: {self._failure!r}") from self._failure


@asynccontextmanager
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    """A connected publisher; leaving the block without an error flushes it."""
    producer = AIOKafkaProducer(
        **connection(settings.kafka, f"{settings.app}-publish"),
        enable_idempotence=True,  # a retry writes nothing twice
        linger_ms=5,
        max_batch_size=262_144,
    )
    async with _connected(settings, producer):
        out = Publisher(settings, producer)
        yield out
        await out.flush()


async def read(
    settings: Settings,
    topics: Sequence[str],
    *,
    from_beginning: bool = False,
    follow: bool = True,
) -> AsyncIterator[ConsumerRecord]:
    """Committed records of some topics, in the order in which they are fetched.

    Without `follow` it ends at what was the end when it began. Raises `NotReady` for a topic that
    does not exist.
    """
    async for batch in read_batches(settings, topics, from_beginning=from_beginning, follow=follow):
        for record in batch:
            yield record


async def read_batches(
    settings: Settings,
    topics: Sequence[str],
    *,
    from_beginning: bool = False,
    follow: bool = True,
    wait_ms: int = 200,
) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """Like `read`, a batch at a time; with `follow` an empty one every `wait_ms` without records."""
    consumer = reader(settings, "read")
    async with _connected(settings, consumer):
        tps = await _partitions(settings, consumer, topics)
        ends = await consumer.end_offsets(tps)
        consumer.assign(tps)
        await (consumer.seek_to_beginning(*tps) if from_beginning else consumer.seek_to_end(*tps))
        left = {tp for tp in tps if await consumer.position(tp) < ends[tp]}
        while follow or left:
            found = await consumer.getmany(*(() if follow else left), timeout_ms=wait_ms)
            batch = [record for records in found.values() for record in records]
            if batch or follow:
                yield batch
            if not follow:
                left = {tp for tp in left if await consumer.position(tp) < ends[tp]}


async def read_states(
    settings: Settings, stage: str, *, keys: Iterable[bytes] | None = None
) -> dict[bytes, bytes]:
    """The states of a stage by key, out of its changelog: of some keys, or of all.

    Reads the partitions of the keys to their end: 1 s for a few 100,000 records.
    """
    wanted = None if keys is None else set(keys)
    consumer = reader(settings, "states")
    states: dict[bytes, bytes] = {}
    async with _connected(settings, consumer):
        tps = await _real_partitions(consumer, settings.changelog(stage))
        if wanted is not None:
            numbers = sorted(tp.partition for tp in tps)
            place = DefaultPartitioner()
            ours = {place(key, numbers, numbers) for key in wanted}
            tps = [tp for tp in tps if tp.partition in ours]
        ends = await consumer.end_offsets(tps) if tps else {}
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        left = {tp for tp in tps if await consumer.position(tp) < ends[tp]}
        while left:
            for records in (await consumer.getmany(*left, timeout_ms=200)).values():
                _collect(states, records, wanted)
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
    return states


async def read_state(settings: Settings, stage: str, key: bytes) -> bytes | None:
    """The state of one key of a stage, None when it has none."""
    return (await read_states(settings, stage, keys=[key])).get(key)


def _collect(
    states: dict[bytes, bytes], records: Iterable[ConsumerRecord], wanted: set[bytes] | None
) -> None:
    for record in records:
        if record.key is None or (wanted is not None and record.key not in wanted):
            continue
        if record.value is None:
            states.pop(record.key, None)
        else:
            states[record.key] = unframe(record.value)[1]


async def _partitions(
    settings: Settings, consumer: AIOKafkaConsumer, topics: Sequence[str]
) -> list[TopicPartition]:
    found = [await _real_partitions(consumer, settings.topic(name)) for name in topics]
    return [tp for tps in found for tp in tps]


async def _real_partitions(consumer: AIOKafkaConsumer, name: str) -> list[TopicPartition]:
    if name not in await consumer.topics():
        raise NotReady(f"topic {name} does not exist", APPLY)
    return [TopicPartition(name, p) for p in sorted(consumer.partitions_for_topic(name) or ())]


@asynccontextmanager
async def _connected(settings: Settings, client: Any) -> AsyncIterator[None]:
    servers = settings.kafka.bootstrap_servers
    try:
        await client.start()
        yield
    except (KafkaError, OSError) as error:
        raise BrokerUnreachable(f"no answer from {servers}: {error!r}") from error
    finally:
        await client.stop()
