"""One lead's story told again, from its input records alone. Knows a stage, knows no topic's content.

Two things are not written in the inputs: in which order records of *different* topics were folded
when they arrived within milliseconds, and whether time was told to the lead before or after evidence
that came late. Both are read off the order in which the outputs lie on their topics; every value is
computed. What cannot have happened is not believed: time told to a lead before evidence that lay on
its topic already (semantics, section 7).
"""

# ruff: noqa: SLF001  (a fork is a teller, too)
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from scorer.contracts.records import Message, Record
from scorer.engine.memory import MemoryStore
from scorer.engine.ports import Effects, Stage, StateWrite
from scorer.verify.order import next_group, settled, untangled
from scorer.verify.said import Identity, Said, said_by_message

_Mark = tuple[str, str, bytes]  # topic, id and digest of an output
Identify = Callable[[Record], Identity | None]


class Terms(NamedTuple):
    """What holds for all leads of a partition."""

    must_us: int  # crossings due up to here must have been said
    may_us: int  # those due up to here may have been
    slack_us: int  # by which clocks and open transactions of publishers may blur "before"


@dataclass(slots=True)
class Lead:
    """All that the topics hold about one key."""

    key: bytes
    inputs: Sequence[deque[Record]]  # by input, in merge order of the inputs
    said: Mapping[str, list[Said]]  # by output topic
    extra: Sequence[deque[Record]]  # records that may have been folded
    stored: bytes | None = None  # the state that lies on the changelog


class Due(NamedTuple):
    """An output that is expected."""

    topic: str
    said: Said
    must: bool


@dataclass(slots=True)
class Retold:
    """What must be on the topics about one lead."""

    outputs: list[Due] = field(default_factory=list)
    dead_letters: list[tuple[Message, int, bool]] = field(default_factory=list)
    states: list[StateWrite | None] = field(default_factory=list)  # any of them is right
    records: int = 0
    of_lead: bool = True  # not of an owner
    reordered: bool = False
    ticked_first: bool = False
    waiting: bool = False  # due, and no worker was there to say it


class Teller:
    """Tells one lead's story; used once. A fork is a teller, too, and knows only what came since."""

    def __init__(
        self, lead: Lead, make_stage: Callable[[], Stage], terms: Terms, identify: Identify
    ) -> None:
        self._lead, self._make_stage, self._terms = lead, make_stage, terms
        self._identify = identify
        self._before: Teller | None = None  # whose fork this is
        self._stage: Stage | None = None  # for whoever goes on from here first
        self._store = MemoryStore()
        self._state: StateWrite | None = None
        self._out = Retold()
        self._must = True
        self._last: Record | None = None  # what the last step folded; None: a tick
        self.wrong = 0  # what the last step said, and does not lie there next
        self._caused: dict[Identity, set[_Mark]] = {}  # what lies there because of each event
        self._times: set[tuple[str, int]] = set()  # when time alone brought about what lies there
        self._places: dict[_Mark, list[int]] = {}  # where each output lies on its topic
        for topic, said in lead.said.items():
            for number, one in enumerate(said):
                mark = (topic, one.id, one.digest)
                self._places.setdefault(mark, []).append(number)
                if one.cause is None:
                    self._times.add((topic, one.time_us))
                else:
                    self._caused.setdefault(one.cause, set()).add(mark)
        self._reached: dict[str, int] = {}  # where the last output lies that was told, by topic
        self._made: set[tuple[str, str]] = set()  # outputs that were brought about

    def tell(self) -> Retold:
        """The whole story."""
        self._fold_all(self._lead.inputs)
        self._pass_time(self._terms.must_us)
        self._must = False
        self._out.states.append(self._state)
        self._pass_time(self._terms.must_us, witnessed=True)
        self._fold_all(self._lead.extra)
        self._pass_time(self._terms.must_us, witnessed=True)
        due = self._due()
        self._out.waiting = due is not None and due <= self._terms.may_us
        return self._out

    def _fold_all(self, inputs: Sequence[deque[Record]]) -> None:
        queues = {queue[0].topic: queue for queue in inputs if queue}
        while group := next_group(inputs, self._terms.slack_us):
            sure = settled(group)
            plain = self._fold_plain(group[:sure])
            order = group[plain:]
            if plain < sure:
                order, teller = untangled(self, order, self._terms.slack_us)
                self._become(teller._after(sure - plain, of=len(order)))
                self._out.reordered |= order[: sure - plain] != group[plain:sure]
            for record in reversed(order[sure - plain :]):
                queues[record.topic].appendleft(record)

    def _fold_plain(self, group: Sequence[Record]) -> int:
        """Fold records of one topic, up to where time may have been told; says how many."""
        if len({record.topic for record in group}) > 1:
            return 0
        for number, record in enumerate(group):
            if self.may_tick(record):
                return number
            self._fold(record)
        return len(group)

    def may_tick(self, before: Record) -> bool:
        """Whether time can have been told now, while a record was still to be folded.

        Not what was due only after that lay on its topic already.
        """
        due = self._due()
        return due is not None and due <= before.timestamp * 1000 + 999 + self._terms.slack_us

    def ticked(self, before: Record) -> Teller:
        """Who has told the lead what was due next."""
        fork = self._fork()
        fork._tick(before.timestamp)
        fork._out.ticked_first = bool(fork._out.outputs)
        return fork

    def folded(self, record: Record) -> Teller:
        """Who has folded one more record."""
        fork = self._fork()
        fork._fold(record)
        return fork

    @property
    def unsaid(self) -> int:
        """How much lies there because of the record that the last step folded, and was not said."""
        identity = None if self._last is None else self._identify(self._last)
        caused = () if identity is None else self._caused.get(identity, ())
        return sum(not self._has_made(topic, id_) for topic, id_, _ in caused)

    @property
    def stands(self) -> object:
        """All that what comes next depends on."""
        state = self._store.states.get(self._lead.key)
        return state, self._due(), frozenset(self._reached.items())

    def _fork(self) -> Teller:
        """A teller of the same lead at the same place, who changes nothing here."""
        fork = copy(self)
        fork._before, fork._out = self, Retold()
        fork._stage, self._stage = self._stage, None  # what it has at hand is good for one story
        fork._store = MemoryStore(dict(self._store.states), dict(self._store.due))
        fork._made = set()
        fork._reached = dict(self._reached)
        return fork

    def _become(self, fork: Teller) -> None:
        """Be where a fork, or a fork of one, has come to."""
        self._stage, self._store, self._state = fork._stage, fork._store, fork._state
        self._reached = fork._reached
        for step in reversed(list(fork._steps(since=self))):
            self._out.outputs += step._out.outputs
            self._out.dead_letters += step._out.dead_letters
            self._out.states += step._out.states
            self._out.records += step._out.records
            self._out.ticked_first |= step._out.ticked_first
            self._made |= step._made

    def _steps(self, since: Teller | None = None) -> Iterator[Teller]:
        """This teller and those whose fork it is, the latest first."""
        step: Teller | None = self
        while step is not since and step is not None:
            yield step
            step = step._before

    def _after(self, records: int, *, of: int) -> Teller:
        """Who has folded only the first of the records that this one and those before him have."""
        steps = self._steps()
        step, surplus = next(steps), of - records
        while surplus or (records < of and step._last is None):
            surplus -= step._last is not None
            step = next(steps)
        return step

    def _lies_next(self, topic: str, one: Said) -> bool:
        """Whether an output lies behind those that were said, and nothing between that is still to be said."""
        reached = self._reached.get(topic, -1)
        places = self._places.get((topic, one.id, one.digest), ())
        place = next((place for place in places if place > reached), None)
        if place is None:
            return False
        self._reached[topic] = place
        between = self._lead.said[topic][reached + 1 : place]
        return all(self._has_made(topic, skipped.id) for skipped in between)

    def _has_made(self, topic: str, id_: str) -> bool:
        return any((topic, id_) in step._made for step in self._steps())

    def _fold(self, record: Record) -> None:
        self._last = record
        self._out.records += 1
        self._apply(self._at_work().process([record], self._store), record.timestamp)

    def _pass_time(self, until_us: int, *, witnessed: bool = False) -> None:
        """What comes due with nobody interfering."""
        while (due := self._due()) is not None:
            seen = witnessed and any((topic, due) in self._times for topic in self._lead.said)
            if due > until_us and not (seen and due <= self._terms.may_us + self._terms.slack_us):
                return
            self._tick(due // 1000)

    def _tick(self, at_ms: int) -> None:
        due = self._due()
        assert due is not None
        self._last = None
        self._apply(self._at_work().tick(due, self._store, 1), max(at_ms, due // 1000))

    def _at_work(self) -> Stage:
        self._stage = self._stage or self._make_stage()
        return self._stage

    def _due(self) -> int | None:
        return self._store.due.get(self._lead.key)

    def _apply(self, effects: Effects, at_ms: int) -> None:
        self._store.apply(effects)
        self.wrong = 0
        for message in effects.outputs:
            one = said_by_message(message, at_ms)
            self.wrong += not self._lies_next(message.topic, one)
            self._made.add((message.topic, one.id))
            self._out.outputs.append(Due(message.topic, one, self._must))
        for letter in effects.dead_letters:
            self._out.dead_letters.append((letter, at_ms, self._must))
        if self._lead.key in effects.states:
            write = effects.states[self._lead.key]
            self._state = None if write.value is None else write
        if not self._must:
            self._out.states.append(self._state)
