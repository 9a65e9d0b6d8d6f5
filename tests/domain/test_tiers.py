"""T1–T9: which tier, when it is entered and left, what is said about it."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from typing import Final

import pytest

from scorer.domain.model import (
    Decay,
    DecayKind,
    Grid,
    GridAxis,
    Model,
    Publish,
    Silence,
    Tiers,
)
from scorer.domain.outputs import CauseKind, Tier
from tests.domain.given import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Lead,
    attribute_rule,
    behaviour_rule,
    dimension,
    model,
)

HALF_LIFE: Final = Decay(DecayKind.HALF_LIFE, 14 * DAY)


def adjustable(**changed: object) -> Lead:
    """A lead whose score is whatever its adjustments say."""
    lead = Lead(model(**changed))
    lead.created()
    return lead


def wandering(scores: list[float], **changed: object) -> Lead:
    """A lead whose score takes these values, one a day."""
    lead, score = adjustable(**changed), 0.0
    for day, target in enumerate(scores, start=1):
        lead.adjusted(START + day * DAY, target - score)
        score = target
    return lead


def fading(points: float = 100.0, **changed: object) -> Model:
    return model(behaviour_rule("demo", points, decay=HALF_LIFE), **changed)


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        (70.0, Tier.WARM),
        (70.01, Tier.HOT),
        (30.0, Tier.WARM),
        (29.99, Tier.COLD),
        (70.004, Tier.WARM),  # decided on what is shown: 70.00
        (70.006, Tier.HOT),
        (29.996, Tier.WARM),
    ],
)
def test_t1_seventy_and_thirty_are_warm_a_cent_decides(score: float, tier: Tier) -> None:
    assert wandering([score]).tier(START + DAY) is tier


@pytest.mark.parametrize(
    ("from_", "score", "tier"),
    [
        (75.0, 68.01, Tier.HOT),
        (75.0, 68.0, Tier.WARM),
        (40.0, 28.0, Tier.WARM),
        (40.0, 27.99, Tier.COLD),
        (75.0, 29.0, Tier.COLD),  # warm is entered from 30, whoever comes
        (29.0, 29.99, Tier.COLD),
    ],
)
def test_t1_t3_a_tier_is_left_by_its_margin_and_entered_by_its_plain_bound(
    from_: float, score: float, tier: Tier
) -> None:
    assert wandering([from_, score]).tier(START + 2 * DAY) is tier


def axis(dimension_id: str, *bands: tuple[str, float]) -> GridAxis:
    return GridAxis((dimension_id,), (*bands, ("last", float("-inf"))))


@pytest.mark.parametrize(
    ("title", "visits", "label"),
    [("vp", 3, "A1"), ("vp", 2, "A2"), ("intern", 3, "Blast"), ("none", 0, "lastlast")],
)
def test_t2_the_grid_labels_a_lead_by_two_axes_with_inclusive_bounds(
    title: str, visits: int, label: str
) -> None:
    grid = Grid(axis("fit", ("A", 20.0), ("B", 5.0)), axis("behaviour", ("1", 30.0), ("2", 20.0)))
    lead = Lead(
        model(
            attribute_rule("vp", "title", "vp", 20.0),
            attribute_rule("intern", "title", "intern", 5.0),
            behaviour_rule("visited", 10.0),
            grid=grid if label != "Blast" else replace(grid, second=axis("behaviour", ("1", 31.0))),
        )
    )
    lead.created(title=title)
    for i in range(visits):
        lead.did(START + i, "visited")

    assert lead.scores[-1].grid == label


def test_t3_swinging_between_69_and_71_is_one_crossing_up_to_hot() -> None:
    assert wandering([71.0, 69.0] * 10).path == ["hot"]


def test_t3_a_dwell_holds_a_tier_against_falling_and_lets_it_go_at_its_end() -> None:
    lead = wandering([80.0], tiers=Tiers(min_dwell_us=3 * DAY))
    lead.adjusted(START + DAY + HOUR, -79.0)
    lead.waits(START + 10 * DAY)

    assert lead.path == ["hot", "cold"]
    assert lead.crossings[-1].time_us == START + 4 * DAY
    assert lead.crossings[-1].cause.what == "min_dwell"


def test_t3_a_dwell_never_delays_a_rise() -> None:
    lead = wandering([40.0], tiers=Tiers(min_dwell_us=3 * DAY))
    lead.adjusted(START + DAY + HOUR, 40.0)

    assert lead.path == ["warm", "hot"]


def test_t4_fifty_events_in_thirty_seconds_are_one_event_with_first_and_last_score() -> None:
    lead = Lead(model(behaviour_rule("opened", 0.5), publish=Publish(coalesce_us=30 * SECOND)))
    lead.created()
    for i in range(50):
        lead.did(START + DAY + i * SECOND // 2, "opened")
    lead.waits(START + 2 * DAY)
    first, run = lead.scores

    assert (first.score, first.changes) == (0.0, 1)
    assert (run.first_score, run.score, run.changes) == (0.0, 25.0, 50)
    assert run.time_us == START + DAY + 30 * SECOND


def test_t4_a_crossing_is_not_delayed_by_coalescing() -> None:
    lead = Lead(model(behaviour_rule("opened", 40.0), publish=Publish(coalesce_us=MINUTE)))
    lead.created()
    lead.did(START + DAY, "opened")

    assert [c.time_us for c in lead.crossings] == [START + DAY]
    assert len(lead.scores) == 1


def test_t4_a_change_by_time_alone_is_said_within_the_time_of_a_run() -> None:
    lead = Lead(fading(publish=Publish(coalesce_us=HOUR)))
    lead.created()
    lead.did(START, "demo")
    lead.waits(START + 100 * DAY)

    downs = lead.crossings[1:]
    assert [c.to_tier for c in downs] == [Tier.WARM, Tier.COLD]
    assert [s.time_us for s in lead.scores[-2:]] == [c.time_us + HOUR for c in downs]


def test_t4_changes_below_the_minimum_add_up_until_they_are_worth_saying() -> None:
    lead = Lead(model(behaviour_rule("opened", 2.0), publish=Publish(min_delta=5.0)))
    lead.created()
    for i in range(6):
        lead.did(START + i * HOUR, "opened")

    assert [s.score for s in lead.scores] == [0.0, 6.0, 12.0]


def test_t5_decay_alone_takes_a_lead_down_at_the_instant_of_the_formula() -> None:
    """100 points of a 14-day half-life: below 68.005 after 14·log2(100/68.005) days."""
    lead = Lead(fading())
    lead.created()
    lead.did(START, "demo")
    lead.waits(START + 100 * DAY)
    warm, cold = lead.crossings[1:]

    for crossing, bound in ((warm, 68.005), (cold, 27.995)):
        expected = START + 14 * DAY * log2(100 / bound)
        assert abs(crossing.time_us - expected) <= 2_000
        assert crossing.cause.kind is CauseKind.DECAY
    assert (warm.score_before, warm.score) == (68.01, 68.0)


def test_t5_silence_alone_takes_a_lead_down_at_the_predicted_step() -> None:
    silent = dimension("behaviour", silence=Silence(7 * DAY, lose=1.0, every_us=DAY))
    lead = Lead(model(behaviour_rule("demo", 40.0), dimensions=(silent,)))
    lead.created()
    lead.did(START, "demo")
    lead.waits(START + 100 * DAY)
    down = lead.crossings[-1]

    assert down.time_us == START + (7 + 13) * DAY  # 40 - 13 is the first below 28
    assert (down.score_before, down.score, down.cause.kind) == (28.0, 27.0, CauseKind.SILENCE)


def test_t5_points_lost_that_fade_bring_a_lead_up_again() -> None:
    lead = Lead(
        model(
            attribute_rule("vp", "title", "vp", 35.0),
            behaviour_rule("missed", -20.0, decay=HALF_LIFE),
        )
    )
    lead.created(title="vp")
    lead.did(START + DAY, "missed")
    lead.waits(START + 100 * DAY)

    assert lead.path == ["warm", "cold", "warm"]
    assert lead.crossings[-1].cause.kind is CauseKind.DECAY
    assert abs(lead.crossings[-1].time_us - (START + DAY + 14 * DAY * log2(20 / 5.005))) <= 2_000


def test_t6_the_next_crossing_is_published_and_an_event_moves_it() -> None:
    lead = Lead(fading())
    lead.created()
    lead.did(START, "demo")
    lead.did(START + DAY, "demo")
    first, moved = lead.scores[1:]

    assert first.next_tier is Tier.WARM
    assert first.next_tier_us is not None
    assert moved.next_tier_us is not None
    assert moved.next_tier_us > first.next_tier_us
    lead.waits(moved.next_tier_us)
    assert lead.crossings[-1].time_us == moved.next_tier_us


def test_t6_a_lead_that_nothing_will_move_announces_nothing() -> None:
    lead = wandering([50.0])

    assert (lead.scores[-1].next_tier, lead.scores[-1].next_tier_us) == (None, None)
    assert lead.waits(START + 10_000 * DAY) == []


def test_t7_ids_depend_on_causes_alone() -> None:
    """The same story under another worker, ticked otherwise: the same ids; another lead: others."""
    often, once = Lead(fading()), Lead(fading())
    for lead in (often, once):
        lead.created()
        lead.did(START, "demo")
    for day in range(60):
        often.waits(START + day * DAY)
    once.waits(START + 59 * DAY)

    assert [o.id for o in often.outputs] == [o.id for o in once.outputs]
    assert len({o.id for o in once.outputs}) == len(once.outputs)


def test_t8_every_arrival_in_a_tier_is_numbered() -> None:
    """What a subscriber needs to be told every time, or only the first time."""
    hot = [c for c in wandering([80.0, 50.0, 80.0, 10.0, 80.0]).crossings if c.to_tier is Tier.HOT]

    assert [(c.first_time, c.reached) for c in hot] == [(True, 1), (False, 2), (False, 3)]


def test_t9_the_first_time_in_a_tier_survives_later_drops() -> None:
    lead = wandering([80.0, 10.0, 80.0])
    lead.stored()

    assert lead.state.head.reached["hot"][:2] == [START + DAY, 2]
    assert lead.crossings[1].in_previous_us == DAY
