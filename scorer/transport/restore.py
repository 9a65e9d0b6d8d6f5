"""Bringing local stores up to their changelogs. Knows aiokafka's consumer and our stores.

Reads committed records from where the store stands until the *position* reaches the end: the last
offsets of a changelog are transaction markers, which no record ever shows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

import scorer.transport.batches  # noqa: F401  (so that any batch can be read)
from scorer.contracts.records import Headers
from scorer.engine.ports import TierOf
from scorer.observe.logs import Event
from scorer.settings import Settings
from scorer.transport.changelog import due_at_once
from scorer.transport.connection import connection
from scorer.transport.exits import StoreFailed, Stuck
from scorer.transport.store import EMPTY, Mark, Store, wipe

_FETCH_BYTES: Final = 1 << 20
_STEP_RECORDS: Final = 10_000  # compressed a megabyte may hold 30,000 states; as objects 30 MB
DEADLINE_S: Final = 120.0
"""Without one more record a restore is stuck. Batches come every few ms; an election takes some 10 s."""
TRUSTED_MS: Final = 6 * 86_400_000
"""How far behind a store may be. Compaction keeps nulls for `delete.retention.ms` of the changelog's
card, 7 days: a store that missed one would bring an erased lead back. It also rebuilds, once, the
store of a partition in which nothing changed for 6 days: a few seconds."""
_log = structlog.get_logger()


class Distrust(StrEnum):
    """Why a local store was thrown away and filled from the changelog."""

    UNREADABLE = "unreadable"  # truncated or corrupt files
    FOREIGN = "foreign"  # of another cluster, topic or format; or a store that failed
    AHEAD = "ahead"  # it holds more than the changelog does
    REWRITTEN = "rewritten"  # the changelog holds something else where the store left off
    UNFINISHED = "unfinished"  # the worker died while it was filled
    OUTDATED = "outdated"  # left off so long ago that the nulls of erased leads may be gone


@dataclass(slots=True)
class Restored:
    """What one restore did."""

    records: int = 0
    distrust: Distrust | None = None


def open_store(
    path: Path, owner: str, tier_of: TierOf | None = None
) -> tuple[Store, Distrust | None]:
    """Open a store, or wipe and recreate one that cannot be trusted."""
    try:
        store = Store(path, owner, tier_of)
        if store.belongs():
            return store, None
        store.close()
        reason = Distrust.FOREIGN
    except Exception as error:  # RocksDB has one exception for everything
        if "lock" in str(error).lower():
            remedy = "stop the other worker, or give this one a data_dir or instance_id of its own"
            raise StoreFailed(f"{path} is in use by another process", remedy) from error
        _log.warning(Event.STORE_DISCARDED, path=str(path), error=str(error))
        reason = Distrust.UNREADABLE
    wipe(path)
    return Store(path, owner, tier_of), reason


def reader(settings: Settings, purpose: str, group: str | None = None) -> AIOKafkaConsumer:
    """A consumer that sees committed records only and joins no group; not started.

    With a `group` it can ask for the offsets that the group has committed.
    """
    return AIOKafkaConsumer(
        **connection(settings.kafka, f"{settings.app}-{purpose}"),
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=50,
    )


class Restore:
    """Restores several partitions side by side through one connected consumer."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        topic: str,
        owner: str,
        made_by: Headers = (),
        tier_of: TierOf | None = None,
    ) -> None:
        """`owner` is `<cluster id>|<topic>|`; the partition is added.

        `made_by` are the headers of a changelog record of the model that runs: a state without them
        is due at once. `tier_of`: leads are counted by tier.
        """
        self._consumer = consumer
        self._topic = topic
        self._owner = owner
        self._made_by = tuple(made_by)
        self._tier_of = tier_of

    async def run(self, paths: Mapping[int, Path], kept: Mapping[int, Store]) -> dict[int, Store]:
        """Open (or keep) and restore the store of each partition; closes them all if it fails."""
        tps = {TopicPartition(self._topic, partition): partition for partition in paths}
        if not tps:
            return {}
        begins = await self._consumer.beginning_offsets(list(tps))
        ends = await self._consumer.end_offsets(list(tps))
        fills: dict[TopicPartition, _Fill] = {}
        for tp, partition in tps.items():
            store, reason, path = kept.get(partition), None, paths[partition]
            owner = f"{self._owner}{partition}"
            if store is None:
                store, reason = open_store(path, owner, self._tier_of)
            fills[tp] = _Fill(store, path, owner, ends[tp], reason, self._made_by, self._tier_of)
            fills[tp].begin(begins[tp])
        try:
            await self._read(fills)
            return {tps[tp]: fill.finish() for tp, fill in fills.items()}
        except BaseException:  # cancelled by a rebalance, too: a store left open is locked
            for fill in fills.values():
                fill.store.close()
            raise

    async def _read(self, fills: Mapping[TopicPartition, _Fill]) -> None:
        consumer = self._consumer
        left = {tp for tp, fill in fills.items() if fill.start < fill.end}
        consumer.assign(list(left)) if left else None
        for tp in left:
            consumer.seek(tp, fills[tp].start)
        moved = time.monotonic()
        while left:
            batches = await consumer.getmany(*left, timeout_ms=200, max_records=_STEP_RECORDS)
            if batches:
                moved = time.monotonic()
            elif time.monotonic() - moved > DEADLINE_S:
                where = ", ".join(str(tp.partition) for tp in sorted(left))
                raise Stuck(
                    f"the restore of partitions {where} of {self._topic} got no further for {DEADLINE_S:.0f} s",
                    "look at the leaders of that topic: `kafka-topics.sh --describe`; it starts again by itself",
                )
            for tp, records in batches.items():
                start = fills[tp].take(records)
                if start is not None:
                    consumer.seek(tp, start)
            left = {tp for tp in left if await consumer.position(tp) < fills[tp].end}


class _Fill:
    """The restore of one partition."""

    def __init__(
        self,
        store: Store,
        path: Path,
        owner: str,
        end: int,
        reason: Distrust | None,
        made_by: Headers,
        tier_of: TierOf | None = None,
    ) -> None:
        self.store = store
        self.end = end
        self.start = 0
        self._path = path
        self._owner = owner
        self._made_by = made_by
        self._tier_of = tier_of
        self._model = made_by[0][1] if made_by else b""
        self._done = Restored(distrust=reason)
        self._fresh = False
        self._unverified = False
        self._mark = EMPTY

    def begin(self, beginning: int) -> None:
        """Decide where to read from."""
        self._mark = mark = self.store.mark
        if mark.offset > self.end:
            self._discard(Distrust.AHEAD)
        elif mark.offset and mark.timestamp_ms < time.time() * 1000 - TRUSTED_MS:
            self._discard(Distrust.OUTDATED)
        elif not mark.offset and not self.store.empty:
            self._discard(Distrust.UNFINISHED)
        self._fresh = self._mark.offset == 0
        if not self._fresh and (count := self.store.adopt(self._model)):
            _log.info(Event.MODEL_CHANGED, path=str(self._path), leads=count)
        if not self._fresh:
            self.store.count_leads()
        self._unverified = self._mark.offset > beginning and not self._fresh
        # One record back: it must be the one that the store applied last.
        self.start = max(beginning, self._mark.offset - int(self._unverified))

    def take(self, records: list[ConsumerRecord]) -> int | None:
        """Apply records in order; the offset to seek to when the store had to be discarded."""
        if self._unverified:
            self._unverified = False
            head = records[0]
            if head.offset == self._mark.offset - 1:
                if head.timestamp != self._mark.timestamp_ms:
                    self._discard(Distrust.REWRITTEN)
                    self._fresh = True
                    return 0
                records = records[1:]
        if records:
            last = records[-1]
            self._mark = Mark(last.offset + 1, last.timestamp)
            self._done.records += len(records)
            values = ((r.key, self._value(r)) for r in records if r.key is not None)
            if self._fresh:
                self.store.load(values)
            else:
                self.store.apply(dict(values), self._mark)
        return None

    def _value(self, record: ConsumerRecord) -> bytes | None:
        value: bytes | None = record.value
        same = value is None or record.headers == self._made_by
        return value if same else due_at_once(value or b"")

    def finish(self) -> Store:
        if self._fresh:
            self.store.finish_load(self._mark, self._model)
        if self._done.distrust:
            _log.warning(
                Event.STORE_DISCARDED,
                path=str(self._path),
                reason=self._done.distrust.value,
                records=self._done.records,
            )
        return self.store

    def _discard(self, reason: Distrust) -> None:
        self.store.close()
        wipe(self._path)
        self.store = Store(self._path, self._owner, self._tier_of)
        self._mark = EMPTY
        self._done.distrust = reason
