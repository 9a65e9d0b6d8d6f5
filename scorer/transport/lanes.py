"""All lanes of one stage in one process: which partitions are ours, and since when.

`assign` and `revoke` follow the rebalances of the group; both may be called at any time, and a revoke
cuts an assign short. Knows aiokafka, knows no Faust.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from scorer.engine.ports import NO_EFFECTS, StageFactory
from scorer.observe.logs import Event
from scorer.settings import Settings
from scorer.transport.admin import admin, cluster_id
from scorer.transport.changelog import made_by
from scorer.transport.clock import Clock
from scorer.transport.exits import BrokerUnreachable, FoldFailed, TransportError
from scorer.transport.fetched import Fetched, Frontier
from scorer.transport.inbox import Inbox
from scorer.transport.lane import Lane, Pace, Watch
from scorer.transport.restore import Restore, reader
from scorer.transport.resume import resume
from scorer.transport.store import Store
from scorer.transport.writer import Writer

_log = structlog.get_logger()
_OVERDUE_S: Final = 10.0
"""After how long records that are known to be there are asked for again; a fetch takes 0.1 s."""


class Report(Protocol):
    """Where lanes are announced; see `scorer.transport.report`."""

    def assigned(self, partitions: Iterable[int]) -> None: ...
    def restored(self, partition: int, seconds: float) -> None: ...
    def lost(self, partition: int) -> None: ...
    def lane(self, partition: int, inbox: Inbox) -> Watch: ...


class Lanes:
    """Owns producers, stores and lanes. All methods are to be called on the worker's event loop."""

    def __init__(
        self,
        settings: Settings,
        factory: StageFactory,
        directory: Path,
        *,
        model_hash: str,
        clock: Clock,
        report: Report,
        frontier: Callable[[str, int], Frontier | None],
        on_failure: Callable[[TransportError], None],
    ) -> None:
        self._settings = settings
        self._factory = factory
        self._directory = directory
        self._model_hash = model_hash
        self._clock = clock
        self._report = report
        self._frontier = frontier
        self._on_failure = on_failure
        self._topics = [settings.topic(name) for name in factory.inputs]
        self._lanes: dict[int, Lane] = {}
        self._stores: dict[int, Store] = {}
        self._assigning: asyncio.Task[None] | None = None

    async def assign(self, partitions: Iterable[int]) -> None:
        """Own these partitions: fence, restore, start. Returns early when a revoke comes."""
        await self.revoke()
        self._assigning = asyncio.create_task(self._assign(sorted(set(partitions))))
        await asyncio.wait([self._assigning])

    async def revoke(self) -> None:
        """Stop all lanes after the unit under way; stores stay open for what comes back."""
        task, self._assigning = self._assigning, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.stop() for lane in lanes.values()))

    async def close(self) -> None:
        """Stop everything: the worker ends."""
        await self.revoke()
        self._close_stores(list(self._stores))

    def deliver(self, batch: Fetched) -> int | None:
        """Hand a batch to its lane; the offset to seek to when records before it are missing."""
        lane = self._lanes.get(batch.partition)
        if lane is None or lane.put(batch):
            return None  # without a lane it is old: the partition is fetched again from its commit
        return lane.inbox.position_of(batch.topic)

    def overdue(self, now_s: float) -> list[tuple[str, int, int]]:
        """Topic, partition and offset of records that the brokers have and the client does not bring."""
        return [
            (topic, partition, lane.inbox.position_of(topic))
            for partition, lane in self._lanes.items()
            for topic in lane.inbox.overdue(now_s, _OVERDUE_S)
        ]

    def wants(self, topic: str, partition: int) -> bool:
        """Whether more records of an input may be fetched now."""
        lane = self._lanes.get(partition)
        return lane is not None and lane.inbox.waiting(topic) < self._settings.lanes.queue_records

    async def _assign(self, partitions: list[int]) -> None:
        try:
            self._report.assigned(partitions)
            for lost in sorted(self._stores.keys() - set(partitions)):
                _log.info(Event.PARTITION_LOST, partition=lost)
                self._report.lost(lost)
            self._close_stores([p for p in self._stores if p not in partitions])
            await self._start(partitions)
        except TransportError as error:
            self._on_failure(error)
        except (KafkaError, OSError) as error:
            self._on_failure(BrokerUnreachable(f"lanes could not be started: {error!r}"))
        except Exception as error:  # noqa: BLE001  (whatever it is, it must end the worker)
            failure = FoldFailed(f"lanes could not be started: {error!r}")
            failure.__cause__ = error
            self._on_failure(failure)

    async def _start(self, partitions: Sequence[int]) -> None:
        name = self._factory.name
        writers = {p: Writer(self._settings, name, p, self._model_hash) for p in partitions}
        consumer = reader(self._settings, f"{name}-restore", self._settings.group(name))
        started = False
        try:
            # Fence first: only then is the end of the changelog, and are the offsets, final.
            await asyncio.gather(*(writer.start() for writer in writers.values()))
            await consumer.start()
            stores = await self._restore(consumer, partitions)
            positions = await self._positions(consumer, stores, writers)
            for partition in partitions:
                lane = self._lane(partition, positions[partition], stores, writers)
                self._lanes[partition] = lane
                lane.start()
                _log.info(Event.LANE_STARTED, partition=partition, begins=positions[partition])
            started = True
            _log.info(Event.WORKER_READY, partitions=partitions)
        finally:
            await consumer.stop()
            if not started:
                await asyncio.gather(*(writer.stop() for writer in writers.values()))

    async def _restore(
        self, consumer: AIOKafkaConsumer, partitions: Sequence[int]
    ) -> Mapping[int, Store]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        topic = self._settings.changelog(self._factory.name)
        async with admin(self._settings) as client:
            owner = f"{await cluster_id(client)}|{topic}|"
        paths = {p: self._directory / str(p) for p in partitions}
        kept, self._stores = self._stores, {}  # a restore that fails closes them all
        made = made_by(self._model_hash)
        restore = Restore(consumer, topic, owner, made, self._factory.tier_of)
        self._stores = await restore.run(paths, kept)
        seconds = round(loop.time() - began, 3)
        for partition in partitions:
            self._report.restored(partition, seconds)
        _log.info(Event.PARTITION_RESTORED, partitions=partitions, seconds=seconds)
        return self._stores

    async def _positions(
        self,
        consumer: AIOKafkaConsumer,
        stores: Mapping[int, Store],
        writers: Mapping[int, Writer],
    ) -> dict[int, dict[str, int]]:
        """Where each input begins; the brokers are told again what they have forgotten."""
        tps = [TopicPartition(topic, p) for p in writers for topic in self._topics]
        if not tps:
            return {}
        folded = {
            TopicPartition(topic, p): position
            for p in writers
            for topic, position in stores[p].positions.items()
        }
        found = await resume(consumer, tps, folded)
        out: dict[int, dict[str, int]] = {p: {} for p in writers}
        for tp in tps:
            out[tp.partition][tp.topic] = found.offsets[tp]
        for p, writer in writers.items():
            told = {topic: at for topic, at in out[p].items() if (topic, p) in found.forgotten}
            if told:
                await writer.commit(NO_EFFECTS, {}, told)
        return out

    def _lane(
        self,
        partition: int,
        positions: Mapping[str, int],
        stores: Mapping[int, Store],
        writers: Mapping[int, Writer],
    ) -> Lane:
        lanes = self._settings.lanes
        inbox = Inbox(
            positions,
            lambda topic: self._frontier(topic, partition),
            lanes.max_batch_records,
            lanes.max_batch_bytes,
        )
        return Lane(
            self._factory(partition),
            inbox,
            stores[partition],
            writers[partition],
            clock=self._clock,
            pace=Pace(
                self._settings.tick_seconds,
                lanes.due_batch,
                lanes.commit_interval_ms / 1000,
                lanes.flush_seconds,
            ),
            watch=self._report.lane(partition, inbox),
            on_failure=self._on_failure,
        )

    def _close_stores(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self._stores.pop(partition).close()
