"""Reading and writing topics from outside of a worker: command line, demo. Knows aiokafka.

async for record in read(settings, ["leads.scores.v1"], follow=True): …
async with sending(settings) as send: await send(messages)
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from scorer.contracts.records import Message
from scorer.settings import Compression, Settings
from scorer.transport.connection import connection
from scorer.transport.exits import NotReady, WriteFailed
from scorer.transport.patience import be_patient
from scorer.transport.refusal import refusal
from scorer.transport.restore import reader

Send = Callable[[Sequence[Message]], Awaitable[None]]
"""Writes messages, their topics by logical name; returns when the brokers have them all."""

_POLL_MS: Final = 200
_BATCH_BYTES: Final = 256 * 1024
_LINGER_MS: Final = 5


async def read(
    settings: Settings,
    topics: Sequence[str],
    *,
    follow: bool = False,
    from_end: bool = False,
    partition: int | None = None,
    last: int | None = None,
) -> AsyncIterator[ConsumerRecord]:
    """Committed records of topics (real names): to the end of now, or for ever with `follow`.

    With `partition`, of that one alone; with `last`, the latest so many of each. Raises
    `BrokerUnreachable`, and `NotReady` for a topic that does not exist.
    """
    consumer = reader(settings, "reader")
    try:
        await consumer.start()
        be_patient(consumer)
        skip = 0 if from_end else last
        async for record in _records(consumer, topics, follow, skip, partition):
            yield record
    except KafkaError as error:
        raise await refusal(settings.kafka, error) from error
    finally:
        await consumer.stop()


async def _records(
    consumer: AIOKafkaConsumer,
    topics: Sequence[str],
    follow: bool,
    last: int | None,
    only: int | None,
) -> AsyncIterator[ConsumerRecord]:
    tps = [tp for tp in await partitions(consumer, topics) if only in {None, tp.partition}]
    consumer.assign(tps)
    ends = await consumer.end_offsets(tps)
    if last is not None:
        begins = await consumer.beginning_offsets(tps)
        for tp in tps:
            consumer.seek(tp, max(begins[tp], ends[tp] - last))
    left = set(tps)
    while follow or left:
        for records in (await consumer.getmany(*left, timeout_ms=_POLL_MS)).values():
            for record in records:
                yield record
        if not follow:  # by position, because the last offsets may be transaction markers
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}


async def partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of topics (real names); `NotReady` where one does not exist."""
    # All metadata, because the consumer's own holds only the topics that it is subscribed to.
    known = await consumer._client.fetch_all_metadata()
    missing = sorted(set(topics) - known.topics())
    if missing:
        raise NotReady(f"topic {missing[0]} does not exist", "run `lead-scorer topics apply`")
    return [TopicPartition(t, p) for t in topics for p in known.partitions_for_topic(t) or ()]


@asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[Send]:
    """A way to publish. Partitions follow the key as everybody's default partitioner has it."""
    codec = settings.lanes.compression
    producer = AIOKafkaProducer(
        **connection(settings.kafka, f"{settings.app}-publisher"),
        acks="all",
        enable_idempotence=True,  # a retry neither doubles nor reorders
        compression_type=None if codec is Compression.NONE else codec.value,
        max_batch_size=_BATCH_BYTES,
        linger_ms=_LINGER_MS,
    )

    async def send(messages: Sequence[Message]) -> None:
        now_ms = time.time_ns() // 1_000_000
        try:
            sent = [
                await producer.send(
                    settings.topic(message.topic),
                    message.value,
                    key=message.key,
                    headers=list(message.headers),
                    timestamp_ms=message.timestamp_ms or now_ms,
                    partition=message.partition,
                )
                for message in messages
            ]
            for acknowledged in sent:
                await acknowledged
        except KafkaError as error:
            topics = ", ".join(sorted({settings.topic(message.topic) for message in messages}))
            raise WriteFailed(
                f"the brokers did not take messages for {topics}: {error!r}"
            ) from error

    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise await refusal(settings.kafka, error) from error
    try:
        yield send
    finally:
        await producer.stop()
