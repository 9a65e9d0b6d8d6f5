"""A lead's follow-up, told in one order of records and ticks (`scorer.verify.search.Path`).

A step is the next record of a topic, or a tick: of the lead, or of an owner who left and still has it.
Time told to a lead before evidence that lay on its topic already is not believed (semantics, section 7).
"""

# ruff: noqa: SLF001  (the next story is a story, too)
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import Final, NamedTuple

from scorer.contracts.published_pool import POOL_TOPIC
from scorer.contracts.records import Message
from scorer.engine import owners
from scorer.engine.memory import MemoryStore
from scorer.engine.ports import Effects, Stage, StateWrite
from scorer.verify.known import Ids, Known, evidence
from scorer.verify.retell import Due, Retold
from scorer.verify.said import Said, said_by_message

_AT_ONCE: Final = 8  # of a tick: room for the one lead, and for its owner to be done with it

_Step = Callable[[], "Story"]


class _One(NamedTuple):
    """A store in which only one key is due (`StateReader`)."""

    store: MemoryStore
    key: bytes

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        return self.store.get_many(keys)

    def due_until(self, until_us: int, limit: int) -> Sequence[bytes]:
        return [self.key]

    def keys(self, prefix: bytes, after: bytes, limit: int) -> Sequence[bytes]:
        return self.store.keys(prefix, after, limit)


class _Told(NamedTuple):
    """What a step has told, and what was told before it."""

    before: _Told | None
    outputs: Sequence[Due]
    dead_letters: Sequence[tuple[Message, int, bool]]


class Story:
    """A story as far as it is told. A step makes a new one, and changes nothing here."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._stage: Stage | None = None  # for whoever goes on from here first
        self._store = MemoryStore()
        self._heard_us: dict[bytes, int] = {}  # when each owner's leaving lay on its topic
        self._at = (0,) * len(known.queues)  # how many of each input are folded
        self._cursor = 0
        self._told: _Told | None = None
        self._wrong = self._matched = 0  # what the last step said: is not next; lies there
        self._astray = False  # the last step left the evidence of the stored state
        self._ids: Ids = frozenset()  # of the evidence so far
        self._over = False  # all that must have happened is told
        self._states: tuple[StateWrite | None, ...] = ()  # since then
        self._fits = False  # one of them is the stored one
        self._records = self._ticks = 0
        self._reordered = self._ticked_first = False
        self._heads: list[tuple[int, int]] = []  # when the records came that can be next; of inputs
        self._look_ahead()

    @property
    def right(self) -> bool:
        return not (self._wrong or self._astray)

    @property
    def stands(self) -> object:
        state, due = self._store.states.get(self._known.key), frozenset(self._store.due.items())
        return hash((self._at, self._cursor, self._over, self._fits, state, due))

    @property
    def reach(self) -> tuple[int, bool, int, bool, int]:
        return sum(self._at), self._over, self._cursor, self._fits, self._ticks

    @property
    def ended(self) -> bool:
        """Whether nothing is left that must be told."""
        return self._over and not self._heads

    @property
    def done(self) -> bool:
        return self.ended and self._fits and self._cursor >= self._known.lying.end

    def onward(self) -> Sequence[_Step]:
        """Ticks that can have come first, in the order of time, then records in merge order."""
        terms, due = self._known.terms, self._store.due
        by_us = self._heads[0][0] * 1000 + 999 if self._heads else terms.may_us
        ready = [key for key in due if due[key] <= by_us + terms.slack_us]
        return [*self._ticks_of(ready), *self._folds()]

    def least_wrong(self) -> Story:
        """The story with something that must be told, though it does not fit."""
        steps = [*self._folds()] or [*self._ticks_of(self._overdue())]
        return min((step() for step in steps), key=lambda story: story._misfit)

    def retold(self) -> Retold:
        """The whole of it."""
        known, due = self._known, self._store.due.get(self._known.key)
        out = Retold(records=self._records, of_lead=known.owner is None)
        out.reordered, out.ticked_first = self._reordered, self._ticked_first
        out.waiting = out.of_lead and due is not None and due <= known.terms.may_us
        out.states += self._states
        for told in self._steps():
            out.outputs += told.outputs
            out.dead_letters += told.dead_letters
        return out

    @property
    def _misfit(self) -> tuple[int, int, bool, int]:
        return self._wrong, -self._matched, self._astray, self._cursor

    def _steps(self) -> Sequence[_Told]:
        steps: list[_Told] = []
        told = self._told
        while told is not None:
            steps.append(told)
            told = told.before
        return steps[::-1]

    def _overdue(self) -> list[bytes]:
        """Whose ticks must have come."""
        return [key for key in self._store.due if self._instant(key) <= self._known.terms.must_us]

    def _instant(self, key: bytes) -> int:
        """When a tick can have come first."""
        return max(self._store.due[key], self._heard_us.get(key, 0))

    def _ticks_of(self, keys: Sequence[bytes]) -> Iterator[_Step]:
        return (partial(self._tick, key) for _, key in sorted((self._instant(k), k) for k in keys))

    def _folds(self) -> Iterator[_Step]:
        return (partial(self._fold, i, nth=n) for n, (_, i) in enumerate(self._heads))

    def _tick(self, key: bytes) -> Story:
        new, stage = self._fork()
        new._ticks += 1
        new._ticked_first |= bool(self._heads)
        effects = stage.tick(self._store.due[key], _One(self._store, key), _AT_ONCE)
        return new._take(effects, self._instant(key) // 1000, must=True)

    def _fold(self, number: int, *, nth: int) -> Story:
        known, at = self._known, self._at
        record = known.queues[number][at[number]]
        new, stage = self._fork()
        new._at = (*at[:number], at[number] + 1, *at[number + 1 :])
        new._records += record.key in (known.key, known.owner)
        new._reordered |= nth > 0
        effects = stage.process([record], self._store)
        if heard := [key for key in effects.states if owners.is_owner(key)]:
            new._heard_us = {**self._heard_us, **dict.fromkeys(heard, record.timestamp * 1000)}
        return new._take(effects, record.timestamp, must=not self._over)

    def _fork(self) -> tuple[Story, Stage]:
        """A story at the same place, and its stage: what one has at hand is good for one story."""
        new = copy(self)
        new._stage, self._stage = self._stage or self._known.make_stage(), None
        new._store = MemoryStore(dict(self._store.states), dict(self._store.due))
        return new, new._stage

    def _take(self, effects: Effects, at_ms: int, *, must: bool) -> Story:
        """This story, and what its last step has brought about, or `must` have."""
        before = self._store.states.get(self._known.key)
        self._store.apply(effects)
        said = [said_by_message(message, at_ms) for message in _pooled(effects)]
        self._go_along(said, must=must)
        self._keep_to_evidence(before)
        outputs = [Due(POOL_TOPIC, one, not self._over) for one in said]
        letters = [(letter, at_ms, not self._over) for letter in effects.dead_letters]
        self._told = _Told(self._told, outputs, letters)
        self._look_ahead()
        return self

    def _go_along(self, said: Sequence[Said], *, must: bool) -> None:
        """Move the cursor behind what is said, where that lies there."""
        lying = self._known.lying
        self._wrong = self._matched = 0
        for one in said:
            cursor = lying.next(self._cursor, one)
            if cursor is None:
                self._wrong += must or self._cursor < lying.end
                cursor = lying.later(self._cursor, one)
            if cursor is not None:
                self._matched += 1
                self._cursor = cursor

    def _keep_to_evidence(self, before: bytes | None) -> None:
        """See whether the lead has other evidence now than its stored state allows.

        Never of a lead that was not erased and had nobody who left: it has all, in any order.
        """
        self._astray = False
        known, state = self._known, self._store.states.get(self._known.key)
        may_differ = known.held is not None and (self._heard_us or known.lying.erased_last >= 0)
        if state == before or not may_differ:
            return
        ids, self._ids = self._ids, evidence(state)
        if not self._over:
            self._astray = known.strays(ids, self._ids, self._cursor, erased=state is None)

    def _look_ahead(self) -> None:
        """What can come next, and whether it must."""
        known, due = self._known, self._store.due
        for key in [key for key in due if owners.is_owner(key)]:
            if owners.index_key(owners.owner_of(key), known.key) not in self._store.states:
                del due[key]  # nothing to a lead that is not his
        self._heads = self._next_records(known.sure)
        if not self._over:
            self._over = not (self._heads or self._overdue())
        if self._over:
            self._heads = self._next_records([len(queue) for queue in known.queues])
            state = self._store.states.get(known.key)
            self._fits |= known.fits(state)
            write = None if state is None else StateWrite(state, due.get(known.key))
            self._states = (*self._states, write)

    def _next_records(self, ends: Sequence[int]) -> list[tuple[int, int]]:
        """The inputs whose next record may be the next of all, and when it came, in merge order."""
        queues = enumerate(zip(self._known.queues, self._at, ends, strict=True))
        heads = sorted((q[n].timestamp, i) for i, (q, n, end) in queues if n < end)
        slack_us = self._known.terms.slack_us
        return [head for head in heads if (head[0] - heads[0][0]) * 1000 <= slack_us]


def _pooled(effects: Effects) -> Iterator[Message]:
    """What is said of leads; copies of what was said of owners are judged for themselves."""
    return (message for message in effects.outputs if message.topic == POOL_TOPIC)
