"""One lane's way out: outputs, changelog and offsets in one Kafka transaction. Knows aiokafka.

Owns the transactional id of the lane: starting a writer fences whoever used it before, and settles
the transaction that one may have left open.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import aiokafka.producer.sender
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)

from scorer.engine.ports import Effects
from scorer.observe.logs import Event
from scorer.settings import Compression, Settings
from scorer.transport.changelog import made_by
from scorer.transport.connection import connection
from scorer.transport.exits import Fenced, Stuck, WriteFailed
from scorer.transport.outgoing import Row, fill

_log = structlog.get_logger()

# Of one record batch, uncompressed: the topic cards accept 1,048,588 bytes. Fewer, larger batches
# are cheaper, because a partition takes one batch a round trip.
_BATCH_BYTES: Final = 1_000_000
_STOP_S: Final = 5.0
NOTICE_S: Final = 10.0
"""After how long a start is said to wait, and how often it is said again."""
# One transaction in ten meets CONCURRENT_TRANSACTIONS, because the markers of the one before take 2 to
# 5 ms. aiokafka asks again after 20 ms, and has no argument for it: at 2,000 events/s the 90th
# percentile of the latency is 33 ms with that, and 24 ms with this.
aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.003
_FENCED: Final = (
    ProducerFenced,
    InvalidProducerEpoch,
    OutOfOrderSequenceNumber,
    UnknownProducerId,
)


class Written(NamedTuple):
    """Where the changelog stands after a commit."""

    end: int  # offset after the last changelog record; -1: the commit wrote none
    timestamp_ms: int  # of that record


_Target = tuple[str, int]  # real topic name, partition
_Sent = tuple[str, int, int, asyncio.Future[Any]]  # topic, records, last timestamp of a batch


class Writer:
    """Not safe for concurrent use; a failed writer is thrown away together with its lane."""

    def __init__(
        self, settings: Settings, stage: str, partition: int, model_hash: str = ""
    ) -> None:
        """`model_hash` is noted on every record of the changelog."""
        self._settings = settings
        self._partition = partition
        self._group = settings.group(stage)
        self._changelog = settings.changelog(stage)
        self._made_by: list[tuple[str, bytes | None]] = list(made_by(model_hash))
        codec = settings.lanes.compression
        self._transactional_id = f"{self._group}-{partition}"
        self._options: dict[str, Any] = {
            **connection(settings.kafka, self._transactional_id),
            "transactional_id": self._transactional_id,
            "transaction_timeout_ms": settings.kafka.transaction_timeout_ms,
            "compression_type": None if codec is Compression.NONE else codec.value,
            "max_batch_size": _BATCH_BYTES,
            "retry_backoff_ms": 10,  # for what else passes; 100 would double the 99th percentile
        }
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Fence earlier owners of the partition; returns when their transaction is settled."""
        self._producer = AIOKafkaProducer(**self._options)
        saying = asyncio.create_task(self._say_that_it_waits())
        try:
            await self._producer.start()
        except KafkaError as error:
            raise WriteFailed(f"transactional id {self._transactional_id}: {error!r}") from error
        finally:
            saying.cancel()

    async def _say_that_it_waits(self) -> None:
        """A broker that cannot end the transaction left behind lets a start wait without a word."""
        waited_s = 0.0
        while True:
            await asyncio.sleep(NOTICE_S)
            waited_s += NOTICE_S
            _log.warning(
                Event.LANE_WAITING,
                partition=self._partition,
                transactional_id=self._transactional_id,
                seconds=waited_s,
                reason="the broker has not settled the transaction that its last owner left open",
                advice="look for partitions without a leader (kafka-topics.sh --describe "
                "--unavailable-partitions); see docs/runbooks/PartitionsUnowned.md",
            )

    async def commit(
        self, effects: Effects, values: Mapping[bytes, bytes | None], offsets: Mapping[str, int]
    ) -> Written:
        """All or nothing: outputs, dead letters, changelog values, and input offsets by topic.

        Raises `Fenced`, `WriteFailed` or `Stuck`; nothing that it wrote is visible then, unless the
        commit itself was cut off, which the next owner of the partition settles.
        """
        limit_s = self._settings.kafka.transaction_timeout_ms / 1000
        try:
            return await asyncio.wait_for(self._commit(effects, values, offsets), limit_s)
        except TimeoutError:
            raise Stuck(
                f"a transaction of {self._transactional_id} took over {limit_s} s"
            ) from None
        except _FENCED as error:
            raise Fenced(f"{self._transactional_id} has a newer owner ({error!r})") from error
        except KafkaError as error:
            raise WriteFailed(f"{self._transactional_id} could not commit: {error!r}") from error

    async def stop(self) -> None:
        """Close the connections; an open transaction is left to the next owner to abort."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), _STOP_S)
        except (KafkaError, TimeoutError, asyncio.CancelledError):
            return  # it was fenced, or cut off: either is why it is being stopped

    async def _commit(
        self, effects: Effects, values: Mapping[bytes, bytes | None], offsets: Mapping[str, int]
    ) -> Written:
        producer = self._producer
        assert producer is not None
        await producer.begin_transaction()
        sent = await self._send(producer, self._rows(effects, values))
        if offsets:
            tps = {TopicPartition(topic, self._partition): at for topic, at in offsets.items()}
            await producer.send_offsets_to_transaction(tps, self._group)
        last = Written(-1, -1)
        for topic, count, timestamp_ms, future in sent:
            try:
                metadata = await future
            except _FENCED:
                raise
            except KafkaError as error:
                raise WriteFailed(f"topic {topic} refused a write: {error!r}") from error
            if topic == self._changelog:
                last = Written(metadata.offset + count, timestamp_ms)
        await producer.commit_transaction()
        return last

    async def _send(
        self, producer: AIOKafkaProducer, by_target: Mapping[_Target, Sequence[Row]]
    ) -> list[_Sent]:
        """Hand everything to the producer, in batches."""
        sent: list[_Sent] = []
        for (topic, partition), rows in by_target.items():
            left = rows
            while left:
                batch = producer.create_batch()
                count, last_ms = fill(batch, left)
                future = await producer.send_batch(batch, topic, partition=partition)
                sent.append((topic, count, last_ms, future))
                left = left[count:]
        return sent

    def _rows(
        self, effects: Effects, values: Mapping[bytes, bytes | None]
    ) -> Mapping[_Target, Sequence[Row]]:
        """Records by real topic name and partition, in order."""
        rows: dict[_Target, list[Row]] = defaultdict(list)
        own = self._partition
        prefix = self._settings.topics.prefix
        told = self._settings.outputs.publish
        for messages in (effects.outputs, effects.dead_letters) if told else ():
            for topic, key, value, headers, timestamp_ms, partition in messages:
                target = prefix + topic, own if partition is None else partition
                rows[target].append((key, value, list(headers), timestamp_ms))
        if values:
            rows[self._changelog, own] = [
                (key, value, self._made_by, None) for key, value in values.items()
            ]
        return rows
