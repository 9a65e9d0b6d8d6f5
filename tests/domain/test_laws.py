"""Laws of the fold: they hold for every model, every story and every instant."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain.events import LeadEvent, Retraction
from scorer.domain.explain import explain
from scorer.domain.fold import Status, advance, fold
from scorer.domain.model import DAY_US, SECOND_US, Decay, DecayKind, History
from scorer.domain.outputs import TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.scoring import round2, weight_at
from scorer.domain.state import LeadState
from tests.domain import random_cases
from tests.domain.cases import Case
from tests.domain.given import START, Lead, behaviour_rule, model
from tests.domain.laws import (
    assert_adds_up,
    assert_ids_unique,
    assert_no_crossing_missed_or_invented,
    assert_scores_agree,
    assert_stands_alike,
    assert_within_caps,
    tell,
)
from tests.domain.oracle import canonical
from tests.domain.strategies import cases

law = settings(
    max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def core(state: LeadState, plan: Plan, t: int) -> bytes:
    """The stored bytes at an instant, without what was said on the way there.

    `published` and `pending` are left out: the score that was last said, and changes that wait to be
    said, depend on the order of arrival by design. So does which score events there are.
    """
    twin = decode_state(encode_state(state))
    advance(twin, "lead", plan, t)
    twin.published, twin.pending = None, None
    return encode_state(twin)


@law
@given(cases(), st.randoms(use_true_random=False))
def test_any_order_of_the_same_evidence_ends_in_the_same_state(
    case: Case, rng: random.Random
) -> None:
    """I3, X14: what counts is when things happened, not when they arrived."""
    plan = Plan(case.model)
    shuffled = list(case.events)
    rng.shuffle(shuffled)

    in_order, permuted = tell(plan, case.events).state, tell(plan, shuffled).state

    assert core(in_order, plan, case.end_us) == core(permuted, plan, case.end_us)


@law
@given(cases(), st.randoms(use_true_random=False))
def test_evidence_that_arrives_after_the_clock_has_passed_it_ends_in_the_same_state(
    case: Case, rng: random.Random
) -> None:
    """D4, X15: ticks that ran ahead of late evidence leave no trace in the state."""
    plan = Plan(case.model)
    shuffled = list(case.events)
    rng.shuffle(shuffled)
    state = LeadState(plan.hash)
    for event in shuffled:
        fold(state, event, plan)
        advance(state, "lead", plan, rng.choice(case.events).time_us + rng.randrange(DAY_US))
    last = max(case.end_us, max(e.time_us for e in case.events) + DAY_US)

    assert core(state, plan, last) == core(tell(plan, case.events).state, plan, last)


@law
@given(cases())
def test_a_double_changes_nothing_and_says_nothing(case: Case) -> None:
    """I2, X13: the same (source, id) again, at once or at the end."""
    plan = Plan(case.model)
    state = LeadState(plan.hash)
    for event in case.events:
        fold(state, event, plan)
        once = encode_state(state)
        again = fold(state, event, plan)
        assert again.outputs == []
        assert encode_state(state) == once
    for event in case.events:
        again = fold(state, event, plan)
        assert again.outputs == []
        assert again.status in {Status.DUPLICATE, Status.UNKNOWN, Status.UNUSED}
    assert encode_state(state) == once


@law
@given(cases(), st.data())
def test_what_is_retracted_never_happened(case: Case, data: st.DataObject) -> None:
    """I5: tier, score, explanation, history of tiers and prediction are as without it."""
    plan = Plan(case.model)
    targets = [e for e in case.events if not isinstance(e.body, Retraction)]
    target = data.draw(st.sampled_from(targets))
    at = data.draw(st.integers(min(target.time_us, case.end_us) - DAY_US, case.end_us))
    takes_back = LeadEvent("lead", at, "crm", "undo", Retraction(target.source, target.id))
    arrives = data.draw(st.integers(0, len(case.events)))

    told = tell(plan, [*case.events[:arrives], takes_back, *case.events[arrives:]], case.end_us)
    never = tell(plan, canonical([*case.events, takes_back]), case.end_us)

    assert_stands_alike(plan, told.state, never.state, case.end_us)


@law
@given(cases(coalesce=True))
def test_the_state_after_some_events_is_the_replay_of_these_events(case: Case) -> None:
    """X16: at every prefix, through the store or not, state and outputs are the same bytes."""
    plan = Plan(case.model)
    kept = LeadState(plan.hash)
    for n, event in enumerate(case.events, start=1):
        kept = decode_state(encode_state(kept))
        outputs = fold(kept, event, plan).outputs
        replayed = tell(plan, case.events[:n])
        assert encode_state(kept) == encode_state(replayed.state)
        assert outputs == replayed.outputs[len(replayed.outputs) - len(outputs) :]


@law
@given(cases(coalesce=True), st.data())
def test_time_may_pass_in_any_number_of_steps(case: Case, data: st.DataObject) -> None:
    """D4: advancing in steps is advancing at once, in state and in outputs."""
    plan = Plan(case.model)
    last_us = max(e.time_us for e in case.events)
    stops = sorted(data.draw(st.lists(st.integers(last_us, case.end_us), max_size=4)))
    at_once, in_steps = tell(plan, case.events), tell(plan, case.events)

    expected = advance(at_once.state, "lead", plan, case.end_us)
    found = [o for t in stops for o in advance(in_steps.state, "lead", plan, t)]
    found += advance(in_steps.state, "lead", plan, case.end_us)

    assert found == expected
    assert encode_state(in_steps.state) == encode_state(at_once.state)


@law
@given(cases(coalesce=True), st.randoms(use_true_random=False))
def test_ticks_between_events_in_order_change_neither_state_nor_outputs(
    case: Case, rng: random.Random
) -> None:
    """D4, N3: how often a worker looks at the clock is seen nowhere."""
    plan = Plan(case.model)
    state, outputs = LeadState(plan.hash), []
    for event, following in zip(case.events, [*case.events[1:], None], strict=True):
        outputs += fold(state, event, plan).outputs
        until = case.end_us if following is None else following.time_us
        for _ in range(rng.randrange(3)):
            t = rng.randrange(event.time_us, until) if until > event.time_us else None
            outputs += advance(state, "lead", plan, t) if t is not None else []
    outputs += advance(state, "lead", plan, case.end_us)
    told = tell(plan, case.events, case.end_us)

    assert outputs == told.outputs
    assert encode_state(state) == encode_state(told.state)


@law
@given(cases(coalesce=True))
def test_what_is_due_has_been_said(case: Case) -> None:
    """No lead stays due after a tick: else a lane would spin on it."""
    plan = Plan(case.model)
    state = tell(plan, case.events, case.end_us).state

    due = state.due_us(plan.model.publish.coalesce_us)
    assert due is None or due > case.end_us


@law
@given(cases(), st.lists(st.integers(0, 200 * DAY_US), max_size=5))
def test_the_lines_add_up_exactly_and_stay_within_the_caps(case: Case, later: list[int]) -> None:
    """E1, C5: at every event and at any instant after the last."""
    plan = Plan(case.model)
    told = tell(plan, case.events)
    for output in told.outputs:
        assert_adds_up(output)
    if told.state.head.created_us is not None:
        for wait in later:
            shown = explain(told.state.head, plan, case.events[-1].time_us + wait)
            assert_adds_up(shown)
            assert_within_caps(plan, shown)


@law
@given(cases(), st.lists(st.integers(0, 400 * DAY_US), min_size=2, max_size=6))
def test_decay_only_ever_takes(case: Case, ages: list[int]) -> None:
    """D1: the weight of a rule never grows without evidence and never falls below nothing."""
    plan = Plan(case.model)
    head = tell(plan, case.events).state.head
    start = head.lead_time(plan, max(e.time_us for e in case.events))
    for name, account in head.accounts.items():
        rule = plan.rules[name]
        weights = [weight_at(account, rule, start + age) for age in sorted(ages)]
        assert weights == sorted(weights, reverse=True)
        assert all(w >= 0.0 for w in weights)
        if rule.decay is DecayKind.NONE:
            assert len(set(weights)) == 1


@law
@given(cases())
def test_scores_are_those_of_the_oracle(case: Case) -> None:
    """Section 3 and 5, recomputed from all evidence at every output and at the end."""
    case = case._replace(events=canonical(case.events))
    plan = Plan(case.model)

    assert_scores_agree(case, tell(plan, case.events, case.end_us), [case.end_us])


@law
@given(cases())
def test_no_crossing_is_missed_or_invented(case: Case) -> None:
    """T5, T6, N3: the tiers are those of an oracle that steps through time."""
    case = case._replace(events=canonical(case.events))
    told = tell(Plan(case.model), case.events, case.end_us)

    assume(assert_no_crossing_missed_or_invented(case, told))


@law
@given(cases(coalesce=True))
def test_ids_are_unique_and_the_same_in_every_replay(case: Case) -> None:
    """T7: a consumer can tell every output from every other, and a replayed one from a new one."""
    plan = Plan(case.model)
    told = tell(plan, case.events, case.end_us)

    assert_ids_unique(told.outputs)
    assert told.outputs == tell(Plan(case.model), case.events, case.end_us).outputs


@law
@given(cases())
def test_a_prediction_comes_true_when_nothing_happens(case: Case) -> None:
    """T6: the announced crossing is the next one that is said, at that instant and not before."""
    plan = Plan(case.model)
    state = tell(plan, case.events).state
    assume(state.next is not None)
    assert state.next is not None
    announced = state.next

    assert advance(state, "lead", plan, announced.time_us - 1) == []
    said = advance(state, "lead", plan, announced.time_us)

    crossings = [o for o in said if isinstance(o, TierCrossed)]
    assert [(c.time_us, c.to_tier) for c in crossings] == [(announced.time_us, announced.tier)]


@law
@given(cases(coalesce=True))
def test_a_state_survives_its_stored_form(case: Case) -> None:
    """Bytes → state → bytes, identical; and the copy goes on like the original."""
    plan = Plan(case.model)
    state = tell(plan, case.events).state
    stored = encode_state(state)
    copy = decode_state(stored)

    assert encode_state(copy) == stored
    t = case.end_us + SECOND_US
    assert advance(copy, "lead", plan, t) == advance(state, "lead", plan, t)
    assert encode_state(copy) == encode_state(state)


@pytest.mark.parametrize("block", range(4))
def test_random_cases_agree_with_the_oracle(seed: int, block: int) -> None:
    """The short run of `python -m tests.domain.random_cases`, with the seed of the run."""
    tally, failures = random_cases.run(seed, block * 400, 400)

    assert failures == []
    assert tally.crossings > 100
    assert tally.by_time > 20
    assert tally.doubtful < tally.cases / 20


@given(
    st.integers(-(10**8), 10**8),
    st.sampled_from([0.0, 1e-15, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-3]),
    st.booleans(),
)
def test_points_are_rounded_as_python_rounds_them(half: int, off: float, above: bool) -> None:
    """To the bit, on ties of hundredths and as close beside them as crossings lie."""
    points = half / 200 + (off if above else -off)
    for value in (points, math.nextafter(points, 1e9), math.nextafter(points, -1e9), points * 1e5):
        assert round2(value) == round(value, 2)


@pytest.mark.parametrize("keeps", [25, 60])
@pytest.mark.parametrize("strange", [0.0, 0.05, 0.3])
def test_a_full_history_is_the_same_whether_it_is_stored_after_every_event_or_never(
    rng: random.Random, keeps: int, strange: float
) -> None:
    """What leaves a history is taken from its stored form; late, doubled and retracted evidence unpacks it."""
    of = model(
        behaviour_rule("visited", 3.0, decay=Decay(DecayKind.HALF_LIFE, 5 * DAY_US)),
        behaviour_rule("asked", 7.0, decay=Decay(DecayKind.EXPIRES, 9 * DAY_US)),
        history=History(40 * DAY_US, keeps),
    )
    never, always = Lead(of), Lead(of)
    for lead in (never, always):
        lead.created()
    now, names = START, ["000001"]
    for number in range(4 * keeps):
        now += rng.choice((1, 3_600, 40_000)) * SECOND_US
        name, at = f'e\n"{number}],[', now
        what = rng.random()
        if what < strange:
            at = now - rng.randrange(3 * DAY_US)
        elif what < 1.5 * strange:
            name = rng.choice(names[-keeps // 2 :])
        names.append(name)
        retracts = what > 1 - strange / 2
        about = f"[{number}],\n[" if rng.random() < 0.5 else None
        behaviour = rng.choice(("visited", "asked"))
        for lead in (never, always):
            if retracts:
                lead.retracted(at, names[-2])
            else:
                lead.did(at, behaviour, about, name=name)
        always.stored()

    assert always.outputs == never.outputs
    assert encode_state(always.state) == encode_state(never.state)
