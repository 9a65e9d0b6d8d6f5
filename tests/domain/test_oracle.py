"""The second opinion sees what it must see, however short it is: else it would agree by looking away."""

from __future__ import annotations

import pytest

from scorer.domain import events as e
from scorer.domain.model import Decay, DecayKind, FastTrack, Model
from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from tests.domain import random_cases
from tests.domain.cases import Case
from tests.domain.given import DAY, HOUR, MINUTE, START, behaviour_rule, model
from tests.domain.laws import assert_no_crossing_missed_or_invented, tell
from tests.domain.oracle import Oracle


def forgiven_while_fading() -> Model:
    """80 points that fade, 10 lost that are forgiven after ten hours, a hand raised for eleven."""
    fades = Decay(DecayKind.HALF_LIFE, 53 * HOUR)
    forgiven = Decay(DecayKind.EXPIRES, 10 * HOUR)
    return model(
        behaviour_rule("demo", 80.0, decay=fades),
        behaviour_rule("budget_low", -10.0, decay=forgiven),
        fast_tracks=(FastTrack(frozenset({"demo"}), Tier.HOT, 11 * HOUR),),
    )


def story() -> list[e.LeadEvent]:
    bodies: tuple[e.Body, ...] = (
        e.Created("web", {}),
        e.Behaviour("budget_low"),
        e.Behaviour("demo"),
    )
    return [e.LeadEvent("lead", START, "test", f"{n}", body) for n, body in enumerate(bodies)]


def test_a_short_visit_to_hot_that_a_fast_track_hides_is_seen() -> None:
    """70.2 points for a quarter of an hour: hot by score, so hot until 68 when the hand goes down."""
    oracle = Oracle(forgiven_while_fading(), story())

    path = oracle.trajectory([START + 2 * DAY])

    shown = {t: tier for t, tier in path if t > START}
    assert oracle.score_at(START + 10 * HOUR) > 70.005 > oracle.score_at(START + 10 * HOUR + HOUR)
    assert shown[START + 11 * HOUR] is Tier.HOT
    cooled = min(t for t, tier in shown.items() if tier is Tier.WARM)
    assert oracle.score_at(cooled - MINUTE) > 68.005 > oracle.score_at(cooled)


def test_fold_and_oracle_agree_on_such_a_visit() -> None:
    it = Case(forgiven_while_fading(), story(), START + 2 * DAY)

    assert assert_no_crossing_missed_or_invented(it, tell(Plan(it.model), it.events, it.end_us))


def test_a_crossing_that_the_fold_keeps_to_itself_is_noticed() -> None:
    it = Case(forgiven_while_fading(), story(), START + 2 * DAY)
    told = tell(Plan(it.model), it.events, it.end_us)
    told.outputs.pop()

    with pytest.raises(AssertionError):
        assert_no_crossing_missed_or_invented(it, told)


def test_the_bounds_of_a_stretch_hold_every_score_in_it() -> None:
    oracle = Oracle(forgiven_while_fading(), story())
    s = oracle.situation_at(START)

    low, high = oracle.between(s, START, START + 12 * HOUR)

    scores = [oracle.exact(s, START + n * MINUTE) for n in range(12 * 60)]
    assert low <= min(scores) <= max(scores) <= high


def test_the_case_that_the_grid_of_old_could_not_see_is_no_false_alarm() -> None:
    """Half an hour in hot under a fast track, found by `make oracle` and stepped over by a grid."""
    assert random_cases.check(103, 4818).doubtful == 0
