"""D1–D9: how points fade, by decay and by silence, and what stops it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, getcontext
from math import isfinite
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.contracts.model.file import load_model
from scorer.domain.fold import advance
from scorer.domain.model import Decay, DecayKind, Dimension, Group, History, Model, Silence
from scorer.domain.outputs import CauseKind, LineKind, Tier
from scorer.domain.scoring import score_at, weight_at
from tests.domain.given import (
    DAY,
    HOUR,
    SECOND,
    START,
    Lead,
    at,
    attribute_rule,
    behaviour_rule,
    dimension,
    model,
)

DEFAULT: Final = load_model("default")
SILENT: Final = Silence(7 * DAY, lose=1.0, every_us=DAY)
WORDS: Final = ("capped", "demo", "grouped", "refused", "visited")
CENTURY: Final = 100 * 365 * DAY
GAPS: Final = st.one_of(
    st.integers(0, 10 * SECOND), st.integers(0, 40 * DAY), st.integers(0, CENTURY)
)


def fading(decay: Decay, points: float = 100.0) -> Model:
    return model(behaviour_rule("demo", points, decay=decay))


def quiet(silence: Silence = SILENT, **changed: object) -> Model:
    """Behaviour under silence; a rep's calls break none."""
    return model(
        behaviour_rule("demo", 40.0),
        behaviour_rule("refused", -10.0),
        by_rep=frozenset({"called", "refused"}),
        behaviours=frozenset({"called", "visited"}),
        dimensions=(dimension("fit"), dimension("behaviour", silence=silence, **changed)),
    )


@given(
    st.lists(st.tuples(st.sampled_from(WORDS), GAPS), min_size=1, max_size=8),
    st.sampled_from([1, 3_600, 86_400, 400 * 86_400]),
    st.sampled_from([1, 3_600, 86_400, 400 * 86_400]),
    st.sampled_from([SILENT, Silence(DAY, half_life_us=HOUR), None]),
)
def test_no_span_of_time_is_too_long_or_too_short(
    story: list[tuple[str, int]], won_s: int, lost_s: int, silence: Silence | None
) -> None:
    """From a second to centuries: what has decayed until a float holds nothing of it divides nothing."""
    lead = Lead(
        model(
            behaviour_rule("demo", 90.0, decay=Decay(DecayKind.HALF_LIFE, won_s * SECOND)),
            behaviour_rule("visited", 50.0, decay=Decay(DecayKind.HALF_LIFE, HOUR)),
            behaviour_rule("refused", -45.0, decay=Decay(DecayKind.HALF_LIFE, lost_s * SECOND)),
            behaviour_rule(
                "capped", 9.0, decay=Decay(DecayKind.HALF_LIFE, won_s * SECOND), max=12.0
            ),
            behaviour_rule(
                "grouped", 30.0, decay=Decay(DecayKind.HALF_LIFE, lost_s * SECOND), group="few"
            ),
            groups=(Group("few", "behaviour", max=40.0),),
            dimensions=(dimension("fit"), dimension("behaviour", silence=silence, max=80.0)),
            history=History(400 * DAY, 3),
        )
    )
    t = START
    lead.created(t)
    for word, gap_us in story:
        t += gap_us
        lead.did(t, word)
        assert isfinite(score_at(lead.state.head, lead.plan, t))
    advance(lead.state, "lead", lead.plan, t + CENTURY)

    assert 0.0 <= score_at(lead.state.head, lead.plan, t + CENTURY) < 0.01


# --- D1: decay -------------------------------------------------------------------------------

AGES: Final = (7, 14, 30, 60, 90)


def weight_after(decay: Decay, age_us: int) -> float:
    lead = Lead(fading(decay))
    lead.created()
    lead.did(START, "demo")
    return weight_at(lead.state.head.accounts["demo"], lead.plan.rules["demo"], START + age_us)


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("half_life", [7, 14, 30, 60])
def test_d1_half_lives_are_those_of_the_formula(half_life: int, age: int) -> None:
    getcontext().prec = 30
    expected = Decimal(100) * Decimal(2) ** (-Decimal(age) / Decimal(half_life))
    decay = Decay(DecayKind.HALF_LIFE, half_life * DAY)

    assert 100 * weight_after(decay, age * DAY) == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("age", AGES)
def test_d1_linear_reaches_nought_in_sixty_days(age: int) -> None:
    expected = max(Decimal(0), 100 * (1 - Decimal(age) / 60))
    decay = Decay(DecayKind.LINEAR, 60 * DAY)

    assert 100 * weight_after(decay, age * DAY) == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize(
    ("age_us", "left"),
    [
        (45 * DAY - 1, 1.0),
        (45 * DAY, 0.85),
        (90 * DAY, 0.7),
        (6 * 45 * DAY, 0.1),
        (7 * 45 * DAY, 0.0),
        (700 * DAY, 0.0),
    ],
)
def test_d1_a_step_takes_its_share_at_each_full_span(age_us: int, left: float) -> None:
    assert weight_after(Decay(DecayKind.STEP, 45 * DAY, 0.15), age_us) == pytest.approx(left)


@pytest.mark.parametrize(("age_us", "left"), [(30 * DAY - 1, 1.0), (30 * DAY, 0.0)])
def test_d1_what_expires_is_worth_everything_until_then_and_nothing_from_then_on(
    age_us: int, left: float
) -> None:
    assert weight_after(Decay(DecayKind.EXPIRES, 30 * DAY), age_us) == left


@pytest.mark.parametrize("kind", [DecayKind.HALF_LIFE, DecayKind.LINEAR, DecayKind.EXPIRES])
def test_d1_occurrences_age_one_by_one(kind: DecayKind) -> None:
    """A second one does not make the first one young again."""
    decay = Decay(kind, 14 * DAY)
    lead = Lead(fading(decay, points=10.0))
    lead.created()
    lead.did(START, "demo")
    lead.did(START + 7 * DAY, "demo")
    single = [10.0 * weight_after(decay, age) for age in (10 * DAY, 3 * DAY)]

    assert lead.score(START + 10 * DAY) == round(sum(single), 2)


@pytest.mark.parametrize(
    ("born", "looked", "left"),
    [
        ("2028-02-15 12:00", "2028-03-14 12:00", 25.0),  # 28 days over a leap day
        ("2026-12-24 00:00", "2027-01-07 00:00", 50.0),  # 14 days over the end of a year
    ],
)
def test_d1_days_are_counted_not_dates(born: str, looked: str, left: float) -> None:
    lead = Lead(fading(Decay(DecayKind.HALF_LIFE, 14 * DAY)))
    lead.created(at(born))
    lead.did(at(born), "demo")

    assert lead.score(at(looked)) == left


# --- D2–D6: silence ---------------------------------------------------------------------------


def test_d2_a_week_costs_nothing_then_one_point_a_day_and_never_below_the_floor() -> None:
    lead = Lead(quiet(replace(SILENT, floor=10.0)))
    lead.created()
    lead.did(START, "demo")
    scores = [lead.score(START + day * DAY) for day in (7, 8, 9, 36, 37, 38, 400)]

    assert scores == [40.0, 39.0, 38.0, 11.0, 10.0, 10.0, 10.0]
    assert lead.score(START + 8 * DAY - 1) == 40.0


def test_d2_silence_by_half_life_begins_after_the_grace() -> None:
    lead = Lead(quiet(Silence(7 * DAY, half_life_us=14 * DAY)))
    lead.created()
    lead.did(START, "demo")

    assert [lead.score(START + d * DAY) for d in (7, 21, 35)] == [40.0, 20.0, 10.0]


def test_d2_points_lost_stay_lost_and_the_new_behaviour_counts_in_full() -> None:
    lead = Lead(quiet())
    lead.created()
    lead.did(START, "demo")
    lead.did(START + 17 * DAY, "demo")

    assert lead.score(START + 17 * DAY) == 70.0  # 40 less 10, and 40
    assert lead.score(START + 24 * DAY) == 70.0  # the grace runs anew
    assert lead.score(START + 25 * DAY) == 69.0


def test_d2_what_a_cap_had_cut_is_no_reserve_against_silence() -> None:
    lead = Lead(quiet(max=34.0))
    lead.created()
    for i in range(5):
        lead.did(START + i, "demo")  # worth 200, shown as 34

    later = START + 11 * DAY + HOUR
    assert lead.score(later) == 30.0
    lead.did(later, "visited")  # worth nothing, but not silent
    assert lead.score(later) == 30.0


def test_d2_a_reps_unanswered_call_breaks_no_silence() -> None:
    lead = Lead(quiet())
    lead.created()
    lead.did(START, "demo")
    lead.did(START + 6 * DAY, "called")

    assert lead.score(START + 8 * DAY) == 39.0


def test_d3_a_lead_imported_five_minutes_ago_is_not_silent() -> None:
    """Its history is a year old; the clock of silence starts at creation."""
    lead = Lead(quiet())
    lead.did(START - 365 * DAY, "demo")
    lead.created(START)

    assert lead.score(START + 300_000_000) == 40.0
    assert lead.score(START + 7 * DAY) == 40.0
    assert lead.score(START + 8 * DAY) == 39.0


def test_d4_three_days_without_a_worker_leave_no_trace() -> None:
    """One lead ticked every hour, one not at all until the day after the outage."""
    watched, neglected = Lead(quiet()), Lead(quiet())
    for lead in (watched, neglected):
        lead.created()
        lead.did(START, "demo")
    for hour in range(1, 20 * 24):
        watched.waits(START + hour * HOUR)
    neglected.waits(START + (20 * 24 - 1) * HOUR)

    assert watched.outputs == neglected.outputs
    assert watched.stored() == neglected.stored()


def test_d5_fit_is_constant_over_a_year() -> None:
    lead = Lead(DEFAULT)
    lead.created(title="CEO", industry="software", employees=200)
    lead.did(START, "demo_requested")
    fit = {
        (a["company"], a["contact"])
        for a in (
            lead.account(START + day * DAY).explanation.dimensions for day in range(0, 366, 5)
        )
    }

    assert len(fit) == 1


def test_d6_after_a_year_of_silence_one_demo_request_reaches_warm() -> None:
    """The default model: a fit lead that went quiet for a year counts at once when it is back."""
    lead = Lead(DEFAULT)
    lead.created(title="manager", industry="retail", employees=200)
    for day in range(0, 28, 2):
        lead.did(START + day * DAY, "demo_requested")
    lead.waits(START + 393 * DAY)
    assert lead.tier(START + 393 * DAY) is Tier.COLD

    lead.did(START + 393 * DAY, "demo_requested")

    assert lead.tier(START + 393 * DAY) is Tier.WARM
    assert lead.account(START + 393 * DAY).explanation.dimensions["behaviour"] >= 14.0


@pytest.mark.parametrize("floor", [0.0, 5.0, -10.0])
def test_d6_neither_decay_nor_silence_takes_a_dimension_below_its_floor(floor: float) -> None:
    lead = Lead(
        model(
            behaviour_rule("demo", 40.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)),
            behaviour_rule("refused", -20.0),
            by_rep=frozenset({"refused"}),
            dimensions=(dimension("fit"), dimension("behaviour", floor=floor, silence=SILENT)),
        )
    )
    lead.created()
    lead.did(START, "demo")
    lead.did(START, "refused")
    least = min(lead.score(START + day * DAY) for day in range(400))

    assert lead.score(START) == 20.0
    assert least == max(floor, -20.0)


def test_d6_only_explicit_points_take_a_dimension_below_its_floor_and_by_no_more() -> None:
    """What decay had taken before is not taken a second time."""
    lead = Lead(
        model(
            behaviour_rule("demo", 40.0, decay=Decay(DecayKind.EXPIRES, 10 * DAY)),
            behaviour_rule("refused", -15.0),
        )
    )
    lead.created()
    lead.did(START, "refused")
    lead.did(START, "demo")
    assert lead.score(START + 20 * DAY) == 0.0  # 25 expired to -15: held at the floor

    lead.did(START + 21 * DAY, "refused")

    assert lead.score(START + 21 * DAY) == -15.0


def test_d6_a_lead_created_with_a_bad_attribute_shows_it() -> None:
    lead = Lead(model(attribute_rule("bad", "industry", "gambling", -10.0)))
    lead.created(industry="gambling")

    assert lead.score(START) == -10.0


def test_d6_a_lead_that_earned_nothing_is_not_lifted_to_a_floor() -> None:
    lead = Lead(model(dimensions=(Dimension("fit", 0.0, 50.0, floor=5.0),)))
    lead.created()

    assert lead.score(START) == 0.0


# --- D7–D9 -------------------------------------------------------------------------------------


def test_d7_the_undecayed_engagement_is_kept_beside_the_decayed_one() -> None:
    lead = Lead(fading(Decay(DecayKind.HALF_LIFE, 7 * DAY), points=10.0))
    lead.created()
    for i in range(3):
        lead.did(START + i * 7 * DAY, "demo")

    assert lead.scores[-1].all_time == 30.0
    assert lead.scores[-1].score == 17.5
    assert lead.account(START + 400 * DAY).explanation.all_time == 30.0


def test_d8_nothing_fades_over_a_holiday() -> None:
    holiday = ((START + 10 * DAY, START + 18 * DAY),)
    decay = Decay(DecayKind.HALF_LIFE, 14 * DAY)
    lead = Lead(replace(fading(decay), pauses=holiday))
    lead.created()
    lead.did(START, "demo")

    assert lead.score(START + 10 * DAY) == lead.score(START + 18 * DAY)
    assert lead.score(START + 22 * DAY) == 50.0


def test_d8_silence_stands_still_over_a_holiday_and_crosses_later_by_its_length() -> None:
    crossed = []
    for holidays in ((), ((START + 10 * DAY, START + 18 * DAY),)):
        lead = Lead(replace(quiet(), pauses=holidays))
        lead.created()
        lead.did(START, "demo")
        lead.waits(START + 60 * DAY)
        crossed.append(lead.crossings[-1].time_us)

    assert crossed[1] - crossed[0] == 8 * DAY


def test_d9_decay_and_silence_are_in_the_explanation_and_the_sum_is_exact() -> None:
    lead = Lead(
        model(
            behaviour_rule("demo", 100.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)),
            dimensions=(dimension("fit"), dimension("behaviour", silence=SILENT)),
        )
    )
    lead.created()
    lead.did(START, "demo")
    account = lead.account(START + 14 * DAY)
    demo, silence = account.explanation.lines

    assert (demo.points, demo.decayed) == (50.0, 50.0)
    assert (silence.kind, silence.points) == (LineKind.SILENCE, -7.0)
    assert account.score == 43.0


def test_decay_is_not_undone_by_the_next_event() -> None:
    """An event worth nothing leaves the score where decay had brought it."""
    lead = Lead(fading(Decay(DecayKind.HALF_LIFE, 14 * DAY)))
    lead.created()
    lead.did(START, "demo")
    before = lead.score(START + 20 * DAY)
    lead.did(START + 20 * DAY, "visited")

    assert score_at(lead.state.head, lead.plan, START + 20 * DAY) == before


def test_late_evidence_across_a_step_of_silence_gives_the_points_back() -> None:
    """The lead was thought silent; then a visit of the sixth day arrives."""
    lead = Lead(quiet())
    lead.created()
    lead.did(START, "demo")
    lead.waits(START + 20 * DAY)
    assert lead.path == ["warm", "cold"]
    assert lead.crossings[-1].cause.kind is CauseKind.SILENCE
    assert lead.score(START + 12 * DAY) == 35.0

    said = lead.did(START + 6 * DAY, "visited").outputs

    assert lead.score(START + 12 * DAY) == 40.0
    assert lead.score(START + 20 * DAY) == 33.0
    assert lead.path == ["warm", "cold", "warm"]
    assert said[-1].cause.kind is CauseKind.EVIDENCE
