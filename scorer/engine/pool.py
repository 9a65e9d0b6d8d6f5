"""The pool stage: records in, deadlines and returns out. Knows contracts and the fold, no Kafka client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from scorer.contracts.crossings import decode_crossing
from scorer.contracts.dead_letters import dead_letter
from scorer.contracts.decode import Decoder
from scorer.contracts.encode import tombstone
from scorer.contracts.encode_pool import PoolEncoder
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.published_pool import POOL_TOPIC
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message, Record
from scorer.domain.events import LeadEvent, OwnerLeft, OwnerReturned
from scorer.domain.followup.fold import (
    Folded,
    Status,
    advance,
    fold,
    fold_entry,
)
from scorer.domain.followup.policy import FollowUpPolicy
from scorer.domain.followup.state import FollowUpState
from scorer.domain.model import History, Model
from scorer.engine import owners
from scorer.engine.cache import StateCache
from scorer.engine.keys import is_lead
from scorer.engine.owners import OwnerFile
from scorer.engine.pool_measures import PoolMeasures
from scorer.engine.pool_unit import Unit
from scorer.engine.ports import Effects, Stage, StateReader, TierOf

INPUTS: Final = (
    "leads.created.v1",
    "leads.followups.v1",
    "leads.outcomes.v1",
    TIERS_TOPIC,
    OWNERS_TOPIC,
)
COPY: Final = "leadscorer.copy"
"""The header of a copy: it is for its own partition alone, and is not copied again."""

_LONGEST_CHAIN: Final = 3
"""Hand-overs from one who is gone to another who is gone; the next goes to the pool."""

OURS: Final = (TIERS_TOPIC, OWNERS_TOPIC)
"""Inputs that no other stage reads: only their bad records are dead letters of this stage."""

_CHANGED_NOTHING: Final = frozenset({Status.DUPLICATE, Status.FORGOTTEN, Status.UNUSED})


class PoolStage:
    """One partition of the pool stage (`scorer.engine.ports.Stage`)."""

    def __init__(
        self,
        policy: FollowUpPolicy,
        history: History,
        partition: int,
        *,
        partitions: int,
        decoder: Decoder,
        topic_prefix: str,
        app: str,
        version: str,
    ) -> None:
        self._policy, self._history = policy, history
        self._partition, self._partitions = partition, partitions
        self._decoder, self._prefix = decoder, topic_prefix
        self._app, self._version = app, version
        self._encoder = PoolEncoder(f"/lead-scorer/{app}/pool")
        self._cache = StateCache(decode_follow_up)
        self._files: dict[str, OwnerFile] = {}  # a few hundred reps, so all that were asked for
        self._measures = PoolMeasures()

    def process(self, records: Sequence[Record], states: StateReader) -> Effects:
        """Fold a batch. Raises only `StateError`, which is fail-stop."""
        events, outputs, dead = self._decoded(records)
        unit = Unit(outputs)
        leads = [key for key, event in events if not _about_owner(event)]
        unit.load(self._cache.load(leads, states))
        for key, event in events:
            if _about_owner(event):
                self._hear(event, unit, states)
            else:
                self._fold(key, event, unit, states)
        return Effects(unit.outputs, dead, unit.finish(self._cache, self._policy))

    def tick(self, until_us: int, states: StateReader, limit: int) -> Effects:
        """Advance the leads that are due, and tell those of owners who left, `limit` at most."""
        keys = states.due_until(until_us, limit)
        unit = Unit([])
        unit.load(self._cache.load((key for key in keys if is_lead(key)), states))
        for key, state in unit.states.items():
            if state is not None:
                said = advance(state, key.decode(), self._policy, until_us)
                self._say(said, unit, until_us)
                unit.changed[key] = None
        room = limit - len(keys)
        for key in keys:
            if owners.is_owner(key):
                room -= self._tell(owners.owner_of(key), unit, states, max(room, 1))
            elif not is_lead(key):
                unit.writes[key] = owners.PRESENT
        writes = unit.finish(self._cache, self._policy)
        # A lead that its owner left to somebody else has a new deadline, which may have passed, too.
        again = any(w.due_us is not None and w.due_us <= until_us for w in writes.values())
        return Effects(unit.outputs, (), writes, due_left=again or len(keys) >= limit)

    def counters(self) -> Mapping[tuple[str, ...], float]:
        """What was counted since the last call."""
        return self._measures.drain()

    def _decoded(
        self, records: Sequence[Record]
    ) -> tuple[list[tuple[bytes, LeadEvent]], list[Message], list[Message]]:
        """Events with their keys; copies of what every lane must hear; dead letters."""
        events: list[tuple[bytes, LeadEvent]] = []
        copies: list[Message] = []
        dead: list[Message] = []
        for record in records:
            topic = record.topic.removeprefix(self._prefix)
            crossing = topic == TIERS_TOPIC
            event = decode_crossing(record) if crossing else self._decoder.decode(record)
            if isinstance(event, Rejected):
                if topic in OURS:
                    self._measures.rejected(event.reason)
                    dead.append(dead_letter(record, event, app=self._app, version=self._version))
            elif event is not None:
                events.append((record.key or b"", event))
                if topic == OWNERS_TOPIC:
                    copies += self._copies(record)
        return events, copies, dead

    def _copies(self, record: Record) -> Iterable[Message]:
        """An owner's leaving for all other partitions; copies are not copied."""
        if any(name == COPY for name, _ in record.headers):
            return
        headers = (*record.headers, (COPY, str(self._partition).encode()))
        for partition in range(self._partitions):
            if partition != self._partition:
                yield Message(OWNERS_TOPIC, record.key, record.value, headers, None, partition)

    def _fold(self, key: bytes, event: LeadEvent, unit: Unit, states: StateReader) -> None:
        state = unit.states.get(key) or FollowUpState(self._policy.hash)
        folded = fold(state, event, self._policy, self._history)
        self._measures.folded(folded.status)
        if folded.status is Status.ERASED:
            unit.states[key] = None
            unit.changed[key] = None
            unit.outputs.append(tombstone(POOL_TOPIC, event.lead_id))
        elif folded.status not in _CHANGED_NOTHING:
            unit.states[key] = state
            unit.changed[key] = None
            self._say(folded, unit)
            self._take_from_the_gone(key, state, unit, states)

    def _take_from_the_gone(
        self, key: bytes, state: FollowUpState, unit: Unit, states: StateReader
    ) -> None:
        """A lead whose owner is gone does not stay with him, however it came there."""
        for link in range(_LONGEST_CHAIN + 1):
            owner = state.head.owner
            if owner is None:
                return
            entry = self._file(owner, states).entry_for(state.head)
            if entry is None:
                return
            if link == _LONGEST_CHAIN:
                entry = (*entry[:-1], None)
            lead_id = key.decode()
            folded = fold_entry(state, lead_id, entry, self._policy, self._history)
            if folded.status in _CHANGED_NOTHING:
                return
            unit.changed[key] = None
            self._say(folded, unit)

    def _hear(self, event: LeadEvent, unit: Unit, states: StateReader) -> None:
        owner = event.lead_id
        file = self._file(owner, states)
        if file.hear(event):
            unit.writes[owners.owner_key(owner)] = file.write()
        else:
            self._measures.folded(Status.DUPLICATE)

    def _tell(self, owner: str, unit: Unit, states: StateReader, limit: int) -> int:
        """Tell the next leads of an owner that he left; how many they were."""
        file = self._file(owner, states)
        leads = owners.leads_of(owner, file.after, states, limit)
        unit.load(self._cache.load((lead for lead in leads if lead not in unit.states), states))
        for lead in leads:
            state = unit.states.get(lead)
            if state is not None and state.head.owner == owner:
                self._take_from_the_gone(lead, state, unit, states)
        if len(leads) < limit:
            file.telling_us, file.after = None, b""
        else:
            file.after = leads[-1]
        unit.writes[owners.owner_key(owner)] = file.write()
        return len(leads)

    def _file(self, owner: str, states: StateReader) -> OwnerFile:
        file = self._files.get(owner)
        if file is None:
            raw = states.get_many([owners.owner_key(owner)])[0]
            file = self._files[owner] = OwnerFile.read(raw)
        return file

    def _say(self, folded: Folded, unit: Unit, until_us: int | None = None) -> None:
        for step in folded.steps:
            self._measures.step(step)
            if step.output is not None:
                unit.outputs.append(self._encoder.message(step.output))
            if until_us is not None:
                self._measures.late(step, until_us)


def _about_owner(event: LeadEvent) -> bool:
    return isinstance(event.body, OwnerLeft | OwnerReturned)


class PoolFactory:
    """Makes the pool stage of each partition (`scorer.engine.ports.StageFactory`)."""

    name: str = "pool"
    inputs: Sequence[str] = INPUTS
    outputs: Sequence[str] = (POOL_TOPIC,)

    def __init__(
        self,
        model: Model,
        *,
        app: str,
        version: str,
        partitions: int,
        decoder: Decoder,
        topic_prefix: str = "",
    ) -> None:
        self.policy = model.follow_up or nobody_is_held(model)
        self._history = model.history
        self._app, self._version, self._prefix = app, version, topic_prefix
        self._partitions, self._decoder = partitions, decoder
        self.tier_of: TierOf | None = None

    def __call__(self, partition: int) -> Stage:
        return PoolStage(
            self.policy,
            self._history,
            partition,
            partitions=self._partitions,
            decoder=self._decoder,
            topic_prefix=self._prefix,
            app=self._app,
            version=self._version,
        )


def nobody_is_held(model: Model) -> FollowUpPolicy:
    """The policy of a model without a follow-up section: owners are known, nothing is ever due."""
    return FollowUpPolicy("none", model.version, model.hash, {}, enabled=False)


def pool_factory(
    model: Model,
    *,
    app: str,
    version: str,
    partitions: int = 1,
    future_tolerance_ms: int = 300_000,
    topic_prefix: str = "",
    max_value_bytes: int = 65_536,
) -> PoolFactory:
    """The pool stage, as `topologies` and the in-memory driver build it."""
    decoder = Decoder(
        future_tolerance_ms=future_tolerance_ms,
        topic_prefix=topic_prefix,
        max_value_bytes=max_value_bytes,
    )
    return PoolFactory(
        model,
        app=app,
        version=version,
        partitions=partitions,
        decoder=decoder,
        topic_prefix=topic_prefix,
    )
