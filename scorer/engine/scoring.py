"""The scoring stage: records in, effects out. Knows contracts and the fold, knows no Kafka client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from scorer.contracts.dead_letters import dead_letter
from scorer.contracts.decode import Decoder
from scorer.contracts.encode import Encoder, tombstone
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message, Record
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.contracts.stored_tier import tier_in, tier_of
from scorer.domain.events import LeadEvent
from scorer.domain.fold import Status, advance, fold, remodel
from scorer.domain.making import make
from scorer.domain.model import Model
from scorer.domain.outputs import CauseKind, Output, ScoreChanged, Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.cache import StateCache
from scorer.engine.flood import FloodGauge, FloodLimit
from scorer.engine.inspector import Inspector
from scorer.engine.ports import Effects, Stage, StateReader, StateWrite, TierOf

INPUTS: Final = (
    "leads.created.v1",
    "leads.attributes.v1",
    "leads.behaviours.v1",
    "leads.followups.v1",
    "leads.outcomes.v1",
)
SCORES: Final = "leads.scores.v1"
TIERS: Final = "leads.tiers.v1"


_COUNTED: Final = {
    Status.DUPLICATE: ("events_duplicate",),
    Status.SETTLED: ("events_late",),
    Status.FORGOTTEN: ("events_forgotten",),
    Status.LATE: ("events_out_of_order",),
    Status.HELD: ("events_held",),
    Status.UNKNOWN: ("behaviours_unknown",),
}
_CHANGED_NOTHING: Final = frozenset(
    {Status.DUPLICATE, Status.FORGOTTEN, Status.UNKNOWN, Status.UNUSED}
)


class ScoringStage:
    """One partition of the scoring stage (`scorer.engine.ports.Stage`)."""

    def __init__(
        self,
        plan: Plan,
        partition: int,
        decoder: Decoder,
        encoder: Encoder,
        *,
        app: str,
        version: str,
        limit: FloodLimit,
        inspected: bool,
    ) -> None:
        self._plan, self._decoder, self._encoder = plan, decoder, encoder
        self._app, self._version = app, version
        self._flood = FloodGauge(partition, limit)
        self._cache: StateCache[LeadState] = StateCache(decode_state)
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._scores: dict[CauseKind, int] = {}  # what is counted for most events
        self._worst: dict[tuple[str, ...], float] = {}
        self._inspector = Inspector(plan, self._counts) if inspected else None

    def process(self, records: Sequence[Record], states: StateReader) -> Effects:
        """Fold a batch, lead by lead. Raises only `DeadLetterFlood` and `StateError`, both fail-stop."""
        events, dead = self._decoded(records)
        places = _places(events)
        inspector, now_ms = self._inspector, records[-1].timestamp if records else 0
        sample = None if inspector is None else inspector.choose(now_ms, places)
        said: list[Sequence[Message]] = [()] * len(events)
        writes: dict[bytes, StateWrite] = {}
        moved: dict[str, int] = {}
        for key, stored in self._cache.load(places, states):
            state, changed, before, watch = stored, False, None, None
            if stored is not None:
                before = tier_in(stored)
                watch = inspector if key == sample else None
                if watch is not None:
                    watch.before(key, stored, now_ms, states)
            for place in places[key]:
                event = events[place][1]
                known = LeadState(self._plan.hash) if state is None else state
                folded = fold(known, event, self._plan)
                if folded.suppressed:
                    self._counts["events_suppressed",] += folded.suppressed
                if folded.status in _COUNTED:
                    self._counts[_COUNTED[folded.status]] += 1
                if folded.status is Status.ERASED:
                    state, changed = None, True
                    said[place] = tombstone(SCORES, event.lead_id), tombstone(TIERS, event.lead_id)
                elif folded.status not in _CHANGED_NOTHING:
                    state, changed = known, True
                    said[place] = self._messages(folded.outputs)
            if changed:
                _move(moved, before, None if state is None else tier_in(state))
                writes[key] = self._write(key, state)
                if watch is not None:
                    watch.look(key, state)
        return Effects([m for messages in said for m in messages], dead, writes, moved=moved)

    def _decoded(
        self, records: Sequence[Record]
    ) -> tuple[list[tuple[bytes, LeadEvent]], list[Message]]:
        """The events of a batch with their keys, and a dead letter for every other record."""
        events: list[tuple[bytes, LeadEvent]] = []
        dead: list[Message] = []
        run = longest = self._flood.run
        reason, age_ms = "", 0
        for record in records:
            event = self._decoder.decode(record)
            if type(event) is Rejected:
                run, reason = run + 1, event.reason
                longest = max(longest, run)
                self._counts["events_rejected", reason] += 1
                dead.append(dead_letter(record, event, app=self._app, version=self._version))
            else:
                run = 0
                events.append((record.key or b"", event))
                age_ms = max(age_ms, record.timestamp - event.time_us // 1_000)
        if events:
            self._worst["event_age_seconds",] = age_ms / 1e3
        self._flood.batch(len(records), len(dead), run, longest, reason)
        return events, dead

    def tick(self, until_us: int, states: StateReader, limit: int) -> Effects:
        """Advance the leads that are due, earliest first, at most `limit` of them."""
        keys = states.due_until(until_us, limit)
        writes: dict[bytes, StateWrite] = {}
        moved: dict[str, int] = {}
        outputs: list[Message] = []
        late_us = -1
        for key, state in self._cache.load(keys, states):
            if state is None:
                continue
            lead_id, before = key.decode(), tier_in(state)
            said: list[Output] = []
            if state.model_hash != self._plan.hash:
                said = remodel(state, lead_id, self._plan, until_us)
            said += advance(state, lead_id, self._plan, until_us)
            _move(moved, before, tier_in(state))
            outputs += self._messages(said)
            writes[key] = self._write(key, state)
            for output in said:
                if type(output) is TierCrossed:
                    late_us = max(late_us, until_us - output.time_us)
        if late_us >= 0:
            self._worst["crossing_lateness_seconds",] = late_us / 1e6
        return Effects(outputs, (), writes, due_left=len(keys) >= limit, moved=moved)

    def counters(self) -> Mapping[tuple[str, ...], float]:
        """What was counted since the last call."""
        counts = {**self._counts, **self._worst}
        for kind, number in self._scores.items():
            counts["score_changes", kind] = number
        self._counts.clear()
        self._scores.clear()
        self._worst.clear()
        return counts

    def _write(self, key: bytes, state: LeadState | None) -> StateWrite:
        """What to store of a lead, whose state is at hand from now on."""
        self._cache.put(key, state)
        if state is None:
            return StateWrite(None, None)
        written = encode_state(state), state.due_us(self._plan.coalesce_us)
        return make(StateWrite, written)

    def _messages(self, said: list[Output]) -> list[Message]:
        messages = []
        for output in said:
            if type(output) is ScoreChanged:
                kind = output.cause.kind
                self._scores[kind] = self._scores.get(kind, 0) + 1
                messages.append(self._encoder.score_changed(output))
            else:
                self._counts[
                    "tier_changes", output.from_tier, output.to_tier, output.cause.kind
                ] += 1
                messages.append(self._encoder.tier_crossed(output))
        return messages


def _places(events: Sequence[tuple[bytes, LeadEvent]]) -> dict[bytes, list[int]]:
    """Where the events of each lead are in the batch."""
    places: dict[bytes, list[int]] = {}
    for place, (key, _) in enumerate(events):
        same = places.get(key)
        if same is None:
            places[key] = [place]
        else:
            same.append(place)
    return places


def _move(moved: dict[str, int], before: Tier | None, now: Tier | None) -> None:
    if now is before:
        return
    if before is not None:
        moved[before] = moved.get(before, 0) - 1
    if now is not None:
        moved[now] = moved.get(now, 0) + 1


class ScoringFactory:
    """Makes the scoring stage of each partition (`scorer.engine.ports.StageFactory`)."""

    name: str = "scoring"
    inputs: Sequence[str] = INPUTS
    outputs: Sequence[str] = (SCORES, TIERS)

    def __init__(
        self,
        model: Model,
        *,
        app: str,
        version: str,
        decoder: Decoder,
        limit: FloodLimit | None = None,
        inspected: bool = True,
    ) -> None:
        self.plan = Plan(model)
        self.tier_of: TierOf | None = tier_of
        self._app, self._version, self._decoder = app, version, decoder
        self._limit, self._inspected = limit or FloodLimit(), inspected
        self._encoder = Encoder(f"/lead-scorer/{app}/{self.name}")

    def __call__(self, partition: int) -> Stage:
        return ScoringStage(
            self.plan,
            partition,
            self._decoder,
            self._encoder,
            app=self._app,
            version=self._version,
            limit=self._limit,
            inspected=self._inspected,
        )


def scoring_factory(
    model: Model,
    *,
    app: str,
    version: str,
    future_tolerance_ms: int = 300_000,
    topic_prefix: str = "",
    max_value_bytes: int = 65_536,
    limit: FloodLimit | None = None,
    inspected: bool = True,
) -> ScoringFactory:
    """The scoring stage, as `topologies` and the in-memory driver build it.

    `inspected`: a lead a second is looked at (`Inspector`); not for who tells single leads again.
    """
    decoder = Decoder(
        future_tolerance_ms=future_tolerance_ms,
        topic_prefix=topic_prefix,
        max_value_bytes=max_value_bytes,
    )
    return ScoringFactory(
        model, app=app, version=version, decoder=decoder, limit=limit, inspected=inspected
    )
