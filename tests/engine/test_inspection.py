"""What is held about a lead is compared with itself, and an injected fault is seen (M3)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from scorer.contracts.inspection import Inconsistency, inspect, latest
from scorer.contracts.model.file import load_model
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain import events as e
from scorer.domain.fold import advance, fold
from scorer.domain.marks import Marks
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.inspector import EVERY_MS
from scorer.engine.memory import MemoryDriver
from scorer.engine.scoring import ScoringStage
from scorer.observe.logs import Event
from scorer.observe.metrics import Metrics
from tests.domain.cases import RandomChoices, case
from tests.domain.given import DAY, HOUR, START
from tests.engine.given import ANY_FUTURE_MS, driver, event, record

PLAN = Plan(load_model("default"))


def folded() -> LeadState:
    state = LeadState(PLAN.hash)
    fold(state, event(START, e.Created("web", {"title": "CEO", "employees": 200})), PLAN)
    for hour in range(1, 4):
        fold(state, event(START + hour * HOUR, e.Behaviour("demo_requested")), PLAN)
    return state


@pytest.mark.parametrize("number", range(150))
def test_no_state_that_a_fold_leaves_is_called_inconsistent(number: int, seed: int) -> None:
    """In any order of arrival, with time passing in between, over any model."""
    rng = random.Random(f"{seed}:{number}")
    story = case(RandomChoices(rng))
    plan, state = Plan(story.model), LeadState(Plan(story.model).hash)
    events = list(story.events)
    if number % 2:
        rng.shuffle(events)
    for one in events:
        if rng.random() < 0.3:  # sometimes so far that what follows comes after crossings by time
            advance(state, "lead", plan, one.time_us + rng.choice([0, 30 * DAY]))
        said_us = latest(state)
        fold(state, one, plan)
        assert inspect(state, plan, said_us) == []


def _lose_an_occurrence(state: LeadState) -> None:
    account = next(account for account in state.head.accounts.values() if account.weight)
    account.weight *= 0.5


def _lose_evidence(state: LeadState) -> None:
    del state.history[1]
    state.forget_lookups()


def _say_another_score(state: LeadState) -> None:
    assert state.published is not None
    state.published += 1.0


@pytest.mark.parametrize(
    ("corrupt", "found"),
    [
        (_lose_an_occurrence, {Inconsistency.EVIDENCE, Inconsistency.PUBLISHED}),
        (_lose_evidence, {Inconsistency.EVIDENCE}),
        (_say_another_score, {Inconsistency.PUBLISHED}),
    ],
)
def test_a_fault_in_a_state_is_seen(
    corrupt: Callable[[LeadState], None], found: set[Inconsistency]
) -> None:
    state = folded()
    assert inspect(state, PLAN) == []
    corrupt(state)
    assert set(inspect(state, PLAN)) == found


def feed(lane: MemoryDriver, hour: int, second: int) -> None:
    said = event(START + hour * HOUR, e.Behaviour("page_viewed", f"/{hour}"))
    lane.feed([record(said, hour, ANY_FUTURE_MS + second * EVERY_MS)])


def test_a_stage_looks_at_one_lead_a_second_and_finds_nothing() -> None:
    lane = driver(PLAN.model)
    lane.feed([record(event(START, e.Created("web", {})))])
    for hour in range(1, 10):
        feed(lane, hour, hour // 3)
    counts = lane.stage.counters()
    assert counts["consistency_checks",] == 4
    assert not any(series[0] == "inconsistencies" for series in counts)


def test_evidence_that_is_older_than_a_crossing_by_time_is_no_inconsistency() -> None:
    """It is published with the score at the crossing, which the state does not remember."""
    lane = driver(PLAN.model)
    hot = event(START, e.Created("web", {"title": "VP Sales", "decision_power": "decides"}))
    asked = [
        event(START + HOUR, e.Behaviour(name)) for name in ("demo_requested", "quote_requested")
    ]
    lane.feed([record(hot), *(record(one) for one in asked)])
    lane.advance(next(iter(lane.store.due.values())))
    lane.stage.counters()

    lane.feed([record(event(START + 2 * HOUR, e.Outcome(e.OutcomeKind.DISQUALIFIED)), 9, ANY_FUTURE_MS + EVERY_MS)])  # fmt: skip

    counts = lane.stage.counters()
    assert counts["consistency_checks",] == 1
    assert not any(series[0] == "inconsistencies" for series in counts)
    without_knowing = inspect(decode_state(lane.store.states[b"lead"]), PLAN)
    assert without_knowing == [Inconsistency.PUBLISHED]


def test_a_memory_that_differs_from_the_store_is_counted_and_logged_with_its_lead() -> None:
    lane = driver(PLAN.model)
    lane.feed([record(event(START, e.Created("web", {})))])
    other = decode_state(lane.store.states[b"lead"])
    other.marks = Marks(b"a bit has flipped!")
    lane.store.states[b"lead"] = encode_state(other)
    with capture_logs() as logs:
        feed(lane, 1, 1)
    counts = lane.stage.counters()
    assert counts["inconsistencies", Inconsistency.STORED] == 1
    (line,) = [line for line in logs if line["event"] == Event.STATE_INCONSISTENT]
    assert (line["lead_id"], line["what"]) == ("lead", "stored")
    metrics = Metrics("scoring")
    metrics.add(counts)
    assert metrics.value("leadscorer_inconsistencies_total", what="stored") == 1
    assert json.dumps(line, default=str)


def test_a_lead_that_was_corrupted_in_memory_is_counted_by_the_next_batch() -> None:
    lane = driver(PLAN.model)
    lane.feed([record(event(START, e.Created("web", {"title": "CEO"})))])
    assert isinstance(lane.stage, ScoringStage)
    lane.stage._cache._states[b"lead"].head.attributes.clear()
    lane.stage._cache._states[b"lead"].head.fit.clear()
    feed(lane, 1, 1)
    counts = lane.stage.counters()
    assert {series[1] for series in counts if series[0] == "inconsistencies"} >= {
        Inconsistency.STORED,
        Inconsistency.EVIDENCE,
    }
