"""Fetching batches, and knowing how far one has read. Knows aiokafka's consumer from the inside.

Lives in the thread of the consumer; `frontier` may be asked from any thread.

What a lane needs beyond records: the positions before and after every batch, because offsets alone
have holes (compaction, transaction markers), and for each partition the instant at which the broker
was asked that said "this is the end": only up to there may time advance a lead. The end is that of the
log: while a publisher's transaction is open, what lies behind its first record is there and unread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

import scorer.transport.batches  # noqa: F401  (so that any batch can be read)
from scorer.settings import Settings
from scorer.transport.clock import Clock
from scorer.transport.connection import connection
from scorer.transport.fetched import Fetched, Frontier

_MAX_RECORDS: Final = (
    20_000  # of one call: bounds what is in Python objects between thread and lanes
)


def group_consumer(settings: Settings, stage: str, member: str) -> AIOKafkaConsumer:
    """The consumer of a stage's group: static member, co-partitioned, committed records only."""
    kafka, lanes = settings.kafka, settings.lanes
    return AIOKafkaConsumer(
        **connection(kafka, f"{settings.app}-{stage}"),
        group_id=settings.group(stage),
        group_instance_id=f"{member}-{stage}",
        partition_assignment_strategy=[RangePartitionAssignor],
        isolation_level="read_committed",
        enable_auto_commit=False,  # offsets are committed by the lanes, inside transactions
        auto_offset_reset="earliest",
        session_timeout_ms=kafka.session_timeout_s * 1000,
        heartbeat_interval_ms=kafka.session_timeout_s * 200,
        rebalance_timeout_ms=30_000,
        max_partition_fetch_bytes=lanes.fetch_max_bytes,
        fetch_max_wait_ms=lanes.fetch_max_wait_ms,
        metadata_max_age_ms=60_000,
    )


class Fetch:
    """Takes batches from a started consumer."""

    def __init__(self, consumer: AIOKafkaConsumer, clock: Clock) -> None:
        self._consumer = consumer
        self._fetcher: Any = consumer._fetcher
        self._clock = clock
        # aiokafka lets a member that has not called `getmany` for `max_poll_interval_ms` never join
        # again, and knows no other call: nor is it one that a restore or a worker in reserve makes.
        self._polling = consumer._subscription.fetch_context()
        self._polling.__enter__()
        self._frontiers: dict[TopicPartition, Frontier] = {}
        self._rebalances = 0  # so often were partitions taken or given
        self._proceed = self._fetcher._proc_fetch_request
        self._fetcher._proc_fetch_request = self._watch_fetch

    def frontier(self, topic: str, partition: int) -> Frontier | None:
        """The newest known end of a partition, None before the first answer about it."""
        return self._frontiers.get(TopicPartition(topic, partition))

    def forget(self) -> None:
        """Partitions were revoked, or assigned: what is known of their ends, and under way, is old."""
        self._frontiers = {}
        self._rebalances += 1

    async def take(
        self,
        tps: Iterable[TopicPartition],
        timeout: float,
        heard: Callable[[], bool] = lambda: True,
    ) -> list[Fetched]:
        """All batches that wait for these partitions; at most `timeout` s for the first.

        Nothing is taken once a rebalance has come while this waits, or nobody has `heard`: what is taken
        then and thrown away is not fetched again where the group has committed nothing yet.
        """
        began = self._rebalances
        wanted = set(tps)
        deadline = time.monotonic() + timeout
        while wanted and heard() and self._rebalances == began:
            batches = await self._waiting(wanted)
            left = deadline - time.monotonic()
            if batches or left <= 0:
                return batches
            await asyncio.wait([self._fetcher._create_fetch_waiter()], timeout=left)
        return []

    async def _waiting(self, wanted: set[TopicPartition]) -> list[Fetched]:
        """What is there. Never suspends, so that the positions belong to exactly these records."""
        if self._consumer._subscription.reassignment_in_progress:
            return []  # aiokafka would wait for the new partitions, and take from them
        states = self._states(wanted)
        before = {tp: state.position for tp, state in states.items()}
        records = await self._fetcher.fetched_records(wanted, 0, _MAX_RECORDS)
        return [
            Fetched(tp.topic, tp.partition, before[tp], state.position, records.get(tp, ()))
            for tp, state in states.items()
            if tp in records or state.position != before[tp]
        ]

    def _states(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, Any]:
        subscription = self._consumer._subscription.subscription
        assignment = subscription.assignment if subscription else None
        if assignment is None or not assignment.active:
            return {}
        states = {tp: assignment.state_value(tp) for tp in tps if tp in assignment.tps}
        return {tp: state for tp, state in states.items() if state.has_valid_position}

    async def _watch_fetch(self, assignment: Any, node_id: int, request: Any) -> bool:
        asked_us = self._clock.now_us()
        states = {
            TopicPartition(topic, entry[0]): assignment.state_value(TopicPartition(topic, entry[0]))
            for topic, entries in request.topics
            for entry in entries
        }
        for state in states.values():
            state.timestamp = None  # set again by an answer without an error
        new_data = await self._proceed(assignment, node_id, request)
        if assignment.active:
            for tp, state in states.items():
                if state.timestamp is not None:
                    end = state.lso if state.lso is not None and state.lso >= 0 else state.highwater
                    held = max(0, (state.highwater or 0) - end)
                    before = self._frontiers.get(tp)
                    # What lies behind an open transaction was not there when nothing was held yet.
                    since_us = asked_us if not held else before.asked_us if before else 0
                    self._frontiers[tp] = Frontier(since_us, end, held)
        return bool(new_data)
