"""One lead's story told again, from its input records alone. Knows a stage, knows no topic's content.

Two things are not written in the inputs: in which order records of *different* topics were folded
when they arrived within milliseconds, and whether time was told to the lead before or after evidence
that came late. Both are read off the order in which the outputs lie on their topics; every value is
computed. What cannot have happened is not believed: time told to a lead before evidence that lay on
its topic already (semantics, section 7).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Final, NamedTuple

from scorer.contracts.records import Message, Record
from scorer.engine.memory import MemoryStore
from scorer.engine.ports import Effects, Stage, StateWrite
from scorer.verify.said import Identity, Said, said_by_message

_GROUP: Final = 256  # records whose order is looked for together
_FEW: Final = 8  # of which every order is tried
TRIES: Final = 300  # orders that are tried; 8 records of two topics have at most 70

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
    """Tells one lead's story; used once."""

    def __init__(
        self, lead: Lead, make_stage: Callable[[], Stage], terms: Terms, identify: Identify
    ) -> None:
        self._lead, self._make_stage, self._terms = lead, make_stage, terms
        self._identify = identify
        self._stage = make_stage()
        self._store = MemoryStore()
        self._state: StateWrite | None = None
        self._out = Retold()
        self._must = True
        self._caused: dict[Identity, set[_Mark]] = {}  # what lies there because of each event
        self._times: dict[tuple[str, int], int] = {}  # where lies what time alone brought about
        for topic, said in lead.said.items():
            for number, one in enumerate(said):
                if one.cause is None:
                    self._times.setdefault((topic, one.time_us), number)
                else:
                    mark = (topic, one.id, one.digest)
                    self._caused.setdefault(one.cause, set()).add(mark)
        # Where lies the first thing that each event brought about, on the topic that tells most.
        self._place: dict[Identity, int] = {}
        told = sorted(lead.said.values(), key=len)
        for number, one in enumerate(told[-1] if told else ()):
            if one.cause is not None:
                self._place.setdefault(one.cause, number)
        self._there = {(t, one.id, one.digest) for t, said in lead.said.items() for one in said}
        self._made: set[tuple[str, str]] = set()  # outputs that were brought about so far
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
        while group := next_group(inputs, self._terms.slack_us):
            if len({record.topic for record in group}) == 1:
                self._fold(group)
            else:
                self._fold(self._as_shown(group))

    def _as_shown(self, group: Sequence[Record]) -> Sequence[Record]:
        """The order of a group that brings about what lies on the output topics; else the nearest.

        Of a few records every order is tried; of many, which a broker that was away has held back, the
        one in which their outputs lie there.
        """
        identities = {self._identify(record) for record in group} - self._folded
        shown = set().union(*(self._caused.get(i, ()) for i in identities if i is not None))
        best, fewest = group, -1
        for order in islice(self._candidates(group), TRIES):
            made = self._trial(order)
            wrong = len(made - self._there) + len(shown - made)
            if fewest < 0 or wrong < fewest:
                best, fewest = order, wrong
            if wrong == 0:
                break
        self._out.reordered |= list(best) != list(group)
        return best

    def _candidates(self, group: Sequence[Record]) -> Iterator[Sequence[Record]]:
        yield group
        yield self._as_said(group)
        if len(group) <= _FEW:
            yield from islice(orders(group), 1, None)  # the first is the group as it is

    def _as_said(self, group: Sequence[Record]) -> Sequence[Record]:
        """The order of the outputs; each topic's own is kept. What said nothing goes before the next
        of its topic that did.
        """
        waiting: dict[str, list[tuple[float, int, int, Record]]] = {}
        for number, record in reversed(list(enumerate(group))):
            later = waiting.setdefault(record.topic, [])
            identity = self._identify(record)
            place: float = self._place.get(identity, inf) if identity is not None else inf
            if later:  # the first of a topic is the last here
                place = min(place, later[-1][0])
            later.append((place, record.timestamp, number, record))
        out: list[Record] = []
        while waiting:
            topic = min(waiting, key=lambda name: waiting[name][-1][:3])
            out.append(waiting[topic].pop()[-1])
            if not waiting[topic]:
                del waiting[topic]
        return out

    def _trial(self, order: Sequence[Record]) -> set[_Mark]:
        """What an order of records would bring about, without changing anything here."""
        trial = Teller(self._lead, self._make_stage, self._terms, self._identify)
        trial._store = MemoryStore(dict(self._store.states), dict(self._store.due))
        trial._made, trial._folded = set(self._made), set(self._folded)
        trial._fold(order)
        return {(due.topic, due.said.id, due.said.digest) for due in trial._out.outputs}

    def _fold(self, records: Iterable[Record]) -> None:
        for record in records:
            while self._told_before(record):
                self._out.ticked_first = True
                self._tick(record.timestamp)
            self._out.records += 1
            self._folded.add(self._identify(record))
            self._apply(self._stage.process([record], self._store), record.timestamp)

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
        return all((topic, one.id, one.digest) in self._there for topic, one in told)

    def _awaits_evidence(self, topic: str, number: int) -> bool:
        """Whether something lies before an output that evidence yet to be folded brings about."""
        said = self._lead.said[topic]
        for one in reversed(said[:number]):
            if (topic, one.id) in self._made:
                return False
            if one.cause is not None and one.cause not in self._folded:
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
        self._apply(self._stage.tick(due, self._store, 1), max(at_ms, due // 1000))

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


def next_group(inputs: Sequence[deque[Record]], slack_us: int) -> list[Record]:
    """The next records in merge order, taken off; several where another order is possible."""
    group: list[Record] = []
    while heads := [(q[0].timestamp, rank) for rank, q in enumerate(inputs) if q]:
        at_ms, rank = min(heads)
        blurred = group and (at_ms - group[0].timestamp) * 1000 <= slack_us
        if group and not (blurred and len(group) < _GROUP):
            break
        group.append(inputs[rank].popleft())
    return group


def orders(group: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Every order that keeps that of each topic, beginning with the given one."""
    if len(group) <= 1:
        yield group
        return
    seen: set[str] = set()
    for number, record in enumerate(group):
        if record.topic not in seen:  # the first of its topic
            seen.add(record.topic)
            for rest in orders([*group[:number], *group[number + 1 :]]):
                yield [record, *rest]
