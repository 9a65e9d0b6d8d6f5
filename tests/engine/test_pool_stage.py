"""The pool stage in memory: events in bytes, what subscribers read out (F4, F13, F22, X16, M6)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scorer.contracts.compose import compose
from scorer.contracts.model.file import load_model
from scorer.contracts.published_pool import PoolEvent, ReturnedEvent, read_pool_output
from scorer.contracts.records import Message
from scorer.domain.events import (
    Body,
    Created,
    Erased,
    LeadEvent,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Touch,
)
from scorer.domain.outputs import Tier
from scorer.engine import owners
from scorer.engine.keys import is_lead
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import COPY, PoolFactory, pool_factory
from scorer.engine.scoring import scoring_factory
from scorer.observe.catalogue import BY_KEY
from tests.followup.given import at

MODEL = """\
name: test
version: "1"
dimensions: {fit: {min: 0, max: 100}}
rules: [{id: a, dimension: fit, points: 80, when: {attribute: a, operator: exists}}]
follow_up:
  limits:
    first_response: {limit: {hot: 1h, warm: 1d, cold: 2d}, remind: {at: 50%}}
    next_follow_up: 3d
    unassigned: {limit: 1d, to: boss}
  pools: {default: public}
"""
COUNT = iter(range(1_000_000))


def factory(partitions: int = 1, model: str = MODEL) -> PoolFactory:
    return pool_factory(load_model(model), app="test", version="0", partitions=partitions)


def driver(model: str = MODEL) -> MemoryDriver:
    return MemoryDriver(factory(model=model)(0))


def record(lead: str, when: str, body: Body, *, id: str | None = None) -> MemoryRecord:
    """An event as it lies on its topic."""
    event = LeadEvent(lead, at(when), "crm", id or f"e{next(COUNT)}", body)
    sent = compose(event)
    return MemoryRecord(sent.topic, sent.key, sent.value, at(when) // 1000, sent.headers)


def claimed(lead: str, when: str, owner: str = "ann") -> MemoryRecord:
    return record(lead, when, Ownership(OwnershipChange.CLAIMED, owner))


def created(lead: str, when: str = "2026-03-20 09:00") -> MemoryRecord:
    return record(lead, when, Created("web"))


def read(messages: Sequence[Message]) -> list[PoolEvent]:
    """What a subscriber reads; tombstones left out."""
    return [read_pool_output(m.value) for m in messages if m.value is not None]


def kinds(messages: Sequence[Message]) -> list[str]:
    return [type(event).__name__.removesuffix("Event") for event in read(messages)]


def test_f4_an_expired_deadline_is_one_event_at_its_instant() -> None:
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    said = it.advance(at("2026-03-27 10:00"))

    assert kinds(said) == ["FollowUpDue", "Returned"]
    back = read(said)[1]
    assert isinstance(back, ReturnedEvent)
    assert back.time.isoformat() == "2026-03-27T10:00:00+00:00"
    assert (back.data.reason, back.data.previous_owner, back.data.pool) == (
        "first_response",
        "ann",
        "public",
    )
    assert it.store.due[b"a"] == at("2026-03-28 10:00")  # now the clock of the pool runs


def test_a_crossing_that_scoring_wrote_tightens_the_clock() -> None:
    """F10, through the bytes of the other stage."""
    scoring = MemoryDriver(scoring_factory(load_model(MODEL), app="test", version="0")(0))
    crossings = [
        MemoryRecord(m.topic, m.key, m.value, at("2026-03-25 12:00") // 1000, m.headers)
        for m in scoring.feed([record("a", "2026-03-25 12:00", Created("web", {"a": "x"}))])
        if m.topic == "leads.tiers.v1"
    ]
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00"), *crossings])

    assert it.store.due[b"a"] == at("2026-03-25 12:00")  # half of the hot limit has passed
    assert kinds(it.advance(at("2026-03-25 13:00"))) == ["FollowUpDue", "Returned"]


def test_what_is_no_event_is_a_dead_letter_only_where_no_other_stage_reads() -> None:
    """One bad record on a shared topic is one dead letter: that of scoring."""
    it = driver()
    bad = [
        MemoryRecord(topic, b"a", b"{broken")
        for topic in ("leads.followups.v1", "leads.tiers.v1", "leads.owners.v1")
    ]
    it.feed(bad)

    origins = [dict(letter.headers)["leadscorer.errors.topic"] for letter in it.dead_letters]
    assert origins == [b"leads.tiers.v1", b"leads.owners.v1"]


def test_f22_one_event_returns_all_leads_of_an_owner_and_no_other() -> None:
    it = driver()
    for lead in ("a", "b", "c"):
        it.feed([created(lead), claimed(lead, "2026-03-25 10:00", "bob" if lead == "c" else "ann")])
    it.feed([record("ann", "2026-03-25 11:00", OwnerLeft())])
    said = it.advance(at("2026-03-25 11:00"))

    assert kinds(said) == ["Returned", "Returned"]
    assert {event.subject for event in read(said)} == {"a", "b"}
    assert {event.data.reason for event in read(said) if isinstance(event, ReturnedEvent)} == {
        "owner_left"
    }


def test_f22_or_hands_them_over() -> None:
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    it.feed([record("ann", "2026-03-25 11:00", OwnerLeft("bob"))])

    assert kinds(it.advance(at("2026-03-25 11:00"))) == ["HandedOver"]
    assert kinds(it.advance(at("2026-03-27 11:00"))) == ["FollowUpDue", "Returned"]


def test_f22_no_lead_keeps_an_owner_who_is_gone() -> None:
    """What is given to him later returns at once, until he is back."""
    it = driver()
    it.feed([record("ann", "2026-03-25 09:00", OwnerLeft())])
    late = it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    it.feed([record("ann", "2026-03-26 09:00", OwnerReturned())])
    back = it.feed([claimed("a", "2026-03-26 10:00")])

    assert "Returned" in kinds(late)
    assert "Returned" not in kinds(back)


def test_f22_two_who_are_gone_and_name_each_other_return_the_lead() -> None:
    """No lead goes round in circles."""
    it = driver()
    it.feed([record("ann", "2026-03-25 09:00", OwnerLeft("bob"))])
    it.feed([record("bob", "2026-03-25 09:00", OwnerLeft("ann"))])
    said = it.feed([created("a"), claimed("a", "2026-03-25 10:00")])

    assert kinds(said)[-1] == "Returned"
    assert not it.store.keys(owners.index_key("ann", b""), b"", 9)


def test_f22_many_leads_are_told_in_bounded_steps() -> None:
    """250 leads, 100 a step; none is forgotten."""
    it = driver()
    for number in range(250):
        it.feed([created(f"l{number:03}"), claimed(f"l{number:03}", "2026-03-25 10:00")])
    it.feed([record("ann", "2026-03-25 11:00", OwnerLeft())])
    steps = []
    while True:
        effects = it.stage.tick(at("2026-03-25 11:00"), it.store, 100)
        it.store.apply(effects)
        steps.append(len(effects.outputs))
        if not effects.due_left:
            break

    assert sum(steps) == 250
    assert max(steps) <= 100


def test_f22_an_owner_s_leaving_is_copied_to_every_other_partition_once() -> None:
    """Leads are keyed by lead: the lane that reads the event tells the others."""
    stage = factory(partitions=4)(2)
    store = MemoryDriver(stage).store
    original = record("ann", "2026-03-25 11:00", OwnerLeft())
    copies = stage.process([original], store).outputs
    headers = tuple(copies[0].headers)
    again = stage.process([original._replace(headers=headers)], store).outputs

    assert [message.partition for message in copies] == [0, 1, 3]
    assert {(m.topic, m.key, m.value) for m in copies} == {
        ("leads.owners.v1", original.key, original.value)
    }
    assert COPY in dict(headers)
    assert again == []


def test_m6_an_erased_lead_leaves_nothing_but_a_null_value() -> None:
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    said = it.feed([record("a", "2026-03-25 11:00", Erased())])

    assert [(m.topic, m.key, m.value) for m in said] == [("leads.pool.v1", b"a", None)]
    assert it.store.states == {}
    assert it.store.due == {}


def test_m6_what_no_clock_cares_for_brings_nothing_of_an_erased_lead_back() -> None:
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    robot = Touch("mail", automatic=True)
    it.feed([record("a", "2026-03-25 11:00", Erased()), record("a", "2026-03-25 11:01", robot)])

    assert it.store.states == {}


def stories() -> list[MemoryRecord]:
    """Twenty leads, some followed up, one owner who leaves."""
    told = []
    for number in range(20):
        lead = f"l{number}"
        told += [created(lead), claimed(lead, "2026-03-25 10:00", f"rep-{number % 3}")]
        if number % 2:
            told.append(record(lead, "2026-03-26 10:00", Touch("call_answered")))
    told.append(record("rep-1", "2026-03-26 12:00", OwnerLeft("rep-2")))
    return told


def test_x16_a_replay_says_the_same_with_the_same_ids() -> None:
    """Byte for byte, in batches of whatever size."""
    told = stories()
    one, other = driver(), driver()
    one.feed(told)
    for each in told:
        other.feed([each])
    for it in (one, other):
        it.advance(at("2026-04-20 00:00"))

    assert sorted(map(repr, one.outputs)) == sorted(map(repr, other.outputs))
    assert one.store.states == other.store.states
    assert one.store.due == other.store.due


def test_a_stage_that_starts_from_the_store_goes_on_where_the_other_stopped() -> None:
    """Nothing lives in the cache alone."""
    told = stories()
    steady, restarted = driver(), driver()
    for each in told:
        steady.feed([each])
        restarted.stage = factory()(0)
        restarted.feed([each])
    restarted.stage = factory()(0)
    for it in (steady, restarted):
        it.advance(at("2026-04-20 00:00"))

    assert steady.outputs == restarted.outputs
    assert steady.store.states == restarted.store.states


@pytest.mark.parametrize("mode", ["keep", "restart", "recompute"])
def test_f20_a_lead_that_nothing_happens_to_adopts_a_changed_policy(mode: str) -> None:
    """The lane makes every state due at once when the model changes; the stage does the rest."""
    it = driver()
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])
    longer = MODEL.replace("cold: 2d", "cold: 5d") + f"  on_policy_change: {mode}\n"
    it.stage = factory(model=longer)(0)
    for key in it.store.states:
        it.store.due[key] = 0
    it.advance(at("2026-03-25 12:00"))
    said = it.advance(at("2026-04-20 00:00"))

    [back] = [event for event in read(said) if isinstance(event, ReturnedEvent)]
    due = {"keep": "27 10:00", "restart": "30 12:00", "recompute": "30 10:00"}[mode]
    assert back.time.strftime("%d %H:%M") == due
    assert all(is_lead(key) for key in it.store.due)


def test_without_a_follow_up_section_nothing_is_ever_due() -> None:
    """The stage may run all the same; it knows who has what."""
    it = driver(MODEL.partition("follow_up:")[0])
    it.feed([created("a"), claimed("a", "2026-03-25 10:00")])

    assert it.advance(at("2027-01-01 00:00")) == []


def test_every_counter_is_in_the_catalogue() -> None:
    """With label values that are closed sets."""
    it = driver()
    it.feed([*stories(), *stories()[:1]])
    it.advance(at("2026-04-20 00:00"))
    counters = it.stage.counters()

    assert ("deadlines_armed", "first_response") in counters
    for name, *values in counters:
        labels = BY_KEY[name].labels.values()
        assert all(v in allowed for v, allowed in zip(values, labels, strict=True))
    assert counters["follow_up_attainment", "first_response", Tier.COLD, "met"] == 10
