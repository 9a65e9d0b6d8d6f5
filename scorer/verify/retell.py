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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
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
        self._caused: dict[Identity, set[_Mark]] = {}  # what lies there because of each event
        self._times: dict[tuple[str, int], int] = {}  # where lies what time alone brought about
        self._places: dict[_Mark, list[int]] = {}  # where each output lies on its topic
        for topic, said in lead.said.items():
            for number, one in enumerate(said):
                mark = (topic, one.id, one.digest)
                self._places.setdefault(mark, []).append(number)
                if one.cause is None:
                    self._times.setdefault((topic, one.time_us), number)
                else:
                    self._caused.setdefault(one.cause, set()).add(mark)
        self._reached: dict[str, int] = {}  # up to where outputs are told in the order being tried
        self._made: set[tuple[str, str]] = set()  # outputs that were brought about
        self._folded: set[Identity | None] = set()

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
            order, sure = group, settled(group)
            if len({record.topic for record in group}) == 1:
                self._fold(group[:sure])
            else:
                order, teller = untangled(self, group, self._terms.slack_us)
                self._become(teller._after(sure, of=len(order)))
                self._out.reordered |= order[:sure] != group[:sure]
            for record in reversed(order[sure:]):
                queues[record.topic].appendleft(record)

    def ahead(self, record: Record) -> tuple[Teller, bool, int]:
        """Who has folded one more record; whether what it said lies there, behind what was said
        before; and how much lies there because of it that was not said.
        """
        fork = self._fork()
        fork._fold([record])
        right = True
        for due in fork._out.outputs:
            topic = due.topic
            reached = fork._reached.get(topic, -1)
            places = self._places.get((topic, due.said.id, due.said.digest), ())
            place = next((place for place in places if place > reached), -1)
            right = right and place >= 0
            fork._reached[topic] = max(place, reached)
        identity = self._identify(record)
        caused = self._caused.get(identity, ()) if identity is not None else ()
        unsaid = sum(not fork._has_made(topic, id_) for topic, id_, _ in caused)
        return fork, right, unsaid

    @property
    def state(self) -> bytes | None:
        """What is stored about the lead by now."""
        return self._store.states.get(self._lead.key)

    def _fork(self) -> Teller:
        """A teller of the same lead at the same place, who changes nothing here."""
        fork = copy(self)
        fork._before, fork._out = self, Retold()
        fork._stage, self._stage = self._stage, None  # what it has at hand is good for one story
        fork._store = MemoryStore(dict(self._store.states), dict(self._store.due))
        fork._made, fork._folded = set(), set()
        fork._reached = dict(self._reached)
        return fork

    def _become(self, fork: Teller) -> None:
        """Be where a fork, or a fork of one, has come to."""
        self._stage, self._store, self._state = fork._stage, fork._store, fork._state
        for step in reversed(list(fork._steps(since=self))):
            self._out.outputs += step._out.outputs
            self._out.dead_letters += step._out.dead_letters
            self._out.states += step._out.states
            self._out.records += step._out.records
            self._out.ticked_first |= step._out.ticked_first
            self._made |= step._made
            self._folded |= step._folded

    def _steps(self, since: Teller | None = None) -> Iterator[Teller]:
        """This teller and those whose fork it is, the latest first."""
        step: Teller | None = self
        while step is not since and step is not None:
            yield step
            step = step._before

    def _after(self, records: int, *, of: int) -> Teller:
        """Who has folded only the first of the records that this one and those before him have, one each."""
        return next(islice(self._steps(), of - records, None))

    def _has_made(self, topic: str, id_: str) -> bool:
        return any((topic, id_) in step._made for step in self._steps())

    def _has_folded(self, identity: Identity) -> bool:
        return any(identity in step._folded for step in self._steps())

    def _fold(self, records: Iterable[Record]) -> None:
        for record in records:
            while self._told_before(record):
                self._out.ticked_first = True
                self._tick(record.timestamp)
            self._out.records += 1
            self._folded.add(self._identify(record))
            self._apply(self._at_work().process([record], self._store), record.timestamp)

    def _told_before(self, record: Record) -> bool:
        """Whether the outputs show that time was told to the lead before this record was folded."""
        due = self._due()
        if due is None or due > record.timestamp * 1000 + 999 + self._terms.slack_us:
            return False
        shown = [(t, self._times[t, due]) for t in self._lead.said if (t, due) in self._times]
        if not shown or any(self._awaits_evidence(*place) for place in shown):
            return False
        return self._tells_what_is_there(due)

    def _tells_what_is_there(self, due: int) -> bool:
        """Evidence that says nothing itself still shows in what time says after it."""
        effects = self._make_stage().tick(due, self._store, 1)
        told = ((m.topic, said_by_message(m, 0)) for m in effects.outputs)
        return all((topic, one.id, one.digest) in self._places for topic, one in told)

    def _awaits_evidence(self, topic: str, number: int) -> bool:
        """Whether something lies before an output that evidence yet to be folded brings about."""
        said = self._lead.said[topic]
        for one in reversed(said[:number]):
            if self._has_made(topic, one.id):
                return False
            if one.cause is not None and not self._has_folded(one.cause):
                return True
        return False

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
        self._apply(self._at_work().tick(due, self._store, 1), max(at_ms, due // 1000))

    def _at_work(self) -> Stage:
        self._stage = self._stage or self._make_stage()
        return self._stage

    def _due(self) -> int | None:
        return self._store.due.get(self._lead.key)

    def _apply(self, effects: Effects, at_ms: int) -> None:
        self._store.apply(effects)
        for message in effects.outputs:
            one = said_by_message(message, at_ms)
            self._made.add((message.topic, one.id))
            self._out.outputs.append(Due(message.topic, one, self._must))
        for letter in effects.dead_letters:
            self._out.dead_letters.append((letter, at_ms, self._must))
        if self._lead.key in effects.states:
            write = effects.states[self._lead.key]
            self._state = None if write.value is None else write
        if not self._must:
            self._out.states.append(self._state)
