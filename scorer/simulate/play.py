"""Plays a story: what arrives is folded, time passes, the lead is looked at. No clock, no files.

`MemoryPlayer` is the worker without a broker: CloudEvents in bytes go in, the bytes that subscribers
would read come out. A story that says whose the lead is also plays the pool stage (`pooled`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Final, NamedTuple, Protocol

from scorer import __version__
from scorer.contracts.compose import compose
from scorer.contracts.instants import to_us
from scorer.contracts.published import CrossingEvent, ScoreEvent, read_output
from scorer.contracts.records import Message
from scorer.contracts.state_codec import decode_state
from scorer.domain.events import LeadEvent
from scorer.domain.model import Model
from scorer.domain.plan import Plan
from scorer.domain.scoring import score_at
from scorer.domain.state import LeadState
from scorer.engine.account import Account, account
from scorer.engine.memory import MemoryDriver
from scorer.engine.pool_account import FollowUp
from scorer.engine.scoring import INPUTS, scoring_factory
from scorer.simulate.pool_words import brief
from scorer.simulate.pooled import Heard, Pool, PoolSaid, as_record, refusal
from scorer.simulate.telling import Look, Publication, Standing, Told

SAMPLES: Final = 480
"""Points of a curve: two for each column of dots in a wide terminal, one for every 2 px of a picture."""

Said = ScoreEvent | CrossingEvent


class Refused(Exception):
    """The worker takes an event of the story for bad."""

    def __init__(self, step: int, reason: str) -> None:
        super().__init__(f"step {step + 1} of the story is no valid event: {reason}")


class Player(Protocol):
    """A scorer of one lead, however it is driven."""

    def feed(self, event: LeadEvent, arrives_us: int) -> Sequence[Message]:
        """An event arrives; what is published because of it."""

    def advance(self, until_us: int) -> Sequence[Message]:
        """The clock comes to an instant; what is published because of it."""

    def state(self) -> LeadState | None:
        """The lead as it is stored now."""


class MemoryPlayer:
    """The scoring stage over records in memory (`Player`)."""

    def __init__(self, model: Model, lead_id: str) -> None:
        stage = scoring_factory(model, app="simulate", version=__version__)(0)
        self._driver, self._key = MemoryDriver(stage), lead_id.encode()

    def feed(self, event: LeadEvent, arrives_us: int) -> Sequence[Message]:
        sent = compose(event)
        if sent.topic not in INPUTS:
            return ()
        said = self._driver.feed([as_record(sent, arrives_us)])
        if self._driver.dead_letters:
            raise ValueError(refusal(self._driver))
        return said

    def advance(self, until_us: int) -> Sequence[Message]:
        return self._driver.advance(until_us)

    def state(self) -> LeadState | None:
        raw = self._driver.store.states.get(self._key)
        return None if raw is None else decode_state(raw)


class Row(NamedTuple):
    """A line of the table: something happened, or somebody looked."""

    at_us: int
    happened_us: int  # earlier, when the evidence was late
    what: str
    account: Account
    follow_up: FollowUp | None = None  # of a story that says whose the lead is
    by_pool: bool = False


class Stood(NamedTuple):
    """How the lead stood at an instant about which something is expected."""

    standing: Standing
    account: Account
    follow_up: FollowUp | None


@dataclass(slots=True)
class Played:
    """What came of a story."""

    told: Told
    rows: list[Row] = field(default_factory=list)
    curve: list[tuple[int, float]] = field(default_factory=list)  # of the published score, by time
    said: list[Message] = field(default_factory=list)
    pool: list[PoolSaid] = field(default_factory=list)
    standings: list[Stood] = field(default_factory=list)

    @property
    def events(self) -> list[Said]:
        """What was published, as a subscriber reads it."""
        return [read_output(message.value or b"") for message in self.said]

    @property
    def crossings(self) -> list[CrossingEvent]:
        """The crossings among it."""
        return [event for event in self.events if isinstance(event, CrossingEvent)]


def play(told: Told, player: Player | None = None, *, samples: int = SAMPLES) -> Played:
    """Play a story to its end. Raises `Refused` when the worker would refuse one of its events."""
    run = _Run(told, player or MemoryPlayer(told.model, told.lead_id), samples)
    for at_us, _, what in _actions(told):
        run.pass_time(at_us)
        if isinstance(what, Publication):
            run.publish(what)
        elif isinstance(what, Look):
            run.look(what)
        else:
            run.compare(what)
    run.pass_time(told.end_us)
    run.advance(told.end_us)
    run.played.rows.sort(key=lambda row: row.at_us)
    return run.played


def _actions(told: Told) -> Iterator[tuple[int, int, Publication | Look | Standing]]:
    """Everything in the order of time; at the same instant evidence, then looks, then expectations."""
    return merge(
        ((p.arrives_us, 0, p) for p in told.publications),
        ((look.at_us, 1, look) for look in told.looks),
        ((standing.at_us, 2, standing) for standing in told.standings),
        key=lambda action: action[:2],
    )


class _Run:
    """One playing of a story."""

    def __init__(self, told: Told, player: Player, samples: int) -> None:
        self.told, self.player = told, player
        self.plan = Plan(told.model)
        self.pool = Pool(told.model, told.lead_id) if told.followed else None
        self.played = Played(told)
        self._now_us = min([told.calendar.start_us, *(p.arrives_us for p in told.publications)])
        self._step_us = max((told.end_us - self._now_us) // max(samples, 1), 1_000)
        self._state = LeadState(self.plan.hash)

    def pass_time(self, until_us: int) -> None:
        """Draw the curve to an instant, as the score is before anything happens at it."""
        for at_us in range(self._now_us + self._step_us, until_us, self._step_us):
            self._point(at_us)
        if until_us > self._now_us:
            self._point(until_us)
        self._now_us = max(self._now_us, until_us)

    def publish(self, what: Publication) -> None:
        """Evidence arrives. Late evidence meets a lead that the clock has brought to its arrival."""
        late = what.arrives_us > what.event.time_us
        if late:
            self.advance(what.arrives_us)
        try:
            said = self.player.feed(what.event, what.arrives_us)
            pooled = list(self.pool.feed(what.event, what.arrives_us, said)) if self.pool else []
        except ValueError as error:
            raise Refused(what.step, str(error)) from None
        self._hear(said)
        self._state = self.player.state() or self._state
        self._point(what.arrives_us)
        if what.says:
            self._row(what.arrives_us, what.event.time_us, what.says)
        self._follow(pooled, what.arrives_us if late else None)

    def look(self, look: Look) -> None:
        """The clock comes to an instant, in steps where the story says so."""
        if look.every_us:
            since = self.played.rows[-1].at_us if self.played.rows else self._now_us
            for tick_us in range(since + look.every_us, look.at_us, look.every_us):
                self.advance(tick_us)
        self.advance(look.at_us)
        self._row(look.at_us, look.at_us, look.says)

    def compare(self, standing: Standing) -> None:
        """Remember how the lead stands at an instant about which something is expected."""
        if self.pool is not None:  # what tiers do to deadlines on the way
            self.advance(standing.at_us)
        found = account(self._state, self.told.lead_id, self.plan, standing.at_us)
        self.played.standings.append(Stood(standing, found, self._followed(standing.at_us)))

    def advance(self, until_us: int) -> None:
        """The worker's tick."""
        said = self.player.advance(until_us)
        self._hear(said)
        self._state = self.player.state() or self._state
        if self.pool is not None:
            self._follow(self.pool.advance(until_us, said), None)

    def _hear(self, said: Sequence[Message]) -> None:
        self.played.said += said
        for message in said:
            event = read_output(message.value or b"")
            if isinstance(event, CrossingEvent) and event.data.cause.id is None:
                at_us = to_us(event.time)  # the state from before is the one that crossed
                says = f"{event.data.cause.kind}: {event.data.from_} → {event.data.to}"
                self._row(at_us, at_us, says)

    def _follow(self, heard: Iterable[Heard], late_us: int | None) -> None:
        """Note what the pool says, at the instant at which it can be read."""
        for message, before in heard:
            it = PoolSaid.of(message, late_us)
            self.played.pool.append(it)
            if (what := brief(it.event)) is not None:
                found = account(self._state, self.told.lead_id, self.plan, it.at_us)
                then = self._followed(it.at_us, None if late_us else before)
                self.played.rows.append(
                    Row(it.at_us, to_us(it.event.time), what, found, then, by_pool=True)
                )

    def _followed(self, at_us: int, raw: bytes | None = None) -> FollowUp | None:
        return None if self.pool is None else self.pool.follow_up(at_us, raw)

    def _row(self, at_us: int, happened_us: int, what: str) -> None:
        found = account(self._state, self.told.lead_id, self.plan, at_us)
        self.played.rows.append(Row(at_us, happened_us, what, found, self._followed(at_us)))

    def _point(self, at_us: int) -> None:
        head = self._state.head
        if head.created_us is not None:
            self.played.curve.append((at_us, score_at(head, self.plan, at_us)))
