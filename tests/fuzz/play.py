"""Plays a session through both stages in memory, three ways, and holds the rules on the way.

as it is      batches as they came, the rules after each of them
one by one    every record a batch of its own, stages started anew in between: same states, same words
in order      the accepted records alone, in batches: same states, same words
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from scorer.contracts.crossings import decode_crossing
from scorer.contracts.decode import Decoder
from scorer.contracts.model.file import load_model
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message
from scorer.domain.events import Erased, LeadEvent
from scorer.domain.model import Model
from scorer.engine.flood import FloodLimit
from scorer.engine.memory import MemoryRecord, MemoryStore
from scorer.engine.pool import PoolFactory, pool_factory
from scorer.engine.ports import Effects, StageFactory
from scorer.engine.scoring import INPUTS, ScoringFactory, scoring_factory
from tests.fuzz.rules import (
    Broken,
    check_dead_letters,
    check_ids,
    check_outputs,
    check_states,
    require,
)
from tests.fuzz.sessions import Session, Step

HERE: Final = Path(__file__).parent
ANY_NUMBER: Final = FloodLimit(consecutive=10**9, ratio=1.0, window=10**9)
RESTART_EVERY: Final = 7  # records
AT_ONCE: Final = 50  # leads that a tick advances
_DECODER: Final = Decoder()


class Played(NamedTuple):
    """What a session came to."""

    counts: Counter[str]  # dead letters by reason, events by what became of them


@cache
def model(name: str) -> Model:
    """A model of the sessions: shipped, or in this folder."""
    file = HERE / f"{name}.yaml"
    return load_model(file if file.exists() else name)


@cache
def factories(name: str, partitions: int) -> tuple[ScoringFactory, PoolFactory]:
    it = model(name)
    return (
        scoring_factory(it, app="fuzz", version="0", limit=ANY_NUMBER),
        pool_factory(it, app="fuzz", version="0", partitions=partitions),
    )


def decoded(record: MemoryRecord) -> LeadEvent | Rejected | None:
    """What a record says to the stage that reads its topic; None: nothing, and rightly so."""
    read = decode_crossing if record.topic == TIERS_TOPIC else _DECODER.decode
    return read(record)


class Run:
    """One stage of a session: its committed states, and all that it said."""

    def __init__(self, factory: StageFactory) -> None:
        self.factory = factory
        self.stage = factory(0)
        self.store = MemoryStore()
        self.said: list[Message] = []
        self.counts: Counter[str] = Counter()
        self._since_start = 0

    def take(self, records: Sequence[MemoryRecord]) -> Effects:
        return self._apply(self.stage.process(records, self.store))

    def pass_time(self, until_us: int) -> Iterable[Effects]:
        """Ticks until nothing is due. A lane would spin on a lead that stays due."""
        for _ in range(10_000):
            effects = self._apply(self.stage.tick(until_us, self.store, AT_ONCE))
            yield effects
            if not effects.due_left:
                return
        raise Broken("what-is-due-is-done", f"{self.factory.name} at {until_us}")

    def take_one(self, record: MemoryRecord) -> Effects:
        """A batch of one; a fresh stage, with nothing in its caches, now and then."""
        self._since_start += 1
        if self._since_start % RESTART_EVERY == 0:
            self.stage = self.factory(0)
        return self.take([record])

    def count(self) -> None:
        for key, number in self.stage.counters().items():
            if key[0].startswith("events_") and key[0] != "events_rejected":
                self.counts[" ".join((self.factory.name, *key))] += int(number)

    def _apply(self, effects: Effects) -> Effects:
        self.store.apply(effects)
        self.said += effects.outputs
        return effects


class Pair:
    """Both stages; what scoring says of tiers goes to the pool."""

    def __init__(self, it: Session) -> None:
        scoring, pool = factories(it.model, it.partitions)
        self.scoring, self.pool = Run(scoring), Run(pool)
        self.offset = 0

    def numbered(self, records: Iterable[MemoryRecord]) -> list[MemoryRecord]:
        """The records as the broker numbers them."""
        placed = []
        for record in records:
            placed.append(record._replace(offset=self.offset))
            self.offset += 1
        return placed

    @property
    def runs(self) -> tuple[Run, Run]:
        return self.scoring, self.pool


Watch = Callable[[Run, Sequence[MemoryRecord], Effects], None]


def play(it: Session) -> Played:
    """Play a session; raises `Broken`, or whatever the code under test raises."""
    checked = Checks()
    whole, single, accepted = Pair(it), Pair(it), Pair(it)
    for step in it.steps:
        records = whole.numbered(step.records)
        _batch(whole, records, checked)
        _singles(single, records)
        _batch(accepted, [r for r in records if not isinstance(decoded(r), Rejected)], None)
        for pair, watch in ((whole, checked), (single, None), (accepted, None)):
            _tick(pair, step, watch)
    for name, other in (("one-by-one-is-the-same", single), ("a-replay-is-the-same", accepted)):
        for run, again in zip(whole.runs, other.runs, strict=True):
            _same(name, run, again)
    counts: Counter[str] = Counter(checked.reasons)
    for run in whole.runs:
        run.count()
        counts += run.counts
    return Played(counts)


class Checks:
    """The rules that hold of each batch and each tick; counts what was rejected."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.erased = False

    def __call__(self, run: Run, records: Sequence[MemoryRecord], effects: Effects) -> None:
        said = [(record, decoded(record)) for record in records]
        refused = [(record, why) for record, why in said if isinstance(why, Rejected)]
        nothing_else = bool(records) and len(refused) == len(records)
        if run.factory.name == "pool":  # the rest is said by scoring, which reads it too
            only_here = set(run.factory.inputs) - set(_scoring_inputs())
            refused = [(record, why) for record, why in refused if record.topic in only_here]
        self.reasons.update(f"dead letter {why.reason}" for _, why in refused)
        check_dead_letters(refused, effects.dead_letters)
        check_outputs(effects.outputs)
        check_states(effects, run.factory.name)
        if nothing_else:
            require(
                not effects.states and not effects.outputs,
                "a-rejected-record-has-no-effect",
                run.factory.name,
            )
        self.erased = self.erased or any(
            isinstance(event, LeadEvent) and isinstance(event.body, Erased) for _, event in said
        )
        if not self.erased:  # an erased lead is forgotten, with what was said about it
            check_ids(effects.outputs, self.ids)


@cache
def _scoring_inputs() -> tuple[str, ...]:
    return tuple(INPUTS)


def _batch(pair: Pair, records: Sequence[MemoryRecord], watch: Watch | None) -> None:
    crossed: list[MemoryRecord] = []
    for run in pair.runs:
        mine = [r for r in records if r.topic in run.factory.inputs] + crossed
        effects = run.take(mine)
        if watch:
            watch(run, mine, effects)
        crossed = crossings(effects.outputs)


def _singles(pair: Pair, records: Sequence[MemoryRecord]) -> None:
    """The same, record by record: first all of them by scoring, so that the pool sees one order."""
    crossed: list[MemoryRecord] = []
    for run in pair.runs:
        mine = [r for r in records if r.topic in run.factory.inputs] + crossed
        crossed = []
        for record in mine:
            crossed += crossings(run.take_one(record).outputs)


def _tick(pair: Pair, step: Step, watch: Watch | None) -> None:
    if step.tick_us is None:
        return
    for effects in pair.scoring.pass_time(step.tick_us):
        if watch:
            watch(pair.scoring, (), effects)
        mine = crossings(effects.outputs)
        taken = pair.pool.take(mine)
        if watch:
            watch(pair.pool, mine, taken)
    for effects in pair.pool.pass_time(step.tick_us):
        if watch:
            watch(pair.pool, (), effects)
    for run in pair.runs:
        left = [key for key, due in run.store.due.items() if due <= step.tick_us]
        require(not left, "what-is-due-is-done", (run.factory.name, left))


def crossings(outputs: Iterable[Message]) -> list[MemoryRecord]:
    """Changes of tier as the pool reads them."""
    return [
        MemoryRecord(m.topic, m.key, m.value, 0, m.headers)
        for m in outputs
        if m.topic == TIERS_TOPIC
    ]


def _same(rule: str, one: Run, other: Run) -> None:
    name = one.factory.name
    for topic in {m.topic for m in (*one.said, *other.said)}:  # between topics there is no order
        said, again = ([m for m in run.said if m.topic == topic] for run in (one, other))
        first = next((pair for pair in zip(said, again, strict=False) if pair[0] != pair[1]), "")
        require(
            said == again, rule, f"{name} said {len(said)} and {len(again)} on {topic}: {first}"
        )
    differing = [
        key for key, value in one.store.states.items() if other.store.states.get(key) != value
    ]
    require(not differing, rule, f"{name} has another state of {differing[:3]}")
    require(len(one.store.states) == len(other.store.states), rule, f"{name} has other leads")
    require(one.store.due == other.store.due, rule, f"{name} has other due instants")
