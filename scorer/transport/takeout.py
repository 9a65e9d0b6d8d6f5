"""Single records taken out of a topic that is not compacted. Knows aiokafka, knows no lead.

A log can only be cut at its front: what is to stay is written once more, at the end, and then everything
before is deleted. A partition without anything to take out is left as it is. Interrupted, it leaves
copies behind and loses nothing; done again, it takes out what it should.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from scorer.contracts.records import Record
from scorer.settings import Settings
from scorer.transport.admin import admin
from scorer.transport.clients import read
from scorer.transport.connection import connection
from scorer.transport.refusal import refusal
from scorer.transport.restore import reader

_REQUEST_BYTES: Final = 1 << 20  # as large as a dead letter may be


class TakenOut(NamedTuple):
    """What was done, or would be."""

    records: int  # that are gone
    copied: int  # of the same partitions, written again because they stay


async def take_out(
    settings: Settings, name: str, goes: Callable[[Record], bool], *, dry_run: bool = False
) -> TakenOut:
    """Take the records that go out of a topic (logical name). Raises `TransportError`."""
    topic = settings.topic(name)
    ends = await _ends(settings, topic)
    gone = copied = 0
    cut: dict[TopicPartition, RecordsToDelete] = {}
    async with AsyncExitStack() as stack:
        # Whoever may only read can count: to start this producer takes the right to write.
        producer = None if dry_run else await stack.enter_async_context(_producer(settings))
        for partition, end in ends.items():
            found = [goes(record) async for record in _before(settings, topic, partition, end)]
            if not any(found):
                continue
            gone += sum(found)
            copied += len(found) - sum(found)
            if producer is not None:
                await _copy(producer, _before(settings, topic, partition, end), goes)
                cut[TopicPartition(topic, partition)] = RecordsToDelete(end)
    if cut:
        async with admin(settings) as client:
            await client.delete_records(cut)
    return TakenOut(gone, copied)


async def _copy(
    producer: AIOKafkaProducer,
    records: AsyncIterator[ConsumerRecord],
    goes: Callable[[Record], bool],
) -> None:
    """Write what stays of a partition to its end; returns when the brokers have it.

    In batches of our own: a record without key and value may be a dead letter, and `send` refuses it.
    """
    batch, target = producer.create_batch(), None
    async for record in records:
        if goes(record):
            continue
        target = record.topic, record.partition
        row = {"key": record.key, "value": record.value, "headers": list(record.headers)}
        if batch.append(timestamp=None, **row) is None:  # full: send it and begin another one
            await _ship(producer, batch, target)
            batch = producer.create_batch()
            batch.append(timestamp=None, **row)
    if target is not None:
        await _ship(producer, batch, target)


async def _ship(producer: AIOKafkaProducer, batch: Any, target: tuple[str, int]) -> None:
    await (await producer.send_batch(batch, target[0], partition=target[1]))


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **connection(settings.kafka, f"{settings.app}-takeout"),
        acks="all",
        enable_idempotence=True,
        max_request_size=_REQUEST_BYTES,
        max_batch_size=_REQUEST_BYTES,
    )
    try:
        await producer.start()
        yield producer
    except KafkaError as error:
        raise await refusal(settings.kafka, error) from error
    finally:
        await producer.stop()


async def _before(
    settings: Settings, topic: str, partition: int, end: int
) -> AsyncIterator[ConsumerRecord]:
    async for record in read(settings, [topic], partition=partition):
        if record.offset < end:
            yield record


async def _ends(settings: Settings, topic: str) -> dict[int, int]:
    """The ends of what is committed: what comes later stays where it is."""
    consumer = reader(settings, "takeout")
    try:
        await consumer.start()
        tps = [TopicPartition(topic, p) for p in range(settings.topics.partitions)]
        return {tp.partition: end for tp, end in (await consumer.end_offsets(tps)).items()}
    except KafkaError as error:
        raise await refusal(settings.kafka, error) from error
    finally:
        await consumer.stop()
