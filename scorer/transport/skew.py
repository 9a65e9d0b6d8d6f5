"""Whether brokers or publishers live ahead of this machine's clock. Reads timestamps, no records."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from scorer.settings import Settings
from scorer.transport.exits import BrokerUnreachable
from scorer.transport.restore import reader


async def stamped_after(settings: Settings, topics: Sequence[str], time_ms: int) -> list[str]:
    """Those of the topics (real names) that hold a record with a timestamp at or after an instant."""
    consumer = reader(settings, "skew")
    try:
        await consumer.start()
        known = await consumer.topics()
        asked = {
            TopicPartition(topic, partition): time_ms
            for topic in topics
            if topic in known
            for partition in consumer.partitions_for_topic(topic) or ()
        }
        found = await consumer.offsets_for_times(asked) if asked else {}
        return sorted({tp.topic for tp, offset in found.items() if offset is not None})
    except KafkaError as error:
        servers = settings.kafka.bootstrap_servers
        raise BrokerUnreachable(f"no answer from {servers}: {error!r}") from error
    finally:
        await consumer.stop()
