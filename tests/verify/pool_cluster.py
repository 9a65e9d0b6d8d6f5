"""Topics of two partitions in memory, with the product's pool stage on them; every record can be lost or altered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from scorer.contracts.compose import compose
from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.decode import Decoder
from scorer.contracts.model.file import load_model
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.published_pool import POOL_TOPIC
from scorer.contracts.records import Message, Record
from scorer.domain.events import LeadEvent
from scorer.engine.memory import MemoryDriver, MemoryRecord, MemoryStore
from scorer.engine.pool import INPUTS, PoolFactory, pool_factory
from scorer.engine.ports import Effects
from scorer.engine.scoring import INPUTS as SCORED
from scorer.engine.scoring import scoring_factory
from scorer.transport.changelog import frame
from scorer.transport.placement import partition_of
from scorer.verify.pool_court import PoolCourt
from scorer.verify.referee import Limits
from scorer.verify.source import Snapshot, Spot
from scorer.verify.verdict import Verdict
from tests.verify.cluster import judged

CHANGELOG = "test-pool-changelog"
START_US = 1_760_000_000_000_000
PARTITIONS = 2
MODEL = """\
name: test
version: "1"
dimensions: {fit: {min: 0, max: 100}}
rules: [{id: a, dimension: fit, points: 80, when: {attribute: a, operator: exists}}]
follow_up:
  limits:
    first_response: {limit: {hot: 1h, warm: 1d, cold: 2d}, remind: [{at: 50%, to: owner}]}
    next_follow_up: 3d
    maximum_holding: 20d
    unassigned: {limit: 1d, to: boss}
  touches: {kinds: [call]}
  pools: {default: public}
"""


def factory(model: str = MODEL) -> PoolFactory:
    return pool_factory(load_model(model), app="test", version="1", partitions=PARTITIONS)


@dataclass
class PoolCluster:
    """Everything that the pool reads and writes (`scorer.verify.source.Source`), and a clock."""

    now_us: int = START_US
    alive: bool = True
    logs: dict[Spot, list[MemoryRecord]] = field(default_factory=dict)
    folded: dict[Spot, int] = field(default_factory=dict)
    begins: dict[Spot, int] = field(default_factory=dict)
    compacted_before_ms: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = factory()
        names = [*INPUTS, POOL_TOPIC, DEAD_LETTERS_TOPIC, CHANGELOG]
        self.logs = {Spot(name, p): [] for name in names for p in range(PARTITIONS)}
        self.stages = [made(partition) for partition in range(PARTITIONS)]
        self.stores = [MemoryStore() for _ in range(PARTITIONS)]
        self.scoring = MemoryDriver(scoring_factory(load_model(MODEL), app="test", version="1")(0))

    # --- publishing and working -----------------------------------------------------------------

    def publish(self, *events: LeadEvent) -> None:
        """Write events; what scoring says of a tier because of them follows on its topic."""
        for event in events:
            message = compose(event)
            if Spot(message.topic, 0) in self.logs:
                self.write(message)
            if message.topic in SCORED:
                at_ms = self.now_us // 1000
                record = MemoryRecord(message.topic, message.key, message.value, at_ms)
                for said in self.scoring.feed([record]):
                    if said.topic == TIERS_TOPIC:
                        self.write(said)

    def write(self, message: Message, partition: int | None = None) -> None:
        if partition is None:
            partition = message.partition
        if partition is None:
            partition = partition_of(message.key or b"", PARTITIONS)
        log, at_ms = self.logs[Spot(message.topic, partition)], self.now_us // 1000
        offset = log[-1].offset + 1 if log else 0
        key, value, headers = message.key, message.value, message.headers
        log.append(MemoryRecord(message.topic, key, value, at_ms, headers, partition, offset))

    def work(self, jitter_ms: Mapping[str, int] | None = None) -> None:
        """Fold what waits as a lane does, but for inputs that are seen so much later than others."""
        late = jitter_ms or {}
        for partition, stage in enumerate(self.stages):
            waiting = [
                (record.timestamp + late.get(topic, 0), rank, record.offset, record)
                for rank, topic in enumerate(INPUTS)
                for record in self.logs[Spot(topic, partition)]
                if record.offset >= self.folded.get(Spot(topic, partition), 0)
            ]
            for each in waiting:
                spot = Spot(each[-1].topic, partition)
                self.folded[spot] = max(self.folded.get(spot, 0), each[-1].offset + 1)
            records = [each[-1] for each in sorted(waiting, key=lambda each: each[:3])]
            self._commit(partition, stage.process(records, self.stores[partition]))

    def tick(self) -> None:
        """Tell the time to the leads."""
        for partition, stage in enumerate(self.stages):
            while True:
                effects = stage.tick(self.now_us, self.stores[partition], 100)
                self._commit(partition, effects)
                if not effects.due_left:
                    break

    def pass_hours(self, hours: float) -> None:
        self.now_us += int(hours * 3_600e6)

    def _commit(self, partition: int, effects: Effects) -> None:
        self.stores[partition].apply(effects)
        for message in effects.outputs:
            self.write(message, None if message.partition is not None else partition)
        for message in effects.dead_letters:
            self.write(message, partition)
        for key, write in effects.states.items():
            self.write(Message(CHANGELOG, key, frame(write)), partition)

    # --- faults ---------------------------------------------------------------------------------

    def find(self, topic: str, key: bytes, holding: bytes = b"") -> tuple[Spot, int]:
        """Where the last record of a key lies that holds some bytes."""
        for partition in range(PARTITIONS):
            log = self.logs[Spot(topic, partition)]
            for number in range(len(log) - 1, -1, -1):
                if log[number].key == key and holding in (log[number].value or b""):
                    return Spot(topic, partition), number
        raise AssertionError(f"no such record on {topic}")

    def lose(self, topic: str, key: bytes, holding: bytes = b"") -> None:
        spot, number = self.find(topic, key, holding)
        del self.logs[spot][number]

    def double(self, topic: str, key: bytes, holding: bytes = b"") -> None:
        spot, number = self.find(topic, key, holding)
        log = self.logs[spot]
        log.append(log[number]._replace(offset=log[-1].offset + 1))

    def alter(self, topic: str, key: bytes, old: bytes, new: bytes) -> None:
        spot, number = self.find(topic, key, old)
        record = self.logs[spot][number]
        assert record.value is not None
        self.logs[spot][number] = record._replace(value=record.value.replace(old, new, 1))

    # --- the referee's view ---------------------------------------------------------------------

    async def snapshot(self, inputs: Sequence[str], outputs: Sequence[str]) -> Snapshot:
        ends = {spot: log[-1].offset + 1 if log else 0 for spot, log in self.logs.items()}
        folded = {spot: self.folded.get(spot, 0) for spot in self.logs if spot.topic in inputs}
        begins = {spot: self.begins.get(spot, 0) for spot in self.logs}
        return Snapshot(
            *(self.now_us, PARTITIONS, CHANGELOG, self.alive, begins, ends, folded, folded),
            self.compacted_before_ms,
        )

    async def read(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        for record in self.logs[spot]:
            if snapshot.begins[spot] <= record.offset < snapshot.ends[spot]:
                yield record

    async def read_since(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        for record in self.logs[spot]:
            if record.offset >= snapshot.ends[spot]:
                yield record

    async def verdict(self, limits: Limits | None = None) -> Verdict:
        return await judged(self, PoolCourt(factory(), Decoder()), limits)
