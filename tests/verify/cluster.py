"""Topics in memory, with the product's worker on them; every record can then be lost or altered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scorer.contracts.compose import compose
from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.decode import Decoder
from scorer.contracts.model.file import load_model
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message, Record
from scorer.domain.events import LeadEvent
from scorer.engine.flood import FloodLimit
from scorer.engine.memory import MemoryRecord, MemoryStore
from scorer.engine.ports import Effects
from scorer.engine.scoring import INPUTS, SCORES, TIERS, ScoringFactory, scoring_factory
from scorer.transport.changelog import frame, unframe
from scorer.verify.court import Court, ScoringCourt
from scorer.verify.referee import AT_ONCE, Limits, Referee
from scorer.verify.said import Identity
from scorer.verify.source import Snapshot, Source, Spot
from scorer.verify.verdict import Verdict

CHANGELOG = "test-scoring-changelog"
START_US = 1_760_000_000_000_000
A_FEW = 10  # records
DECODER = Decoder()


def factory(model: str = "default") -> ScoringFactory:
    limit = FloodLimit(consecutive=1 << 62, ratio=1.0)
    return scoring_factory(load_model(model), app="test", version="1", limit=limit, inspected=False)


def identify(record: Record) -> Identity | None:
    event = DECODER.decode(record)
    return None if isinstance(event, Rejected) else (event.source, event.id)


@dataclass
class Cluster:
    """One partition of everything (`scorer.verify.source.Source`), and a worker with a clock."""

    model: str = "default"
    now_us: int = START_US
    alive: bool = True
    topics: dict[str, list[MemoryRecord]] = field(default_factory=dict)
    folded: dict[str, int] = field(default_factory=dict)
    committed: dict[str, int] | None = None  # else all that is folded
    begins: dict[str, int] = field(default_factory=dict)
    compacted_before_ms: dict[str, int] = field(default_factory=dict)
    since: dict[str, list[MemoryRecord]] = field(default_factory=dict)  # while the referee reads

    def __post_init__(self) -> None:
        for topic in (*INPUTS, SCORES, TIERS, DEAD_LETTERS_TOPIC, CHANGELOG):
            self.topics.setdefault(topic, [])
        self.stage = factory(self.model)(0)
        self.store = MemoryStore()

    # --- publishing and working -----------------------------------------------------------------

    def publish(self, *events: LeadEvent) -> None:
        for event in events:
            self.write(compose(event))

    def write(self, message: Message) -> None:
        log = self.topics[message.topic]
        key, value, headers = message.key, message.value, message.headers
        at_ms = self.now_us // 1000
        log.append(MemoryRecord(message.topic, key, value, at_ms, headers, 0, len(log)))

    def work(self, topics: Sequence[str] = INPUTS, most: int = 1 << 30) -> None:
        """Fold what waits on these topics, topic by topic."""
        for topic in topics:
            begin = self.folded.get(topic, 0)
            records = self.topics[topic][begin : begin + most]
            self.folded[topic] = begin + len(records)
            self._commit(self.stage.process(records, self.store))

    def work_merged(self, jitter_ms: Mapping[str, int]) -> None:
        """Fold what waits as a lane does, but for inputs that are seen so much later than others."""
        waiting = [
            (record.timestamp + jitter_ms[topic], rank, record.offset, record)
            for rank, topic in enumerate(INPUTS)
            for record in self.topics[topic][self.folded.get(topic, 0) :]
        ]
        self.folded = {topic: len(self.topics[topic]) for topic in INPUTS}
        self._commit(self.stage.process([each[-1] for each in sorted(waiting)], self.store))

    def tick(self) -> None:
        """Tell the time to the leads."""
        while True:
            effects = self.stage.tick(self.now_us, self.store, 100)
            self._commit(effects)
            if not effects.due_left:
                return

    def pass_days(self, days: float) -> None:
        self.now_us += int(days * 86_400e6)

    def _commit(self, effects: Effects) -> None:
        self.store.apply(effects)
        for message in (*effects.outputs, *effects.dead_letters):
            self.write(message)
        for key, write in effects.states.items():
            self.write(Message(CHANGELOG, key, frame(write)))

    # --- faults ---------------------------------------------------------------------------------

    def lose(self, topic: str, number: int = -1) -> MemoryRecord:
        return self.topics[topic].pop(number)

    def double(self, topic: str, number: int = -1) -> None:
        log = self.topics[topic]
        log.append(log[number]._replace(offset=log[-1].offset + 1))

    def alter(self, topic: str, old: bytes, new: bytes, number: int = -1) -> None:
        record = self.topics[topic][number]
        assert record.value is not None
        assert old in record.value
        self.topics[topic][number] = record._replace(value=record.value.replace(old, new, 1))

    # --- the referee's view ---------------------------------------------------------------------

    async def snapshot(self, inputs: Sequence[str], outputs: Sequence[str]) -> Snapshot:
        def spots(offsets: dict[str, int], names: Sequence[str]) -> dict[Spot, int]:
            return {Spot(name, 0): offsets.get(name, 0) for name in names}

        names = [*inputs, *outputs, CHANGELOG]
        ends = {name: log[-1].offset + 1 if log else 0 for name, log in self.topics.items()}
        committed = self.folded if self.committed is None else self.committed
        return Snapshot(
            self.now_us,
            1,
            CHANGELOG,
            self.alive,
            spots(self.begins, names),
            spots(ends, names),
            spots(committed, inputs),
            spots(self.folded, inputs),
            self.compacted_before_ms,
        )

    async def read(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        for record in self.topics[spot.topic]:
            if snapshot.begins[spot] <= record.offset < snapshot.ends[spot]:
                yield record

    async def read_since(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        for record in self.since.get(spot.topic, ()):
            yield record

    async def verdict(self, limits: Limits | None = None) -> Verdict:
        court = ScoringCourt(factory(self.model), identify)
        return await judged(self, court, limits)


async def judged(source: Source, court: Court, limits: Limits | None = None) -> Verdict:
    """Without grace and slack, unless a test says otherwise. A partition that is judged in shares of
    its leads, by way of files, must be judged as in one go.
    """
    limits = Limits(grace_s=0, slack_s=5) if limits is None else limits
    whole, shared = [
        await Referee(source, court, unframe=unframe, limits=limits, at_once=at_once).run()
        for at_once in (AT_ONCE, A_FEW)
    ]
    assert _in_any_order(shared) == _in_any_order(whole)
    return whole


def _in_any_order(verdict: Verdict) -> Mapping[str, object]:
    page = verdict.as_json()
    return {**page, "examples": sorted(map(str, page["examples"]))}


__all__ = ["CHANGELOG", "START_US", "Cluster", "identify", "judged", "replace"]
