"""A cluster as the referee reads it: where everything stands, and committed records up to there.

Knows aiokafka; judges nothing. Implements `scorer.verify.source.Source` without importing it: both
are of the same layer, and the command line brings them together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from scorer.settings import Settings
from scorer.transport.admin import admin, found
from scorer.transport.exits import BrokerUnreachable, NotReady
from scorer.transport.offsets import committed_offsets
from scorer.transport.patience import be_patient
from scorer.transport.restore import reader

_SETTLE_S: Final = 1.0
"""A commit shows on the offsets some ms before it shows on every topic: wait before asking for ends."""
_COORDINATOR_TRIES: Final = 10
_POLL_MS: Final = 200
_MEMBERS: Final = 5  # of DescribeGroups: (error, group, state, protocol type, protocol, members, …)


class Place(NamedTuple):
    """A partition of a topic by its logical name."""

    topic: str
    partition: int


class Standing(NamedTuple):
    """Begins, ends and committed offsets; see `scorer.verify.source.Snapshot`."""

    partitions: int
    changelog: str
    alive: bool
    begins: dict[tuple[str, int], int]
    ends: dict[tuple[str, int], int]
    committed: dict[tuple[str, int], int]
    committed_after: dict[tuple[str, int], int]
    compaction_lag_ms: dict[str, int]


class Audit:
    """One connected consumer; an async context manager. Raises `BrokerUnreachable` and `NotReady`.

    What is read is read without a group: a consumer of aiokafka that has one, and is given another
    partition while it looks for its coordinator, breaks (0.14).
    """

    def __init__(self, settings: Settings, stage: str) -> None:
        self._settings, self._stage = settings, stage
        self._changelog = settings.changelog(stage)
        self._group = settings.group(stage)
        self._consumer: Any = None

    async def __aenter__(self) -> Self:
        self._consumer = await self._started()
        be_patient(self._consumer)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._consumer.stop()

    async def _started(self, group: str | None = None) -> AIOKafkaConsumer:
        consumer = reader(self._settings, f"{self._stage}-audit", group)
        try:
            await consumer.start()
        except KafkaError as error:
            await consumer.stop()
            raise self._unreachable(error) from error
        return consumer

    async def standing(self, inputs: Sequence[str], outputs: Sequence[str]) -> Standing:
        """Where everything stands now."""
        names = [*inputs, *outputs, self._changelog]
        consumer: AIOKafkaConsumer = self._consumer
        async with admin(self._settings) as client:
            there = await found(client, [self._real(name) for name in names])
            alive = await _alive(client, self._group)
        for name in names:
            if self._real(name) not in there:
                missing = self._real(name)
                raise NotReady(f"topic {missing} does not exist", "run `lead-scorer topics apply`")
        partitions = there[self._real(inputs[0])].partitions
        tps = {
            TopicPartition(self._real(n), p): Place(n, p) for n in names for p in range(partitions)
        }
        folded = [tp for tp, place in tps.items() if place.topic in inputs]
        member = await self._started(self._group)
        try:
            begins = await consumer.beginning_offsets(list(tps))
            before = await _committed(member, folded, begins)
            await asyncio.sleep(_SETTLE_S)
            ends = await consumer.end_offsets(list(tps))
            after = await _committed(member, folded, begins)
        except KafkaError as error:
            raise self._unreachable(error) from error
        finally:
            await member.stop()
        return Standing(
            partitions,
            self._changelog,
            alive,
            {tps[tp]: at for tp, at in begins.items()},
            {tps[tp]: at for tp, at in ends.items()},
            {tps[tp]: at for tp, at in before.items()},
            {tps[tp]: at for tp, at in after.items()},
            {
                name: int(topic.configs.get("min.compaction.lag.ms", 0))
                for name in outputs
                if "compact" in (topic := there[self._real(name)]).configs.get("cleanup.policy", "")
            },
        )

    async def read(
        self, topic: str, partition: int, begin: int, end: int
    ) -> AsyncIterator[ConsumerRecord]:
        """The committed records of a partition with offsets from `begin` to below `end`."""
        if begin >= end:
            return  # not assigned: aiokafka (#1007) overhears a stop that follows at once, and hangs
        consumer: AIOKafkaConsumer = self._consumer
        tp = TopicPartition(self._real(topic), partition)
        consumer.assign([tp])
        consumer.seek(tp, begin)
        try:
            # By position, because the last offsets may be transaction markers, which nobody is shown.
            while await consumer.position(tp) < end:
                for record in (await consumer.getmany(tp, timeout_ms=_POLL_MS)).get(tp, ()):
                    if record.offset < end:
                        yield record
        except KafkaError as error:
            raise self._unreachable(error) from error

    async def end(self, topic: str, partition: int) -> int:
        """Where the committed records of a partition end now."""
        tp = TopicPartition(self._real(topic), partition)
        try:
            return int((await self._consumer.end_offsets([tp]))[tp])
        except KafkaError as error:
            raise self._unreachable(error) from error

    def _real(self, name: str) -> str:
        return name if name == self._changelog else self._settings.topic(name)

    def _unreachable(self, error: KafkaError) -> BrokerUnreachable:
        servers = self._settings.kafka.bootstrap_servers
        return BrokerUnreachable(f"no answer from {servers}: {error!r}")


async def _committed(
    member: AIOKafkaConsumer, tps: Sequence[TopicPartition], begins: dict[TopicPartition, int]
) -> dict[TopicPartition, int]:
    committed = await committed_offsets(member, tps)
    return {tp: max(committed[tp], begins[tp]) for tp in tps}


async def _alive(client: Any, group: str) -> bool:
    """Whether the group has members. On a young cluster no group has a coordinator for a moment."""
    for _ in range(_COORDINATOR_TRIES):
        try:
            described = await client.describe_consumer_groups([group])
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(_SETTLE_S)
        else:
            return any(entry[_MEMBERS] for response in described for entry in response.groups)
    return False
