"""How far the workers of a stage have come, seen from outside. Reads offsets; of records only whether
there are any, because the last offsets of a topic may be markers of transactions, which nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.catalogue import topic_cards
from scorer.settings import Settings
from scorer.transport.admin import admin
from scorer.transport.clients import partitions
from scorer.transport.offsets import committed_offsets
from scorer.transport.refusal import refusal
from scorer.transport.restore import reader

_POLL_MS: Final = 200


class Lag(NamedTuple):
    """One input partition of a stage."""

    topic: str  # logical
    partition: int
    committed: int  # the next offset to be read
    end: int  # after the last committed record

    @property
    def records(self) -> int:
        """What waits, counted in offsets; 0 when nothing but markers is left."""
        return max(0, self.end - self.committed)


class Member(NamedTuple):
    """One worker process that the group knows."""

    name: str
    host: str


class Group(NamedTuple):
    """A stage as the brokers see it."""

    stage: str
    state: str  # Stable, Empty, Dead, PreparingRebalance …
    members: list[Member]
    lags: list[Lag]


async def group(settings: Settings, stage: str) -> Group:
    """Members and lag of a stage. Raises `TransportError`, at once where its topics do not exist."""
    name = settings.group(stage)
    async with admin(settings) as client:
        (described,) = await client.describe_consumer_groups([name])
    ((_, _, state, _, _, members, *_),) = described.groups
    inputs = [card.name for card in topic_cards().values() if stage in card.consumers]
    lags = await _lags(settings, inputs, name)
    return Group(stage, state, sorted({Member(m[0], m[2].lstrip("/")) for m in members}), lags)


async def _lags(settings: Settings, inputs: Sequence[str], group_id: str) -> list[Lag]:
    consumer = reader(settings, "progress", group_id)
    names = {settings.topic(name): name for name in inputs}
    try:
        await consumer.start()
        tps = await partitions(consumer, [*names])
        begins, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        committed = await committed_offsets(consumer, tps)
        at = {tp: max(committed[tp], begins[tp]) for tp in tps}
        behind = {tp for tp in tps if at[tp] < ends[tp]}
        for tp in behind - await _with_records(consumer, at, ends, behind):
            at[tp] = ends[tp]
    except KafkaError as error:
        raise await refusal(settings.kafka, error) from error
    finally:
        await consumer.stop()
    return [Lag(names[tp.topic], tp.partition, at[tp], ends[tp]) for tp in tps]


async def _with_records(
    consumer: AIOKafkaConsumer,
    at: dict[TopicPartition, int],
    ends: dict[TopicPartition, int],
    behind: set[TopicPartition],
) -> set[TopicPartition]:
    """Those of the partitions in which a record waits, not only markers."""
    found: set[TopicPartition] = set()
    left = set(behind)
    if left:
        consumer.assign(list(left))
        for tp in left:
            consumer.seek(tp, at[tp])
    while left:
        found |= set(await consumer.getmany(*left, timeout_ms=_POLL_MS, max_records=len(left)))
        left = {tp for tp in left - found if await consumer.position(tp) < ends[tp]}
    return found
