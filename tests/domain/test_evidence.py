"""I2–I5, I8, E1–E4: evidence that is doubled, late, early, taken back or too much, and its account."""

from __future__ import annotations

import pytest

from scorer.contracts.model.file import load_model
from scorer.domain import events as e
from scorer.domain.fold import Status
from scorer.domain.model import (
    DAY_US,
    Decay,
    DecayKind,
    History,
    Limit,
    LimitKind,
    Streak,
)
from scorer.domain.outputs import CauseKind, Tier
from scorer.engine.account import NoLongerHeld
from tests.domain.given import (
    DAY,
    HOUR,
    SECOND,
    START,
    Lead,
    attribute_rule,
    behaviour_rule,
    limited,
    model,
)

SHORT = History(10 * DAY_US, 5)
"""A history in which evidence settles soon; the latest few stay whatever their age."""


def filled(events: int, history: History = SHORT) -> Lead:
    """A lead with so many visits a day apart, of which the history keeps the latest."""
    lead = Lead(
        model(
            behaviour_rule("demo", 10.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)),
            behaviour_rule("bought", 1.0),
            behaviour_rule("missed", -5.0, streak=Streak(2)),
            attribute_rule("vp", "title", "vp", 20.0),
            history=history,
        )
    )
    lead.created()
    for day in range(events):
        lead.did(START + day * DAY, "bought")
    return lead


def test_i2_the_same_events_again_leave_the_score_and_say_nothing() -> None:
    lead = filled(3)
    before = lead.stored()
    again = [lead.did(START + day * DAY, "bought", name=f"{day + 2:06}") for day in range(3)]

    assert [f.status for f in again] == [Status.DUPLICATE] * 3
    assert [o for f in again for o in f.outputs] == []
    assert lead.stored() == before


def test_i2_a_double_is_recognised_after_its_original_has_settled() -> None:
    lead = filled(60)
    assert lead.state.base is not None

    assert lead.did(START, "bought", name="000002").status is Status.DUPLICATE
    assert lead.score(START + 60 * DAY) == 60.0


def test_i3_evidence_older_than_the_history_counts_where_order_does_not_matter() -> None:
    """Decayed sums and attributes yes, streaks no."""
    lead = filled(60)
    late = lead.did(START + HOUR, "demo")
    lead.became(START + 2 * HOUR, title="vp")
    for hour in (3, 4):
        lead.did(START + hour * HOUR, "missed")
    t = START + 60 * DAY

    assert late.status is Status.SETTLED
    assert lead.points(t)["demo"] == round(10 * 0.5 ** ((60 - 1 / 24) / 14), 2)
    assert lead.points(t)["vp"] == 20.0
    assert "missed" not in lead.points(t)


def test_i3_an_older_value_of_an_attribute_does_not_replace_a_newer_one() -> None:
    lead = filled(60)
    lead.became(START + 59 * DAY, title="intern")
    lead.became(START + HOUR, title="vp")

    assert lead.score(START + 60 * DAY) == 60.0


def test_i3_what_can_no_longer_be_told_from_a_double_is_not_counted() -> None:
    lead = filled(400)

    assert lead.did(START + HOUR, "bought").status is Status.FORGOTTEN
    assert lead.score(START + 400 * DAY) == 400.0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_i3_a_run_is_a_run_in_any_order_of_arrival(order: tuple[int, ...]) -> None:
    lead = Lead(model(behaviour_rule("missed", -15.0, streak=Streak(3, frozenset({"answered"})))))
    lead.created()
    for i in order:
        lead.did(START + i * HOUR, "missed", name=f"call-{i}")

    assert lead.score(START + DAY) == -15.0


def test_i4_evidence_before_creation_is_held_silently_and_counts_at_creation() -> None:
    lead = Lead(model(behaviour_rule("demo", 40.0), attribute_rule("vp", "title", "vp", 35.0)))
    held = [lead.did(START, "demo"), lead.became(START + HOUR, title="vp")]
    assert [f.status for f in held] == [Status.HELD, Status.HELD]
    assert lead.outputs == []
    assert [k.why for k in lead.account(START + HOUR).held] == [
        "held until the lead is created"
    ] * 2

    lead.created(START + DAY)

    assert [s.score for s in lead.scores] == [75.0]
    assert lead.path == ["hot"]


def test_i4_creation_may_arrive_last_though_it_happened_first() -> None:
    lead = Lead(model(behaviour_rule("demo", 40.0)))
    lead.did(START + DAY, "demo")
    lead.created(START)

    assert (lead.score(START + DAY), lead.tier(START + DAY)) == (40.0, Tier.WARM)


def test_i5_retracting_a_demo_request_restores_the_score_it_would_have_had() -> None:
    lead = Lead(model(behaviour_rule("demo", 40.0), behaviour_rule("bought", 35.0)))
    lead.created()
    lead.did(START + DAY, "demo", name="mistake")
    lead.did(START + 2 * DAY, "bought")
    lead.retracted(START + 3 * DAY, "mistake")

    assert lead.score(START + 3 * DAY) == 35.0
    assert lead.path == ["warm", "hot", "warm"]
    assert lead.scores[-1].cause.kind is CauseKind.RETRACTION


def test_i5_a_retraction_may_arrive_before_what_it_retracts() -> None:
    lead = Lead(model(behaviour_rule("demo", 40.0)))
    lead.created()
    lead.retracted(START + 2 * DAY, "mistake")
    lead.did(START + DAY, "demo", name="mistake")

    assert lead.score(START + 2 * DAY) == 0.0
    assert lead.path == []


def test_i5_what_is_retracted_gives_its_place_in_a_limit_back() -> None:
    lead = Lead(limited(Limit(LimitKind.ONCE)))
    lead.created()
    lead.did(START, "opened", name="first")
    lead.did(START + HOUR, "opened")
    lead.retracted(START + 2 * HOUR, "first")

    assert lead.score(START + 2 * HOUR) == 10.0


def test_i5_a_lead_whose_creation_is_retracted_waits_for_nothing() -> None:
    lead = Lead(model(behaviour_rule("demo", 80.0, decay=Decay(DecayKind.HALF_LIFE, DAY))))
    lead.add(START, e.Created("web"), name="wrong")
    lead.did(START, "demo")
    lead.retracted(START + HOUR, "wrong")

    assert lead.state.due_us(0) is None
    assert lead.waits(START + 100 * DAY) == []


def test_i8_two_hundred_page_views_in_two_minutes_score_once_and_199_are_listed() -> None:
    lead = Lead(limited(Limit(LimitKind.ROLLING, 1, HOUR)))
    lead.created()
    refused = sum(lead.did(START + i * SECOND * 3 // 5, "opened").suppressed for i in range(200))
    listed = lead.account(START + HOUR).suppressed

    assert lead.score(START + HOUR) == 10.0
    assert refused == 199
    # The history keeps 200 pieces one by one: creation and the first view have left it.
    assert {kept.why for kept in listed} == {"opened: limit rolling"}
    assert len(listed) == 199


def test_unknown_behaviours_are_accepted_and_leave_no_trace() -> None:
    lead = filled(1)
    before = lead.stored()

    assert lead.did(START + DAY, "invented").status is Status.UNKNOWN
    assert lead.stored() == before


def test_attributes_that_no_rule_names_are_not_stored() -> None:
    lead = filled(1)
    lead.became(START + DAY, phone="13800000000", title="vp")

    assert b"13800000000" not in lead.stored()


def test_erasure_is_said_to_the_caller_who_holds_the_state() -> None:
    assert filled(1).add(START + DAY, e.Erased("asked")).status is Status.ERASED


# --- E1–E4 ------------------------------------------------------------------------------------


def test_e1_thirds_of_a_cent_are_given_to_the_largest_line() -> None:
    lead = Lead(
        model(
            *(
                behaviour_rule(name, points)
                for name, points in (("a", 10.004), ("b", 1.004), ("c", 1.004))
            )
        )
    )
    lead.created()
    for name in "abc":
        lead.did(START, name)

    assert lead.points(START) == {"a": 10.01, "b": 1.0, "c": 1.0}
    assert lead.score(START) == 12.01


def test_e2_one_plain_sentence_in_english_and_in_chinese() -> None:
    lead = Lead(load_model("default"))
    lead.created(
        title="VP Sales",
        industry="software",
        employees=200,
        decision_power="decides",
        influence="high",
    )
    lead.did(START + DAY, "demo_requested")
    for hour in range(3):
        lead.did(START + 2 * DAY + hour * HOUR, "call_unanswered")
    account = lead.account(START + 3 * DAY)

    assert account.why_en == (
        "Strong fit: software, Ideal company size, VP Sales. "
        "Asked for a demo 2 days ago. Three calls unanswered 22 hours ago."
    )
    assert account.why_zh == (
        "高度匹配：software、理想规模、VP Sales。申请演示 2天前。连续三次未接电话 22小时前。"
    )


def test_e3_every_change_of_the_score_is_said_with_cause_and_model() -> None:
    lead = filled(5)

    assert [s.score for s in lead.scores] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert [s.cause.id for s in lead.scores] == [f"{n:06}" for n in range(1, 7)]
    assert {(s.model_version, s.model_hash) for s in lead.scores} == {("1", "test")}


def test_e4_the_account_of_an_instant_is_what_was_said_at_that_instant() -> None:
    lead = Lead(load_model("default"))
    lead.created(title="CEO", industry="software", employees=200)
    for day in (1, 2, 9, 30):
        lead.did(START + day * DAY, "quote_requested")
    lead.waits(START + 90 * DAY)

    for said in lead.scores:
        then = lead.account(said.time_us)
        assert (then.score, then.tier) == (said.score, said.tier)
        assert then.explanation.lines == said.lines
        assert then.next_us == said.next_tier_us


def test_e4_an_instant_before_the_history_is_refused_not_guessed() -> None:
    with pytest.raises(NoLongerHeld):
        filled(60).account(START)
