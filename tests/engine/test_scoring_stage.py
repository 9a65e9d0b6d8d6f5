"""The scoring stage without a broker: batches, bad records, ticks, replay (X13–X16, X18, M6)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message, Record
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.contracts.stored import StateError
from scorer.domain import events as e
from scorer.domain.fold import advance
from scorer.domain.model import Decay, DecayKind, FastTrack
from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from scorer.engine.cache import STATES_CACHED
from scorer.engine.flood import DeadLetterFlood, FloodLimit
from scorer.engine.memory import MemoryDriver
from tests.domain.given import DAY, HOUR, START, behaviour_rule, model
from tests.engine.given import (
    ANY_FUTURE_MS,
    bad,
    data,
    driver,
    event,
    factory,
    record,
    records,
    stories,
    tiers,
)

DEFAULT = load_model("default")
FADING = model(behaviour_rule("demo", 100.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)))
END = START + 200 * DAY


def fed(evidence: list[e.LeadEvent], *batches: int) -> MemoryDriver:
    """A driver that got some evidence in batches of these sizes, again and again, to the end of time."""
    it = driver(DEFAULT)
    waiting: list[Record] = list(records(evidence))
    sizes = list(batches)
    while waiting:
        size = sizes[0]
        sizes.append(sizes.pop(0))
        it.feed(waiting[:size])
        waiting = waiting[size:]
    it.advance(END)
    return it


def feed_all(it: MemoryDriver, run: Sequence[Record], batch: int) -> None:
    for i in range(0, len(run), batch):
        it.feed(run[i : i + batch])


def cores(it: MemoryDriver) -> dict[bytes, bytes]:
    """The states, without what was last said about them."""
    plan, found = Plan(DEFAULT), {}
    for key, raw in it.store.states.items():
        state = decode_state(raw)
        advance(state, key.decode(), plan, END)
        state.published = state.pending = None
        found[key] = encode_state(state)
    return found


def by_lead(messages: list[Message]) -> dict[bytes | None, list[Message]]:
    """Outputs lead by lead: between leads their order is free."""
    found: dict[bytes | None, list[Message]] = {}
    for message in messages:
        found.setdefault(message.key, []).append(message)
    return found


# --- good and bad records ---------------------------------------------------------------------


def test_bad_records_become_dead_letters_and_their_neighbours_are_scored() -> None:
    created = record(event(START, e.Created("web")))
    demo = record(event(START + DAY, e.Behaviour("demo")), offset=2)
    it = driver(FADING)
    it.feed([bad(), created, bad(1), demo, bad(3), bad(4)])

    assert len(it.dead_letters) == 4
    assert [data(m)["score"] for m in it.outputs if m.topic == "leads.scores.v1"] == [0.0, 100.0]
    assert it.stage.counters()["events_rejected", "invalid_json"] == 4


def test_i9_an_event_a_day_ahead_of_the_broker_is_a_dead_letter_and_not_fresh() -> None:
    now_ms = START // 1_000
    it = driver(FADING)
    it.feed([record(event(START, e.Created("web")), timestamp=now_ms)])
    it.feed([record(event(START + DAY, e.Behaviour("demo")), timestamp=now_ms)])
    reason = dict(it.dead_letters[0].headers)["leadscorer.errors.reason"]

    assert reason == b"time_in_future"
    assert len(it.outputs) == 1


def test_i9_five_minutes_ahead_are_a_clock_and_not_a_fault() -> None:
    it = driver(FADING)
    it.feed([record(event(START + 300_000_000, e.Created("web")), timestamp=START // 1_000)])

    assert it.dead_letters == []


@pytest.mark.parametrize("batch", [1, 7, 100, 1_000])
@pytest.mark.parametrize("last_is_good", [False, True])
def test_x18_a_run_of_bad_records_stops_the_stage_however_it_is_batched(
    batch: int, last_is_good: bool
) -> None:
    """The state and the dead letters of the batch that passes the limit are not handed out."""
    limit = FloodLimit(consecutive=50)
    good = record(event(START, e.Created("web")))
    run: list[Record] = [good, *(bad(i) for i in range(51)), *([good] if last_is_good else [])]
    it = driver(FADING, limit)

    with pytest.raises(DeadLetterFlood, match="51 records in a row"):
        feed_all(it, run, batch)

    assert len(it.dead_letters) <= 50


def test_x18_single_faults_never_stop_the_stage() -> None:
    it = driver(FADING, FloodLimit(consecutive=50, ratio=0.5, window=100))
    good = record(event(START, e.Created("web")))
    for i in range(500):
        it.feed([good, bad(i), good])

    assert len(it.dead_letters) == 500


def test_x18_a_share_above_the_limit_stops_the_stage() -> None:
    it = driver(FADING, FloodLimit(consecutive=50, ratio=0.5, window=100))
    good = record(event(START, e.Created("web")))

    with pytest.raises(DeadLetterFlood, match="of the last"):
        feed_all(it, [good, bad(), bad()] * 100, 3)


# --- the same whatever the batches -----------------------------------------------------------


def test_two_drivers_fed_in_different_batches_say_and_keep_the_same() -> None:
    evidence = stories(seed=1, leads=30)
    one, other = fed(evidence, len(evidence)), fed(evidence, 1, 13, 5)

    assert one.store.states == other.store.states
    assert one.store.due == other.store.due
    assert by_lead(one.outputs) == by_lead(other.outputs)


@pytest.mark.parametrize("batch", [5, 200, 1_000_000])
def test_outputs_come_in_the_order_of_the_events_however_they_are_batched(batch: int) -> None:
    """Of more leads than are kept at hand; a batch is folded lead by lead, and nobody sees it."""
    run = records(stories(seed=4, leads=3 * STATES_CACHED))
    batched, single = driver(DEFAULT), driver(DEFAULT)
    feed_all(batched, run, batch)
    feed_all(single, run, 1)

    assert batched.outputs == single.outputs
    assert batched.store.states == single.store.states


def test_a_stage_with_an_empty_cache_goes_on_like_one_with_a_warm_cache() -> None:
    """A restart or a rebalance between any two batches is seen nowhere."""
    evidence = stories(seed=2, leads=10)
    warm, cold = driver(DEFAULT), driver(DEFAULT)
    for it in records(evidence):
        warm.feed([it])
        cold.stage = factory(DEFAULT)(0)
        cold.feed([it])

    assert warm.store.states == cold.store.states
    assert warm.outputs == cold.outputs


def test_x13_the_same_records_again_elsewhere_in_the_log_change_and_say_nothing() -> None:
    evidence = stories(seed=3, leads=20)
    it = driver(DEFAULT)
    it.feed(records(evidence))
    before, said = dict(it.store.states), len(it.outputs)

    it.feed(records(evidence))

    assert it.store.states == before
    assert len(it.outputs) == said
    assert it.stage.counters()["events_duplicate",] > 100


@pytest.mark.parametrize("seed", range(5))
def test_x14_any_permutation_of_the_evidence_ends_in_the_same_states(seed: int) -> None:
    evidence = stories(seed, leads=15, days=28)
    shuffled = list(evidence)
    random.Random(seed).shuffle(shuffled)

    assert cores(fed(evidence, 10)) == cores(fed(shuffled, 10))


def test_x15_after_three_days_down_only_what_really_happened_is_said_with_its_instant() -> None:
    """Two hot leads fade towards warm; in the backlog one of them has asked for a demo again."""
    half_life = 14 * DAY
    it = driver(FADING)
    it.feed(
        records(
            [
                event(START, e.Created("web"), lead="faithful"),
                event(START, e.Created("web"), lead="faded"),
                event(START + 1, e.Behaviour("demo"), lead="faithful"),
                event(START + 1, e.Behaviour("demo"), lead="faded"),
            ]
        )
    )
    due = min(it.store.due.values())
    # Down from the day before both would have cooled until two days after; then the backlog, then now.
    again = event(due - HOUR, e.Behaviour("demo"), lead="faithful")
    it.feed(records([again]))
    said = it.advance(due + 2 * DAY)

    assert [(lead, tier) for _, lead, tier in tiers(said)] == [("faded", "warm")]
    assert due - START < half_life
    assert data(said[-1])["time"].startswith("2026-03-08T18:")
    assert data(said[-1])["cause"]["kind"] == "decay"


def test_x15_ticks_on_the_way_and_one_tick_at_the_end_say_the_same() -> None:
    evidence = stories(seed=4, leads=20)
    patient, late = driver(DEFAULT), driver(DEFAULT)
    for it in records(evidence):
        patient.feed([it])
    late.feed(records(evidence))
    for day in range(60, 201):
        patient.advance(START + day * DAY)
    late.advance(END)

    assert patient.store.states == late.store.states
    assert by_lead(patient.outputs) == by_lead(late.outputs)


def test_x16_a_replay_into_a_fresh_application_is_the_same_byte_for_byte() -> None:
    evidence = stories(seed=5, leads=30)
    one, other = fed(evidence, 50), fed(evidence, 50)

    assert one.store.states == other.store.states
    assert one.outputs == other.outputs
    ids = [data(m)["id"] for m in one.outputs]
    assert len(ids) == len(set(ids))


# --- ticks ------------------------------------------------------------------------------------


def test_a_tick_takes_the_earliest_leads_and_no_more_than_it_is_allowed() -> None:
    it = driver(FADING)
    for number in range(25):
        lead = f"lead-{number:02}"
        it.feed(
            records(
                [
                    event(START + number, e.Created("web"), lead=lead),
                    event(START + number * HOUR + HOUR, e.Behaviour("demo"), lead=lead),
                ]
            )
        )
    first = it.stage.tick(END, it.store, 10)
    assert (len(first.states), first.due_left) == (10, True)
    assert sorted(first.states) == [f"lead-{n:02}".encode() for n in range(10)]


def test_after_a_tick_nothing_is_due_that_was_due() -> None:
    it = fed(stories(seed=6, leads=40), 20)

    assert not it.store.due_until(END, 1)
    assert it.stage.tick(END, it.store, 100).states == {}


def test_a_tick_before_anything_is_due_writes_nothing() -> None:
    it = driver(FADING)
    it.feed(records([event(START, e.Created("web")), event(START, e.Behaviour("demo"))]))

    assert it.stage.tick(START + DAY, it.store, 100).states == {}


def test_a_fast_track_that_ends_is_due_by_itself() -> None:
    track = FastTrack(frozenset({"demo"}), Tier.HOT, 48 * HOUR)
    it = driver(model(behaviour_rule("demo", 1.0), fast_tracks=(track,)))
    it.feed(records([event(START, e.Created("web")), event(START, e.Behaviour("demo"))]))

    assert set(it.store.due.values()) == {START + 48 * HOUR}
    assert tiers(it.advance(START + 3 * DAY)) == [("2026-03-03T00:00:00Z", "lead", "cold")]


# --- erasure, other models --------------------------------------------------------------------


def test_m6_an_erased_lead_leaves_nothing_and_its_outputs_are_taken_back() -> None:
    it = driver(DEFAULT)
    it.feed(
        records(
            [
                event(START, e.Created("web", {"title": "CEO", "phone": "13800000000"})),
                event(START, e.Behaviour("demo_requested")),
                event(START + DAY, e.Erased("asked for it")),
            ]
        )
    )

    assert it.store.states == {}
    assert it.store.due == {}
    assert [(m.topic, m.value) for m in it.outputs[-2:]] == [
        ("leads.scores.v1", None),
        ("leads.tiers.v1", None),
    ]
    assert it.advance(END) == []


def test_m6_a_lead_that_comes_again_after_erasure_starts_from_nothing() -> None:
    it = driver(FADING)
    it.feed(
        records(
            [
                event(START, e.Created("web"), name="1"),
                event(START, e.Behaviour("demo"), name="2"),
                event(START + DAY, e.Erased(), name="3"),
                event(START + 2 * DAY, e.Created("web"), name="4"),
            ]
        )
    )

    assert [data(m)["score"] for m in it.outputs if m.topic == "leads.scores.v1" and m.value] == [
        0.0,
        100.0,
        0.0,
    ]


def test_a_change_of_model_is_applied_at_the_next_touch_with_its_own_cause() -> None:
    it = driver(FADING)
    it.feed(records([event(START, e.Created("web")), event(START, e.Behaviour("demo"))]))
    cooler = model(
        behaviour_rule("demo", 50.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)), hash="new"
    )
    it.stage = factory(cooler)(0)
    said = [data(m) for m in it.feed([record(event(START + DAY, e.Behaviour("visited")))])]

    assert [d["cause"]["kind"] for d in said] == ["model", "model"]
    assert (said[0]["score"], said[1]["to"]) == (47.58, "warm")
    assert {d["model"]["hash"] for d in said} == {"new"}


def test_a_state_of_a_newer_schema_is_refused_with_what_to_do() -> None:
    with pytest.raises(StateError, match="run the release that wrote it"):
        decode_state(b"[999]")


def test_counters_are_drained_by_reading_them() -> None:
    it = driver(FADING)
    it.feed([bad(), record(event(START, e.Created("web")), timestamp=ANY_FUTURE_MS)])

    assert it.stage.counters()["score_changes", "evidence"] == 1
    assert ("score_changes", "evidence") not in it.stage.counters()
