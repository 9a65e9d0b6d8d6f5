"""C1–C11, C13, C14: what gives points, what caps and limits them, what locks a tier."""

from __future__ import annotations

import pytest

from scorer.contracts.model.file import load_model
from scorer.domain import events as e
from scorer.domain.model import (
    AttributeRule,
    Bounds,
    Condition,
    Decay,
    DecayKind,
    Disqualify,
    FastTrack,
    Group,
    Limit,
    LimitKind,
    Streak,
)
from scorer.domain.outputs import Cause, CauseKind, LineKind, Tier
from tests.domain.given import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Lead,
    at,
    attribute_rule,
    behaviour_rule,
    dimension,
    limited,
    model,
)

ONCE = Limit(LimitKind.ONCE)
ONCE_PER_OBJECT = Limit(LimitKind.ONCE_PER_OBJECT)
CALLS = model(
    behaviour_rule(
        "calls",
        -15.0,
        on=frozenset({"call_unanswered"}),
        streak=Streak(3, frozenset({"call_answered"})),
    ),
    behaviour_rule("opened", 40.0),
)


def test_c1_changing_an_attribute_never_changes_the_engagement_score() -> None:
    lead = Lead(model(attribute_rule("vp", "title", "vp", 20.0), behaviour_rule("opened", 10.0)))
    lead.created(title="vp")
    lead.did(START + DAY, "opened")
    lead.became(START + 2 * DAY, title="intern")

    assert [s.dimensions for s in lead.scores] == [
        {"fit": 20.0, "behaviour": 0.0},
        {"fit": 20.0, "behaviour": 10.0},
        {"fit": 0.0, "behaviour": 10.0},
    ]


def test_c2_a_title_that_comes_back_ends_at_the_first_value_with_one_event_each() -> None:
    lead = Lead(model(attribute_rule("vp", "title", "vp", 20.0)))
    lead.created(title="vp")
    lead.became(START + DAY, title="intern")
    lead.became(START + 2 * DAY, title="vp")

    assert [s.score for s in lead.scores] == [20.0, 0.0, 20.0]


def test_c2_an_attribute_that_is_unset_is_unknown_again() -> None:
    lead = Lead(model(attribute_rule("vp", "title", "vp", 20.0)))
    lead.created(title="vp")
    lead.add(START + DAY, e.AttributesChanged({}, ("title",)))

    assert lead.score(START + DAY) == 0.0


def test_c3_unknown_holds_of_a_lead_that_acted_before_it_was_created() -> None:
    """Evidence before creation must not keep the rules for missing attributes from being asked."""
    unknown = Condition("title", lambda value: value is None, "title is unknown")
    lead = Lead(
        model(
            AttributeRule("unknown", "fit", 7.0, conditions=(unknown,)),
            behaviour_rule("opened", 1.0),
        )
    )
    lead.did(START, "opened")
    lead.created(START + DAY)

    assert lead.points(START + DAY) == {"unknown": 7.0, "opened": 1.0}


def test_c4_the_total_goes_below_nought_only_if_allowed() -> None:
    rule = behaviour_rule("budget_too_low", -12.0)
    free, bounded = Lead(model(rule)), Lead(model(rule, total=Bounds(0.0, 100.0)))
    for lead in (free, bounded):
        lead.created()
        lead.did(START + DAY, "budget_too_low")

    assert (free.score(START + DAY), bounded.score(START + DAY)) == (-12.0, 0.0)


def test_c5_a_hundred_page_views_never_pass_the_cap_of_the_group_and_the_cut_is_a_line() -> None:
    page = behaviour_rule("page", 1.5, group="reading")
    lead = Lead(model(page, groups=(Group("reading", "behaviour", max=20.0),)))
    lead.created()
    for i in range(100):
        lead.did(START + i * HOUR, "page")

    assert max(s.score for s in lead.scores) == 20.0
    assert lead.points(START + 100 * HOUR) == {"page": 150.0, "reading": -130.0}


def test_c5_rule_group_dimension_and_total_each_cut_what_is_left() -> None:
    lead = Lead(
        model(
            behaviour_rule("page", 30.0, max=50.0, group="reading"),
            behaviour_rule("mail", 30.0, group="reading"),
            attribute_rule("vp", "title", "vp", 40.0),
            groups=(Group("reading", "behaviour", max=70.0),),
            dimensions=(dimension("fit", max=33.0), dimension("behaviour", max=65.0)),
            total=Bounds(0.0, 90.0),
        )
    )
    lead.created(title="vp")
    for i, name in enumerate(("page", "page", "mail")):
        lead.did(START + i * HOUR, name)
    account = lead.account(START + DAY)
    cut = {line.name: line.cut for line in account.explanation.lines}

    assert lead.points(START + DAY) == {
        "vp": 40.0,
        "page": 50.0,
        "mail": 30.0,
        "reading": -10.0,
        "fit": -7.0,
        "behaviour": -5.0,
        "total": -8.0,
    }
    assert cut["page"] == 10.0
    assert account.score == 90.0


def test_c5_explicit_points_stop_at_the_least_of_their_dimension() -> None:
    lead = Lead(
        model(
            behaviour_rule("insulted", -30.0),
            dimensions=(dimension("fit"), dimension("behaviour", min=-34.0)),
        )
    )
    lead.created()
    lead.did(START, "insulted")
    lead.did(START + HOUR, "insulted")

    assert lead.score(START + HOUR) == -34.0


def test_c6_the_same_mail_opened_five_times_counts_once_five_mails_count_five_times() -> None:
    same, different = Lead(limited(ONCE_PER_OBJECT)), Lead(limited(ONCE_PER_OBJECT))
    for lead in (same, different):
        lead.created()
    for i in range(5):
        same.did(START + i * HOUR, "opened", "mail-1")
        different.did(START + i * HOUR, "opened", f"mail-{i}")

    assert same.score(START + DAY) == 10.0
    assert different.score(START + DAY) == 50.0


def test_c6_once_is_once_in_a_life() -> None:
    lead = Lead(limited(ONCE))
    lead.created()
    for years in range(3):
        lead.did(START + years * 365 * DAY, "opened", f"mail-{years}")

    assert lead.score(START + 3 * 365 * DAY) == 10.0


def test_c6_what_one_limit_refuses_uses_up_no_other() -> None:
    """A repeated object must not take the place of a new one in the day's quota."""
    lead = Lead(limited(ONCE_PER_OBJECT, Limit(LimitKind.ROLLING, 2, DAY)))
    lead.created()
    for i, about in enumerate(("a", "a", "a", "b", "c")):
        lead.did(START + i * MINUTE, "opened", about)

    assert lead.score(START + HOUR) == 20.0
    assert [kept.why for kept in lead.account(START + HOUR).suppressed] == [
        "opened: limit once_per_object",
        "opened: limit once_per_object",
        "opened: limit rolling",
    ]


def test_c7_rolling_a_sunday_evening_blocks_until_monday_evening() -> None:
    lead = Lead(limited(Limit(LimitKind.ROLLING, 1, DAY)))
    lead.created()
    lead.did(at("2026-03-01 22:00"), "opened")
    blocked = lead.did(at("2026-03-02 21:59:59"), "opened")
    counted = lead.did(at("2026-03-02 22:00"), "opened")

    assert (blocked.suppressed, counted.suppressed) == (1, 0)
    assert lead.score(at("2026-03-03 00:00")) == 20.0


@pytest.mark.parametrize(
    ("zone", "first", "same_day", "next_day"),
    [
        ("UTC", "2026-03-01 22:00", "2026-03-01 23:59:59", "2026-03-02 00:00"),
        ("Asia/Shanghai", "2026-03-01 22:00", "2026-03-01 23:59:59", "2026-03-02 00:00"),
        # In New York 8 March 2026 has 23 hours, 1 November 25.
        ("America/New_York", "2026-03-08 00:00", "2026-03-08 23:59:59", "2026-03-09 00:00"),
        ("America/New_York", "2026-11-01 00:00", "2026-11-01 23:59:59", "2026-11-02 00:00"),
        ("UTC", "2028-02-29 00:00", "2028-02-29 23:59:59", "2028-03-01 00:00"),
        ("UTC", "2026-12-31 23:00", "2026-12-31 23:59:59", "2027-01-01 00:00"),
    ],
)
def test_c7_a_calendar_day_is_a_day_of_the_models_zone(
    zone: str, first: str, same_day: str, next_day: str
) -> None:
    """Also on days of 23 and 25 hours, on a leap day and over the end of a year."""
    from zoneinfo import ZoneInfo

    one_a_day = behaviour_rule("opened", 10.0, limits=(Limit(LimitKind.CALENDAR_DAY, 1),))
    lead = Lead(model(one_a_day, time_zone=ZoneInfo(zone)))
    lead.created()
    lead.did(at(first, zone), "opened")
    blocked = lead.did(at(same_day, zone), "opened")
    counted = lead.did(at(next_day, zone), "opened")

    assert (blocked.suppressed, counted.suppressed) == (1, 0)


def test_c8_two_unanswered_calls_cost_nothing_the_third_costs_once() -> None:
    lead = Lead(CALLS)
    lead.created()
    lead.did(START, "opened")
    scores = []
    for i in range(1, 6):
        lead.did(START + i * HOUR, "call_unanswered")
        scores.append(lead.score(START + i * HOUR))

    assert scores == [40.0, 40.0, 25.0, 25.0, 25.0]


def test_c8_an_answered_call_resets_the_run() -> None:
    lead = Lead(CALLS)
    lead.created()
    lead.did(START, "opened")
    calls = ["un", "un", "", "un", "un", "un"]
    scores = []
    for i, call in enumerate(calls, start=1):
        lead.did(START + i * HOUR, f"call_{call}answered")
        scores.append(lead.score(START + i * HOUR))

    assert scores == [40.0, 40.0, 40.0, 40.0, 40.0, 25.0]


def test_c8_with_repeat_each_further_one_costs_again() -> None:
    lead = Lead(
        model(
            behaviour_rule("missed", -15.0, streak=Streak(3, frozenset(), repeat=True)),
        )
    )
    lead.created()
    for i in range(5):
        lead.did(START + i * HOUR, "missed")

    assert lead.score(START + DAY) == -45.0


def test_c8_a_call_that_arrives_late_joins_the_run_in_its_place() -> None:
    """Two calls, an answer that happened between them arrives last: no run of three."""
    lead = Lead(CALLS)
    lead.created()
    for hour in (1, 2, 4):
        lead.did(START + hour * HOUR, "call_unanswered")
    assert lead.score(START + DAY) == -15.0

    lead.did(START + 3 * HOUR, "call_answered")

    assert lead.score(START + DAY) == 0.0


def test_c9_a_banned_region_is_disqualified_whatever_the_points_and_comes_back() -> None:
    lead = Lead(
        model(
            attribute_rule("banned", "region", "nowhere", 0.0, disqualify=Disqualify.HARD),
            attribute_rule("vp", "title", "vp", 80.0),
        )
    )
    lead.created(title="vp", region="nowhere")
    lead.became(START + DAY, region="east")

    assert lead.path == ["disqualified", "hot"]
    assert lead.score(START) == 80.0


def test_c9_a_retracted_disqualifier_never_locked() -> None:
    lead = Lead(
        model(
            behaviour_rule("cannot_afford", 0.0, disqualify=Disqualify.HARD),
            attribute_rule("vp", "title", "vp", 80.0),
        )
    )
    lead.created(title="vp")
    lead.did(START + DAY, "cannot_afford", name="wrong")
    assert lead.tier(START + DAY) is Tier.DISQUALIFIED

    lead.retracted(START + 2 * DAY, "wrong")

    assert lead.path == ["hot", "disqualified", "hot"]
    assert lead.crossings[-1].cause.kind is CauseKind.RETRACTION
    assert lead.account(START + 2 * DAY).since_us == START


def test_c9_soft_is_a_large_negative_rule_and_locks_nothing() -> None:
    lead = Lead(
        model(
            attribute_rule("small", "size", 2, -50.0, disqualify=Disqualify.SOFT),
            attribute_rule("vp", "title", "vp", 80.0),
        )
    )
    lead.created(title="vp", size=2)

    assert (lead.score(START), lead.tier(START)) == (30.0, Tier.WARM)


def test_c9_an_outcome_disqualifies_until_the_lead_is_reopened() -> None:
    lead = Lead(model(attribute_rule("vp", "title", "vp", 80.0)))
    lead.created(title="vp")
    lead.add(START + DAY, e.Outcome(e.OutcomeKind.DISQUALIFIED))
    lead.add(START + 2 * DAY, e.Outcome(e.OutcomeKind.REOPENED))

    assert lead.path == ["hot", "disqualified", "hot"]


FAST = (FastTrack(frozenset({"demo"}), Tier.HOT, 48 * HOUR),)


def test_c10_a_demo_request_makes_a_cold_lead_hot_for_48_hours_with_its_cause() -> None:
    lead = Lead(model(behaviour_rule("demo", 5.0), fast_tracks=FAST))
    lead.created()
    lead.did(START + DAY, "demo", name="the-request")
    lead.waits(START + 10 * DAY)
    up, down = lead.crossings

    assert (up.to_tier, up.score, up.time_us) == (Tier.HOT, 5.0, START + DAY)
    assert up.cause == Cause(CauseKind.EVIDENCE, "test", "the-request", "demo")
    assert (down.to_tier, down.time_us) == (Tier.COLD, START + 3 * DAY)
    assert (down.cause.kind, down.cause.what) == (CauseKind.EXPIRY, "fast_track")


def test_c10_a_short_track_to_hot_leaves_a_longer_one_to_warm_running() -> None:
    tracks = (*FAST, FastTrack(frozenset({"chat"}), Tier.WARM, 96 * HOUR))
    for order in (("demo", "chat"), ("chat", "demo")):
        lead = Lead(model(behaviour_rule("demo", 5.0), fast_tracks=tracks))
        lead.created()
        for i, name in enumerate(order):
            lead.did(START + i * SECOND, name)
        lead.waits(START + 10 * DAY)

        assert lead.path[-3:] == ["hot", "warm", "cold"]
        assert lead.crossings[-1].time_us // HOUR == START // HOUR + 96


def test_c10_the_score_is_never_lifted_and_a_higher_tier_is_never_lowered() -> None:
    track = FastTrack(frozenset({"demo"}), Tier.WARM, 48 * HOUR)
    lead = Lead(model(attribute_rule("vp", "title", "vp", 80.0), fast_tracks=(track,)))
    lead.created(title="vp")
    lead.did(START + DAY, "demo")
    lead.waits(START + 10 * DAY)

    assert lead.path == ["hot"]
    assert lead.score(START + DAY) == 80.0


def test_c11_twenty_points_by_a_manager_are_a_line_and_expire_on_time() -> None:
    lead = Lead(model(attribute_rule("vp", "title", "vp", 55.0)))
    lead.created(title="vp")
    lead.adjusted(START + DAY, 20.0, until=START + 8 * DAY)
    lead.waits(START + 30 * DAY)
    line = lead.account(START + DAY).explanation.lines[-1]

    assert (line.kind, line.points) == (LineKind.ADJUSTMENT, 20.0)
    assert lead.account(START + DAY).label(line) == "By hand: met at a fair (Wang)"
    assert lead.path == ["warm", "hot", "warm"]
    assert lead.crossings[-1].time_us == START + 8 * DAY
    assert lead.crossings[-1].cause.kind is CauseKind.EXPIRY
    assert lead.score(START + 8 * DAY - 1) == 75.0
    assert lead.score(START + 8 * DAY) == 55.0


def test_c11_an_adjustment_that_expires_as_a_step_of_silence_falls_due_crosses_once() -> None:
    """At the shared instant both hold at once: -7 is gone when the seventh point is lost."""
    from scorer.domain.model import Silence

    lead = Lead(
        model(
            attribute_rule("vp", "title", "vp", 40.0, dimension="behaviour"),
            dimensions=(
                dimension("fit"),
                dimension("behaviour", silence=Silence(7 * DAY, lose=1.0, every_us=DAY)),
            ),
        )
    )
    lead.created(title="vp")
    lead.adjusted(START + DAY, -5.0, until=START + 15 * DAY)
    lead.waits(START + 16 * DAY)

    assert lead.score(START + 15 * DAY) == 32.0  # 40 less 8 points of silence
    assert lead.path == ["warm"]


def test_c13_a_lead_on_hold_keeps_its_score_and_goes_on_from_there() -> None:
    fading = behaviour_rule("demo", 80.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY))
    lead = Lead(model(fading))
    lead.created()
    lead.did(START, "demo")
    lead.paused(START + DAY)
    on_hold = lead.score(START + DAY)
    lead.waits(START + 60 * DAY)
    assert lead.score(START + 60 * DAY) == on_hold
    assert lead.path == ["hot"]

    lead.resumed(START + 61 * DAY)

    assert lead.score(START + 61 * DAY) == on_hold
    assert lead.score(START + 74 * DAY) == 40.0  # 14 days of its own time
    lead.waits(START + 80 * DAY)
    assert lead.path == ["hot", "warm"]


def test_c13_evidence_on_hold_counts_when_the_lead_is_given_back() -> None:
    lead = Lead(model(behaviour_rule("demo", 80.0)))
    lead.created()
    lead.paused(START + DAY)
    assert lead.did(START + 2 * DAY, "demo").outputs == []

    lead.resumed(START + 3 * DAY)

    assert [s.score for s in lead.scores] == [0.0, 80.0]
    assert lead.path == ["hot"]


def test_c14_one_edit_changes_every_rule_that_refers_to_the_weight() -> None:
    text = """
name: tokens
version: "1"
weights: {{good: {good}}}
dimensions: {{fit: {{min: 0, max: 100}}}}
rules:
  - {{id: vp, dimension: fit, when: {{attribute: title, operator: equals, value: vp}}, points: good}}
  - {{id: east, dimension: fit, when: {{attribute: region, operator: equals, value: east}}, points: good}}
"""
    scores = []
    for good in (8, 11):
        lead = Lead(load_model(text.format(good=good)))
        lead.created(title="vp", region="east")
        scores.append(lead.score(START))

    assert scores == [16.0, 22.0]
