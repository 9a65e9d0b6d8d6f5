"""Leads by tier are counted from what moves, and agree with a count of every state, whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.contracts.stored_tier import tier_of
from scorer.domain import events as e
from scorer.domain.model import Model
from scorer.domain.outputs import Tier
from scorer.engine.memory import MemoryRecord
from scorer.engine.ports import Effects, Stage
from scorer.transport.changelog import HEADER, due_at_once, frame_all
from scorer.transport.store import Mark, Store
from tests.domain.given import DAY, HOUR, START, Lead, behaviour_rule, model
from tests.engine.given import event, factory, records, stories
from tests.topology.counts import told

DEFAULT = load_model("default")


class Partition:
    """One partition and its changelog, as workers would have them one after the other."""

    def __init__(self, directory: Path) -> None:
        self.changelog: list[tuple[bytes, bytes | None]] = []
        self.model = DEFAULT
        self._directory = directory
        self._stores = 0
        self.store = self._filled()
        self._stage = self._made()

    def feed(self, batch: Sequence[MemoryRecord]) -> None:
        self._apply(self._stage.process(batch, self.store))

    def advance(self, until_us: int) -> None:
        left = True
        while left:
            effects = self._stage.tick(until_us, self.store, 50)
            self._apply(effects)
            left = effects.due_left

    def restarted(self) -> None:
        """The worker was killed; its store is there."""
        path = self.store.path
        self.store.close()
        self.store = Store(path, "owner", tier_of)
        self._stage = self._made()

    def lost(self) -> None:
        """The disk is new: filled from the changelog."""
        self.store.close()
        self.store = self._filled()
        self._stage = self._made()

    def away(self, work: Sequence[Sequence[MemoryRecord]]) -> None:
        """Another worker did something meanwhile; the store here applies what is new."""
        behind, self.store = self.store, self._filled()
        place = len(self.changelog)
        self._stage = self._made()
        for batch in work:
            self.feed(batch)
        self.store.close()
        self.store = behind
        behind.apply(dict(self.changelog[place:]), Mark(len(self.changelog), 1))
        self._stage = self._made()

    def remodelled(self, to: Model) -> None:
        """Restarted with another model: every lead is due at once."""
        self.model = to
        self.restarted()
        self.store.adopt(to.hash.encode())

    def scanned(self) -> Mapping[str, int]:
        return counted(self.store.get_many(list(dict(self.changelog))))

    def _made(self) -> Stage:
        return factory(self.model)(0)

    def _apply(self, effects: Effects) -> None:
        values = frame_all(effects.states)
        self.changelog += values.items()
        if values:
            self.store.apply(values, Mark(len(self.changelog), 1), effects.moved)

    def _filled(self) -> Store:
        self._stores += 1
        store = Store(self._directory / str(self._stores), "owner", tier_of)
        store.load(self.changelog)
        store.finish_load(Mark(len(self.changelog), 1))
        return store


def counted(states: Sequence[bytes | None]) -> Mapping[str, int]:
    """By decoding every one of them."""
    heads = [decode_state(raw).head for raw in states if raw is not None]
    return Counter(head.tier.value for head in heads if head.created_us is not None)


@pytest.fixture
def partition(tmp_path: Path) -> Iterator[Partition]:
    made = Partition(tmp_path)
    yield made
    made.store.close()


def life(rng: random.Random, leads: int) -> list[e.LeadEvent]:
    """What leads do, and what is taken back, put on hold, erased and begun again; some comes late."""
    told = stories(rng.randrange(1_000), leads)
    extra: list[e.LeadEvent] = []
    for it in told:
        later = it.time_us + rng.randrange(1, 40) * HOUR
        dice = rng.random()
        if dice < 0.05:
            extra.append(event(later, e.Erased(), lead=it.lead_id, name=f"erase {it.id}"))
        elif dice < 0.15:
            undone = e.Retraction(it.source, it.id)  # of a creation, too
            extra.append(event(later, undone, lead=it.lead_id, name=f"not {it.id}"))
        elif dice < 0.25:
            hold = e.Hold(rng.random() < 0.5)
            extra.append(event(later, hold, lead=it.lead_id, name=f"hold {it.id}"))
        elif dice < 0.3:
            again = e.AttributesChanged({"title": "student", "industry": "software"})
            extra.append(event(later, again, lead=it.lead_id, name=f"change {it.id}"))
    whole = sorted([*told, *extra], key=lambda it: (it.time_us, it.source, it.id))
    for _ in range(len(whole) // 10):
        place = rng.randrange(len(whole))
        whole.insert(min(len(whole), place + rng.randrange(50)), whole.pop(place))
    return whole


@pytest.mark.parametrize("number", range(6))
def test_counts_agree_with_a_scan_after_every_step_of_a_long_story(
    partition: Partition, rng: random.Random, number: int
) -> None:
    """Crossings by evidence and by time, erasures, restarts, lost disks, takeovers, a new model."""
    rng.seed(f"{rng.random()}{number}")
    batches = [records(batch) for batch in parts(life(rng, 60), 40)]
    happened: Counter[str] = Counter()
    now_us = START
    while batches:
        act = rng.choice(("feed", "feed", "feed", "advance", "restarted", "lost", "away", "model"))
        happened[act] += 1
        if act == "feed":
            partition.feed(batches.pop(0))
        elif act == "advance":
            now_us += rng.randrange(1, 30) * DAY
            partition.advance(now_us)
        elif act == "away":
            partition.away([batches.pop(0)])
        elif act == "model":
            partition.remodelled(replace(DEFAULT, hash=f"model-{sum(happened.values())}"))
        else:
            getattr(partition, act)()
        assert told(partition.store) == partition.scanned(), happened
    partition.advance(now_us + 400 * DAY)
    assert told(partition.store) == partition.scanned()
    assert partition.scanned()


def parts(events: Sequence[e.LeadEvent], size: int) -> Iterator[Sequence[e.LeadEvent]]:
    for begin in range(0, len(events), size):
        yield events[begin : begin + size]


def test_a_store_of_a_release_that_did_not_count_is_counted_once(partition: Partition) -> None:
    """It wrote states and no counts, or counts of long ago."""
    partition.feed(records(stories(1, 20)))
    path = partition.store.path
    partition.store.close()
    older = Store(path, "owner")
    gone = next(key for key, _ in partition.changelog)
    partition.changelog.append((gone, None))
    older.apply({gone: None}, Mark(len(partition.changelog), 1))
    older.close()

    partition.store = store = Store(path, "owner", tier_of)
    assert store.leads is None
    store.count_leads()

    assert told(store) == partition.scanned()
    partition.restarted()
    assert told(partition.store) == partition.scanned()


def test_a_stage_that_counts_no_leads_has_no_counts(tmp_path: Path) -> None:
    store = Store(tmp_path / "0", "owner")
    store.load([(b"a", bytes(HEADER) + b"state")])
    store.finish_load(Mark(1, 1))
    store.count_leads()
    assert store.leads is None
    store.close()


def test_the_tier_of_a_stored_lead_is_read_without_decoding_it() -> None:
    """In every tier, before creation, and when it is long enough to be compressed."""
    seen = set()
    lead = Lead(model(behaviour_rule("demo", 9.0, on=frozenset({"demo"}))))
    lead.did(START, "demo")
    assert tier_of(lead.stored()) is None
    lead.created(START + 1)
    for number in range(200):
        raw = lead.stored()
        assert tier_of(raw) == lead.state.head.tier
        seen.add((lead.state.head.tier, raw[:1] == b"\3"))
        lead.did(START + number * HOUR, "demo", f"a page with a long name {number}")
    assert {tier for tier, _ in seen} == {Tier.COLD, Tier.WARM, Tier.HOT}
    assert {plain for _, plain in seen} == {True, False}


def test_the_tier_of_a_state_with_another_beginning_is_found_all_the_same() -> None:
    lead = Lead(replace(model(), hash='a "model"'))
    lead.created()
    assert tier_of(encode_state(lead.state)) == "cold"


def test_what_another_model_made_keeps_its_tier_until_it_is_looked_at() -> None:
    lead = Lead(model())
    lead.created()
    value = bytes(HEADER) + encode_state(lead.state)
    assert tier_of(due_at_once(value)[HEADER:]) == "cold"
