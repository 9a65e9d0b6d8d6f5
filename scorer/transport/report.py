"""What lanes tell about themselves, as metrics and health. Knows no client and decides nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf

from scorer.contracts.records import Record
from scorer.domain.outputs import Tier
from scorer.engine.ports import Effects, Stage
from scorer.observe import catalogue as c
from scorer.observe.health import Health
from scorer.observe.metrics import Metrics
from scorer.settings import Settings
from scorer.transport.clock import Clock
from scorer.transport.inbox import Inbox


class StageReport:
    """The metrics and the health of one stage in one process."""

    def __init__(
        self,
        settings: Settings,
        inputs: Sequence[str],
        metrics: Metrics,
        health: Health,
        clock: Clock,
    ) -> None:
        self.metrics = metrics
        self.health = health
        self.clock = clock
        self.names = {settings.topic(name): name for name in inputs}
        self._ready: set[int] = set()
        self._lanes: dict[int, LaneReport] = {}

    def assigned(self, partitions: Iterable[int]) -> None:
        """These partitions are ours now; none of them is ready."""
        self._ready.clear()
        self.metrics.inc(c.REBALANCES)
        self.metrics.set(c.PARTITIONS_READY, 0)
        self.health.assigned(partitions)

    def restored(self, partition: int, seconds: float) -> None:
        """The states of a partition are complete."""
        self._ready.add(partition)
        self.metrics.observe(c.RESTORE_SECONDS, seconds)
        self.metrics.set(c.PARTITIONS_READY, len(self._ready))
        self.health.restored(partition)

    def lost(self, partition: int) -> None:
        """Another worker owns a partition now."""
        self.metrics.forget_partition(partition)
        self.health.lost(partition)

    def lane(self, partition: int, inbox: Inbox) -> LaneReport:
        """The report of one lane."""
        made = self._lanes[partition] = LaneReport(self, partition, inbox)
        return made

    def measure(self) -> None:
        """What waits, lane by lane; asked each second, because a lane that is stuck tells nothing itself."""
        for lane in self._lanes.values():
            lane.measure()

    def retired(self, lane: LaneReport, partition: int) -> None:
        """A lane has ended as planned; another one may have its partition already."""
        if self._lanes.get(partition) is lane:
            del self._lanes[partition]
        self.health.retire(f"lane-{partition}")


class LaneReport:
    """The metrics of one lane; called once a batch, never once a record."""

    def __init__(self, stage: StageReport, partition: int, inbox: Inbox) -> None:
        self._stage = stage
        self._partition = partition
        self._label = str(partition)
        self._inbox = inbox

    def folded(self, records: Sequence[Record], stage: Stage, seconds: float) -> None:
        """A batch was folded, and is not committed yet."""
        metrics = self._stage.metrics
        metrics.observe(c.PROCESSING_SECONDS, seconds)
        metrics.observe(c.BATCH_RECORDS, len(records))
        metrics.set(c.LAST_PROCESSED, time.time(), self._label)
        metrics.add(stage.counters(), self._partition)

    def committed(self, records: Sequence[Record], effects: Effects, seconds: float) -> None:
        """A unit is committed and stored."""
        metrics, now_s = self._stage.metrics, time.time()
        metrics.observe(c.TRANSACTION_SECONDS, seconds)
        metrics.set(c.LAST_COMMIT, now_s, self._label)
        for topic, count in Counter(record.topic for record in records).items():
            metrics.inc(c.EVENTS_CONSUMED, count, self._stage.names[topic])
        if records:
            oldest_ms = min(record.timestamp for record in records)
            now_ms = self._stage.clock.now_us() / 1000
            metrics.observe(c.END_TO_END_SECONDS, max(0.0, (now_ms - oldest_ms) / 1000))
        for message in effects.dead_letters:
            named = dict(message.headers).get("leadscorer.errors.topic") or b""
            origin = named.decode(errors="replace")
            name = self._stage.names.get(origin, origin)
            metrics.inc(c.DEAD_LETTERS, 1, name)

    def ticked(self, watermark_us: int, stage: Stage, due: int) -> None:
        """Time was told to the leads, up to the watermark; so many of them still wait for it."""
        metrics = self._stage.metrics
        metrics.set(c.WATERMARK, watermark_us / 1e6, self._label)
        metrics.set(c.DUE_BACKLOG, due, self._label)
        metrics.add(stage.counters(), self._partition)

    def holds(self, leads: Mapping[str, int] | None, next_due_us: int | None) -> None:
        """What the partition holds by tier, and when time alone changes it next; None: never."""
        metrics = self._stage.metrics
        next_s = inf if next_due_us is None else next_due_us / 1e6
        metrics.set(c.NEXT_DUE, next_s, self._label)
        if leads is not None:
            for tier in Tier:
                metrics.set(c.LEADS, leads.get(tier, 0), tier, self._label)

    def beat(self) -> None:
        """The lane's loop went round once."""
        self._stage.health.beat(f"lane-{self._partition}")

    def measure(self) -> None:
        """What is not committed yet."""
        for topic, name in self._stage.names.items():
            lag = self._inbox.lag(topic)
            if lag is not None:
                self._stage.metrics.set(c.CONSUMER_LAG_RECORDS, lag, name, self._label)

    def retired(self) -> None:
        """The lane has ended as planned."""
        self._stage.retired(self, self._partition)
