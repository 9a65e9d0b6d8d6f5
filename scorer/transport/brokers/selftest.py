"""Proof that a broker does what the lanes rely on. Knows aiokafka, knows no topic of ours."""

from __future__ import annotations

import uuid

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from scorer.transport.exits import BrokerUnreachable

_REMEDY = "use Apache Kafka 3.7 or later instead: set kafka.bootstrap_servers"


async def prove(bootstrap: str) -> None:
    """Topics, transactions, fencing, read_committed and group offsets; raises BrokerUnreachable."""
    name = f"selftest-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
        zombie = await _producer(bootstrap, name)
        owner = None
        try:
            await zombie.begin_transaction()
            await zombie.send_and_wait(name, b"aborted", partition=0)
            owner = await _producer(bootstrap, name)  # fences and aborts the zombie's transaction
            await _write(owner, name)
            await _refused(zombie)
        finally:
            await _quietly_stop(zombie)
            if owner:
                await _quietly_stop(owner)
        await _read(bootstrap, name)
        await admin.delete_topics([name])
    except (KafkaError, AssertionError) as error:
        raise BrokerUnreachable(f"the broker failed its self-test: {error!r}", _REMEDY) from error
    finally:
        await admin.close()


async def _producer(bootstrap: str, name: str) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=name)
    await producer.start()
    return producer


async def _write(producer: AIOKafkaProducer, name: str) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(name, b"committed", partition=0)
    await producer.send_offsets_to_transaction({TopicPartition(name, 0): 7}, name)
    await producer.commit_transaction()


async def _refused(zombie: AIOKafkaProducer) -> None:
    try:
        await zombie.commit_transaction()
    except KafkaError:
        return
    raise AssertionError("a fenced producer could commit")


async def _read(bootstrap: str, name: str) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=name,
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        tp = TopicPartition(name, 0)
        consumer.assign([tp])
        if await consumer.committed(tp) != 7:
            raise AssertionError("offsets of a transaction were not kept")
        await consumer.seek_to_beginning(tp)
        record = await consumer.getone()
        if record.value != b"committed":
            raise AssertionError("a read_committed reader saw an aborted record")
    finally:
        await consumer.stop()


async def _quietly_stop(producer: AIOKafkaProducer) -> None:
    try:
        await producer.stop()
    except KafkaError:
        return  # a fenced producer says so once more
