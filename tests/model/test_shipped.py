"""The shipped models say what a sales person would say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.contracts.model.file import load_document, load_model
from scorer.contracts.model.reach import reach
from scorer.domain.events import AttributeValue, Behaviour, Body, Created, LeadEvent
from scorer.domain.fold import fold
from scorer.domain.model import DAY_US, Disqualify, Silence, Tiers
from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState

START_US = 1_767_600_000_000_000
DEFAULT = load_model("default")
PLANS = {"default": Plan(DEFAULT), "education": Plan(load_model("education"))}
REACH = {name: reach(load_document(name)[0], plan.model) for name, plan in PLANS.items()}
GOOD_FIT: Mapping[str, AttributeValue] = {
    "industry": "Software",
    "employees": 200,
    "region": "east",
    "title": "VP Sales",
    "decision_power": "decides",
    "department": "sales",
}


def tier_of(
    attributes: Mapping[str, AttributeValue], *behaviours: str | Behaviour, name: str = "default"
) -> Tier:
    """The tier after these behaviours, one an hour."""
    state = LeadState(PLANS[name].hash)
    bodies: list[Body] = [Created("web", attributes)]
    bodies += [Behaviour(b) if isinstance(b, str) else b for b in behaviours]
    for hour, body in enumerate(bodies):
        time_us = START_US + hour * DAY_US // 24
        fold(state, LeadEvent("lead", time_us, "test", str(hour), body), PLANS[name])
    return state.head.tier


def test_a_good_fit_that_asks_for_a_demo_and_a_quote_is_hot() -> None:
    assert tier_of(GOOD_FIT, "demo_requested", "quote_requested") is Tier.HOT


def test_a_good_fit_that_does_nothing_is_warm_and_no_more() -> None:
    assert tier_of(GOOD_FIT) is Tier.WARM


def test_the_best_fit_alone_is_not_hot() -> None:
    """33 + 33 = 66: behaviour must agree."""
    best = {
        **GOOD_FIT,
        "buying_department": "sales",
        "influence": "high",
        "interest": "high",
        "title": "CEO",
    }

    assert tier_of(best) is Tier.WARM


def test_the_most_eager_behaviour_alone_is_not_hot() -> None:
    eager = ["demo_requested", "quote_requested", "needs_stated"] * 5

    assert tier_of({}, *eager) is Tier.WARM


def test_who_downloads_everything_is_not_hot() -> None:
    papers = [Behaviour("documents_requested", f"paper {i}") for i in range(50)]

    assert tier_of({}, *papers) is Tier.COLD
    assert tier_of(GOOD_FIT, *papers) is Tier.WARM
    assert tier_of({"title": "Student"}, *papers) is Tier.DISQUALIFIED


@pytest.mark.parametrize(
    "attributes",
    [
        {"title": "student"},
        {"title": "Marketing Intern"},
        {"title": "在校学生"},
        {"industry": "Gambling"},
        {"region": "overseas"},
        {"employees": 3},
        {"employees": "3"},
    ],
)
def test_wrong_title_industry_place_or_size_is_out_whatever_the_points(
    attributes: Mapping[str, AttributeValue],
) -> None:
    found = tier_of({**GOOD_FIT, **attributes}, "demo_requested", "quote_requested")

    assert found is Tier.DISQUALIFIED


def test_who_cannot_afford_it_is_out() -> None:
    assert tier_of(GOOD_FIT, "quote_requested", "cannot_afford") is Tier.DISQUALIFIED


@pytest.mark.parametrize("title", ["Internal Audit Manager", "International Sales Lead"])
def test_an_intern_is_not_found_within_other_words(title: str) -> None:
    assert tier_of({**GOOD_FIT, "title": title}) is Tier.WARM


def test_the_default_model_is_the_one_of_the_contract() -> None:
    """Caps 33/33/34, hot above 70, warm from 30, a week of grace, then a point a day."""
    company, contact, behaviour = DEFAULT.dimensions

    assert [(d.min, d.max) for d in (company, contact)] == [(-33, 33), (-33, 33)]
    assert (behaviour.min, behaviour.max) == (-34, 34)
    assert behaviour.silence == Silence(7 * DAY_US, lose=1.0, every_us=DAY_US, floor=0.0)
    assert DEFAULT.tiers == Tiers(70.0, 30.0, 2.0, 0)
    assert [r.id for r in DEFAULT.rules if r.disqualify is Disqualify.HARD] == [
        "wrong_title",
        "unable_to_pay",
        "unfit_industry",
        "place_not_served",
        "size_not_served",
    ]


@pytest.mark.parametrize("name", ["default", "education"])
def test_every_tier_can_be_reached_and_every_rule_can_hold(name: str) -> None:
    model, found = PLANS[name].model, REACH[name]

    assert found.never == found.always == frozenset()
    assert found.total.low < model.tiers.warm_from < model.tiers.hot_above < found.total.high


@given(data=st.data())
@settings(max_examples=60)
def test_no_lead_scores_beyond_what_the_check_thinks_possible(data: st.DataObject) -> None:
    """`model check` calls a tier unreachable only when it is."""
    name = data.draw(st.sampled_from(["default", "education"]))
    plan, reachable = PLANS[name], REACH[name].total
    state = LeadState(plan.hash)
    values: st.SearchStrategy[AttributeValue] = st.sampled_from(
        ["software", "CEO", "decides", "high", "sales", "Reference", 60, 1000, True]
    )
    named = st.sampled_from(sorted(plan.by_attribute))
    behaviours = st.builds(
        Behaviour, st.sampled_from(sorted(plan.behaviours)), st.sampled_from(["a", "b", "c"])
    )
    bodies: list[Body] = [Created("web", data.draw(st.dictionaries(named, values)))]
    bodies += data.draw(st.lists(behaviours, max_size=30))
    for hour, body in enumerate(bodies):
        time_us = START_US + hour * DAY_US // 24
        for output in fold(
            state, LeadEvent("lead", time_us, "test", str(hour), body), plan
        ).outputs:
            assert reachable.low <= output.score <= reachable.high


@pytest.mark.parametrize("name", ["default", "education"])
def test_everything_has_a_label_in_both_languages(name: str) -> None:
    document, _ = load_document(name)
    labels = [entry.label for entry in document.rules]
    labels += [entry.label for entry in document.behaviours.values()]

    assert all(label and label.en and label.zh for label in labels)


def test_a_course_lead_with_a_job_that_stays_and_books_a_trial_is_hot() -> None:
    professional: Mapping[str, AttributeValue] = {
        "occupation": "Working Professional",
        "specialization": "Finance Management",
        "source": "Reference",
        "time_on_website": 1200,
        "visits": 6,
        "last_activity": "Email Opened",
    }

    assert tier_of(professional, "trial_booked", name="education") is Tier.HOT
    assert tier_of({"occupation": "student"}, "course_viewed", name="education") is Tier.COLD


def test_who_asks_for_a_call_is_hot_for_a_day_whatever_the_score() -> None:
    assert tier_of({}, "callback_requested", name="education") is Tier.HOT


def test_who_unsubscribes_falls_and_who_has_a_wrong_number_is_out() -> None:
    applied = "application_submitted"

    assert tier_of({}, applied, name="education") is Tier.WARM
    assert tier_of({}, applied, "unsubscribed", name="education") is Tier.COLD
    assert tier_of({}, applied, "wrong_number", name="education") is Tier.DISQUALIFIED
