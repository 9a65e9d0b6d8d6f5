"""Faust's consumer, handing over whole batches. The only overrides of Faust internals are here.

Faust decides when to fetch (rebalances, flow control); `scorer.transport.fetch` does it. An agent gets
one message per fetched batch of a partition, undecoded; Faust never commits an offset.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from faust import Event, Schema
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP, ConsumerMessage

from scorer.transport.fetch import Fetch, group_consumer
from scorer.transport.fetched import Fetched, Frontier
from scorer.transport.membership import trouble
from scorer.transport.patience import be_patient

if TYPE_CHECKING:
    from topologies.app import StageApp

_FULL_WAIT_S: Final = 0.02  # until lanes that were full are asked again
_JOIN_S: Final = 2.0  # that a stop waits for a group that is being joined; usually 0.1 s


class RawSchema(Schema):
    """Passes the batch on as it is: Faust acknowledges what it cannot decode, and we must not."""

    def compile(self, app: Any, *_args: Any, **_kwargs: Any) -> Any:
        async def decode(message: Any, **_kwargs: Any) -> Event:
            return Event(app, None, message.value, None, message)

        return decode


class BatchThread(AIOKafkaConsumerThread):
    """The thread with the Kafka client."""

    fetch: Fetch | None = None
    mundane_level = "debug"

    def _create_worker_consumer(self, transport: Any) -> Any:
        app = cast("StageApp", self.app)
        return group_consumer(app.product, app.stage, app.member)

    async def on_start(self) -> None:
        await super().on_start()
        self.fetch = Fetch(self._ensure_consumer(), cast("StageApp", self.app).clock)
        be_patient(self._ensure_consumer())

    async def on_thread_stop(self) -> None:
        """A clean stop. aiokafka leaves the group for members without a name of their own only."""
        if self._consumer is not None:
            if cast("StageApp", self.app).product.kafka.leave_on_stop:
                self._consumer._coordinator._group_instance_id = None
            await _end_joining(self._consumer)
        await super().on_thread_stop()

    async def _fetch_records(
        self, consumer: Any, active_partitions: Any, timeout: Any = None, max_records: Any = None
    ) -> Any:
        if self.fetch is None or not active_partitions:
            return []
        return await self.fetch.take(
            active_partitions, timeout, lambda: bool(self.consumer.flow_active)
        )


async def _end_joining(consumer: Any) -> None:
    """Let go of a group that is still waiting for other members, 30 s if one of them hangs.

    aiokafka waits for the answer of the brokers before it stops. A worker that has a place leaves it as
    told; one that was about to get its first loses it with the session.
    """
    coordinator, subscription = consumer._coordinator, consumer._subscription.subscription
    until = time.monotonic() + _JOIN_S
    while subscription is not None and coordinator.need_rejoin(subscription):
        if time.monotonic() > until:
            coordinator._coordination_task.cancel()
            await asyncio.wait([coordinator._coordination_task])
            return
        await asyncio.sleep(_FULL_WAIT_S)


class BatchConsumer(Consumer):
    """Batches to the agent, full lanes left out, no commits."""

    _thread: BatchThread
    mundane_level = "debug"

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def thread_loop(self) -> asyncio.AbstractEventLoop:
        """Of the thread with the Kafka client."""
        return cast(asyncio.AbstractEventLoop, self._thread.thread_loop)

    def frontier(self, topic: str, partition: int) -> Frontier | None:
        """The newest known end of a partition."""
        fetch = self._thread.fetch
        return fetch.frontier(topic, partition) if fetch else None

    def forget_frontiers(self) -> None:
        """Partitions were revoked, or assigned."""
        if self._thread.fetch:
            self._thread.fetch.forget()

    def trouble(self) -> BaseException | None:
        """Why this member does nothing more for its group; None: it does, or has not begun."""
        consumer = self._thread._consumer
        return None if consumer is None else trouble(consumer)

    async def reread(self, topic: str, partition: int, offset: int) -> None:
        """Fetch a partition again from an offset, unless it has gone to another worker."""
        tp = TP(topic, partition)
        if tp in self.assignment():
            self._read_offset[tp] = None  # else Faust drops what lies before its last message
            await self._thread.call_thread(self._thread._ensure_consumer().seek, tp, offset)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        lanes = cast("StageApp", self.app).lanes
        wanted = {tp for tp in active_partitions if lanes.wants(tp.topic, tp.partition)}
        if len(wanted) < len(active_partitions):
            timeout = min(timeout, _FULL_WAIT_S)
        if not wanted:
            await self.sleep(timeout)
            return []
        return await self._thread.getmany(wanted, timeout)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        fetched, _ = await self._wait_next_records(timeout)
        if fetched is None or self.should_stop or not self.flow_active:
            return  # a rebalance: everything is fetched again from the committed offsets
        for batch in cast("Iterable[Fetched]", fetched):
            tp = TP(batch.topic, batch.partition)
            yield tp, self._message(tp, batch)

    def _message(self, tp: TP, batch: Fetched) -> ConsumerMessage:
        last = batch.after - 1
        return ConsumerMessage(
            *(tp.topic, tp.partition, last, 0.0, 0, None, None, batch, None, None, None, tp),
            generation_id=self.app.consumer_generation_id,
        )

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        return True  # the lanes commit; a commit of Faust's could move an offset back


class BatchTransport(Transport):
    """Faust's Kafka transport with our consumer."""

    Consumer: ClassVar[Any] = BatchConsumer
