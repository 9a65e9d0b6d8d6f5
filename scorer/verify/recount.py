"""One lead's follow-up told again, from its input records alone. Knows the pool stage.

What is not written in the inputs is when time was told to the lead, when it was told that its owner
left, and in which order records of different topics were folded. All that the pool says of a lead lies
on one topic, in the order in which it was said: so a cursor moves over it, and of several things that
can have happened next the one has that says what lies there. A lead that nobody knows yet is told of its
owner's leaving without a word; whether it was shows in its stored state. Every value is computed; time
told to a lead before evidence that lay on its topic already is not believed (semantics, section 7).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published_pool import POOL_TOPIC
from scorer.contracts.records import Message, Record
from scorer.contracts.stored import StateError
from scorer.domain.evidence import ID, KIND, SOURCE
from scorer.domain.followup.entries import OWNER_LEFT
from scorer.domain.remembered import mark
from scorer.engine import owners
from scorer.engine.memory import MemoryStore
from scorer.engine.ports import Effects, Stage, StateWrite
from scorer.verify.order import TRIES, next_group, orders
from scorer.verify.retell import Due, Lead, Retold, Terms
from scorer.verify.said import Identity, Said, said_by_message

_AT_ONCE: Final = 8  # of a tick: room for the one lead, and for its owner to be done with it


class _Fit(NamedTuple):
    """How well something that can have happened fits what lies there. The smallest fits best."""

    wrong: int
    unmatched: int
    unheld: int  # leavings of owners that are not in the stored state
    lost: int  # evidence of the stored state that is not there, or not there yet
    erased: bool  # the lead is gone, and the stored state is not


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


class Recount:
    """Tells one lead's follow-up, or what was heard of one owner; used once."""

    def __init__(self, lead: Lead, make_stage: Callable[[], Stage], terms: Terms) -> None:
        self._lead, self._make_stage, self._terms = lead, make_stage, terms
        self._stage, self._store = make_stage(), MemoryStore()
        self._out = Retold()
        self._must = True
        self._heard_us: dict[bytes, int] = {}  # when each owner's leaving lay on its topic
        self._said: Sequence[Said] = lead.said.get(POOL_TOPIC, [])
        self._places: dict[tuple[str, bytes], list[int]] = defaultdict(list)
        for number, one in enumerate(self._said):
            self._places[one.id, one.digest].append(number)
        self._held = _evidence(lead.stored) if self._owner is None else None
        self._cursor = 0
        self._wrong = self._matched = 0

    def tell(self) -> Retold:
        """The whole story."""
        self._fold_all(self._lead.inputs)
        self._pass_time()
        self._must = False
        self._out.states.append(self._state())
        self._witness(self._terms.may_us)
        self._fold_all(self._lead.extra)
        self._witness(self._terms.may_us)
        due = self._store.due.get(self._lead.key)
        self._out.of_lead = self._owner is None
        self._out.waiting = self._out.of_lead and due is not None and due <= self._terms.may_us
        return self._out

    def _fold_all(self, inputs: Sequence[deque[Record]]) -> None:
        while group := next_group(inputs, self._terms.slack_us):
            if len({record.topic for record in group}) > 1:
                group = [*self._as_shown(group)]
            self._fold(group)

    def _as_shown(self, group: Sequence[Record]) -> Sequence[Record]:
        """The order of a group that fits best what lies there; the first of those that fit alike."""
        latest_us = max(record.timestamp for record in group) * 1000 + self._terms.slack_us
        best, (fit, cursor) = group, self._try(group)
        for order in islice(orders(group), 1, TRIES):
            later = cursor >= len(self._said) or self._said[cursor].time_us > latest_us
            if later and not (fit.wrong or fit.unheld or fit.erased):
                break  # nothing that lies there can come of this group any more
            other, at = self._try(order)
            if other < fit:
                best, fit, cursor = order, other, at
        self._out.reordered |= best is not group
        return best

    def _try(self, order: Sequence[Record]) -> tuple[_Fit, int]:
        """How an order of records would fit, without changing anything here; where it would end."""
        trial = Recount(Lead(self._lead.key, (), {}, ()), self._make_stage, self._terms)
        trial._store = MemoryStore(dict(self._store.states), dict(self._store.due))
        trial._said, trial._places, trial._cursor = self._said, self._places, self._cursor
        trial._held = self._held
        trial._fold(order)
        unheld = trial._unheld() - self._unheld()
        raw, held = trial._store.states.get(self._lead.key), self._held
        lost = 0 if held is None else len(held[0] - (decode_follow_up(raw).ids if raw else set()))
        erased = held is not None and raw is None
        return _Fit(trial._wrong, -trial._matched, unheld, lost, erased), trial._cursor

    def _fold(self, records: Iterable[Record]) -> None:
        for record in records:
            self._out.ticked_first |= self._witness(record.timestamp * 1000 + 999)
            self._out.records += record.key in (self._lead.key, self._owner)
            effects = self._stage.process([record], self._store)
            for key in filter(owners.is_owner, effects.states):
                self._heard_us[key] = record.timestamp * 1000
            self._apply(effects, record.timestamp)

    @property
    def _owner(self) -> bytes | None:
        key = self._lead.key
        return owners.owner_of(key).encode() if owners.is_owner(key) else None

    def _witness(self, until_us: int) -> bool:
        """What the clock has brought up to an instant, as far as it lies there."""
        any_at_all = False
        while (key := self._shown(until_us + self._terms.slack_us)) is not None:
            self._tick(key)
            any_at_all = True
        return any_at_all

    def _shown(self, until_us: int) -> bytes | None:
        """Whose instant has come before an instant, and says what lies next."""
        for key, due in [*self._store.due.items()]:
            if due > until_us:
                continue
            effects = self._make_stage().tick(due, _One(self._store, key), _AT_ONCE)
            made = [said_by_message(message, due // 1000) for message in _pooled(effects)]
            if self._is_next(made) if made else self._is_silent(key, effects, until_us):
                return key
        return None

    def _pass_time(self) -> None:
        """What must have come by now: what lies there first, then in the order of time."""
        while True:
            must_us = self._terms.must_us
            ready = {
                max(due, self._heard_us.get(key, 0)): key for key, due in self._store.due.items()
            }
            at_us = min(ready, default=must_us + 1)
            shown = self._shown(self._terms.must_us)
            if shown is not None:
                self._tick(shown)
            elif at_us <= must_us:
                self._tick(ready[at_us])
            else:
                return

    def _tick(self, key: bytes) -> None:
        due = self._store.due[key]
        effects = self._stage.tick(due, _One(self._store, key), _AT_ONCE)
        self._apply(effects, max(due, self._heard_us.get(key, 0)) // 1000)

    def _is_silent(self, key: bytes, effects: Effects, until_us: int) -> bool:
        """Whether a leaving reached the lead without a word: what it left is in the stored state.

        One that leaves nothing was told when a tick had time for it.
        """
        write = effects.states.get(self._lead.key)
        if write is None:
            return (
                key in self._heard_us and self._heard_us[key] < until_us - 2 * self._terms.slack_us
            )
        if self._held is None or write.value is None:
            return False
        before = self._store.states.get(self._lead.key)
        new = _leavings(write.value) - (_leavings(before) if before else set())
        return bool(new) and all(map(self._holds, new))

    def _unheld(self) -> int:
        """Leavings of owners in the state as it is told that are not in the stored one."""
        raw = self._store.states.get(self._lead.key)
        if self._held is None or raw is None:
            return 0
        return sum(not self._holds(one) for one in _leavings(raw))

    def _holds(self, one: Identity) -> bool:
        assert self._held is not None
        ids, marks = self._held
        return one in ids or mark(*one) in marks

    def _is_next(self, made: Sequence[Said]) -> bool:
        """Whether what would be said lies at the cursor; doubles of what was said are passed over."""
        if not made:
            return False
        at = self._cursor
        while 0 < at < len(self._said) and self._said[at].id == self._said[at - 1].id:
            at += 1
        there = self._said[at : at + len(made)]
        return [(a.id, a.digest) for a in made] == [(b.id, b.digest) for b in there]

    def _state(self) -> StateWrite | None:
        value = self._store.states.get(self._lead.key)
        return None if value is None else StateWrite(value, self._store.due.get(self._lead.key))

    def _apply(self, effects: Effects, at_ms: int) -> None:
        self._store.apply(effects)
        for message in _pooled(effects):
            one = said_by_message(message, at_ms)
            self._out.outputs.append(Due(message.topic, one, self._must))
            self._place(one)
        for letter in effects.dead_letters:
            self._out.dead_letters.append((letter, at_ms, self._must))
        if not self._must:
            self._out.states.append(self._state())

    def _place(self, one: Said) -> None:
        """Move the cursor behind an output, if it lies anywhere from there on."""
        places = self._places.get((one.id, one.digest), [])
        number = bisect_left(places, self._cursor)
        if number == len(places):
            self._wrong += 1
            return
        self._wrong += places[number] > self._cursor
        self._matched += 1
        self._cursor = places[number] + 1


def _leavings(raw: bytes) -> set[Identity]:
    """Leavings of owners among the evidence in a state."""
    history = decode_follow_up(raw).history
    return {(entry[SOURCE], entry[ID]) for entry in history if entry[KIND] == OWNER_LEFT}


def _evidence(raw: bytes | None) -> tuple[set[Identity], set[str]] | None:
    """Identities in a stored state, and marks of those that have left its history."""
    if raw is None:
        return None
    try:
        state = decode_follow_up(raw)
    except StateError:
        return None
    return state.ids, set(state.marks)


def _pooled(effects: Effects) -> Iterator[Message]:
    """What is said of leads; copies of what was said of owners are judged for themselves."""
    return (message for message in effects.outputs if message.topic == POOL_TOPIC)
