"""The account of a lead: as of any instant, under another model, from the stored state or the topics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorer.contracts.compose import compose
from scorer.contracts.decode import Decoder
from scorer.contracts.model.file import load_model
from scorer.contracts.state_codec import encode_state
from scorer.domain.events import AttributeValue, Behaviour, Created, Erased, LeadEvent
from scorer.domain.fold import fold
from scorer.domain.model import DAY_US, History
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.account import Account, NoLongerHeld, account
from scorer.engine.comparison import compare
from scorer.engine.memory import MemoryRecord
from scorer.engine.replay import replay

T0 = 1_790_000_000_000_000
FIT: dict[str, AttributeValue] = {"industry": "software", "seats": 50}
MODEL = load_model("default")
PLAN = Plan(MODEL)


def event(days: float, body: object, name: str) -> LeadEvent:
    return LeadEvent("lead-1", T0 + int(days * DAY_US), "/test", name, body)  # type: ignore[arg-type]


EVENTS = [
    event(0, Created("web", FIT), "created"),
    event(1, Behaviour("demo_requested"), "demo"),
    event(2, Behaviour("demo_requested"), "again"),
    event(2.5, Behaviour("demo_requested"), "too soon"),
    event(5, Behaviour("quote_requested"), "quote"),
]


def folded(plan: Plan = PLAN, events: list[LeadEvent] = EVENTS) -> LeadState:
    state = LeadState(plan.hash)
    for each in events:
        fold(state, each, plan)
    return state


def at(state: LeadState, days: float, plan: Plan = PLAN) -> Account:
    return account(state, "lead-1", plan, T0 + int(days * DAY_US))


def test_an_earlier_instant_knows_nothing_that_came_later() -> None:
    state = folded()

    assert at(state, 1).explanation == at(folded(events=EVENTS[:2]), 1).explanation
    assert [kept.id for kept in at(state, 2.5).suppressed] == ["too soon"]
    assert at(state, 2).suppressed == []


def test_an_account_leaves_the_state_as_it_is() -> None:
    state = folded()
    before = encode_state(state)

    at(state, 1)
    at(state, 100)

    assert encode_state(state) == before


def test_a_later_instant_is_what_will_be_if_nothing_happens() -> None:
    state = folded()
    now = at(state, 5)
    assert now.next_us is not None

    there = account(state, "lead-1", PLAN, now.next_us)

    assert there.tier == now.next_tier
    assert account(state, "lead-1", PLAN, now.next_us - 1_000).tier == now.tier


def test_before_the_first_evidence_nothing_was_known() -> None:
    before = at(folded(), -1)

    assert (before.created, before.held, before.score) == (False, [], 0.0)


def test_what_is_kept_as_sums_only_cannot_be_told_and_says_from_when_on() -> None:
    short = Plan(replace(MODEL, history=History(DAY_US, 3)))
    views = [event(6 + n, Behaviour("page_viewed"), f"view {n}") for n in range(30)]
    state = folded(short, [*EVENTS, *views])
    assert state.frontier is not None

    with pytest.raises(NoLongerHeld) as caught:
        at(state, 0.5, short)

    assert caught.value.earliest_us == state.frontier[0]
    assert account(state, "lead-1", short, caught.value.earliest_us).created


def test_two_models_are_compared_line_by_line_and_the_differences_add_up() -> None:
    other = Plan(load_model(DEARER))
    state = folded()

    pair = compare(at(state, 1), at(state, 1, other))

    assert {line.name: line.by for line in pair.lines if line.by} == {"asked_for_demo": 4.0}
    assert pair.by == 4.0
    assert sum(line.by for line in pair.dimensions) == pair.by
    assert pair.other.plan.hash != pair.one.plan.hash


def test_what_only_the_other_model_asks_for_is_named() -> None:
    other = Plan(load_model(SEATS))

    pair = compare(at(folded(), 5), at(folded(), 5, other))

    assert pair.unknown_attributes == ["seats"]
    assert pair.other.score == 0.0


def test_a_replay_from_the_topics_answers_for_any_instant_and_any_model() -> None:
    records = [_record(each) for each in EVENTS]

    for days in (0, 1.5, 2.5, 5, 9):
        again = replay(records, "lead-1", PLAN, Decoder(), T0 + int(days * DAY_US))
        assert again is not None
        assert at(again, days).explanation == at(folded(), days).explanation
    seats = Plan(load_model(SEATS))
    known = replay(records, "lead-1", seats, Decoder(), T0 + 5 * DAY_US)
    assert known is not None
    assert at(known, 5, seats).score == 40.0


def test_a_replay_ends_with_an_erasure() -> None:
    records = [_record(each) for each in (*EVENTS, event(6, Erased(), "erased"))]

    assert replay(records, "lead-1", PLAN, Decoder(), T0 + 7 * DAY_US) is None


def _record(each: LeadEvent) -> MemoryRecord:
    sent = compose(each)
    return MemoryRecord(sent.topic, sent.key, sent.value, each.time_us // 1000, sent.headers)


def _dearer() -> str:
    from scorer.contracts.model.source import shipped_text

    return shipped_text("default").replace("points: 14", "points: 18")


DEARER = _dearer()
SEATS = """name: seats
version: "1"
dimensions: {company: {min: 0, max: 40}}
rules: [{id: seats, dimension: company, when: {attribute: seats, operator: at_least, value: 10}, points: 40}]
"""
