"""The language of stories: moments, steps, and what is said about mistakes in them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic_core import PydanticCustomError

from scorer.contracts.instants import to_us
from scorer.contracts.model.problems import ModelError
from scorer.domain.events import (
    Adjustment,
    Behaviour,
    Created,
    Hold,
    Lock,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Retraction,
    Touch,
)
from scorer.simulate.errors import StoryError
from scorer.simulate.moments import Calendar, after_us, moment_us
from scorer.simulate.play import Refused, play
from scorer.simulate.story_file import parse_story
from scorer.simulate.telling import Told

HOUR_US = 3_600_000_000
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def told(steps: str, *, more: str = "") -> Told:
    return parse_story(f"name: test\n{more}story:\n{steps}")


def problems(text: str) -> list[str]:
    with pytest.raises(StoryError) as caught:
        parse_story(text)
    return [f"{p.line}:{p.column} {p.message} → {p.remedy}" for p in caught.value.problems]


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("day 1", "2026-03-02T09:00"),
        ("day 3", "2026-03-04T09:00"),
        ("day 3 14:00", "2026-03-04T14:00"),
        ("day 3 7:05:30.25", "2026-03-04T07:05:30.250000"),
        ("day 400", "2027-04-05T09:00"),
        ("+2h", "2026-03-05T02:00"),
        ("+1d 2h 30m", "2026-03-06T02:30"),
        ("2026-12-31", "2026-12-31T00:00"),
        ("2026-12-31 23:59", "2026-12-31T23:59"),
        ("2026-12-31T23:59Z", "2026-12-31T23:59"),
        ("2026-12-31 23:59+08:00", "2026-12-31T15:59"),
    ],
)
def test_a_moment_is_a_day_of_the_story_a_distance_or_a_date(words: str, instant: str) -> None:
    calendar = Calendar(at("2026-03-02T09:00"), ZoneInfo("UTC"))

    assert calendar.instant(words, at("2026-03-05T00:00")) == at(instant)


def test_a_day_keeps_its_time_of_day_when_clocks_change_and_a_distance_does_not() -> None:
    calendar = Calendar(moment_us("2026-03-07 09:00", NEW_YORK), NEW_YORK)

    assert calendar.instant("day 2", 0) - calendar.start_us == 23 * HOUR_US
    assert calendar.instant("+24h", calendar.start_us) - calendar.start_us == 24 * HOUR_US
    assert calendar.words(calendar.instant("day 2", 0)) == "day 2 09:00"


def test_distances_add_up() -> None:
    assert after_us("+1d 2h 30m 5s") == (26 * 3600 + 1805) * 1_000_000


@pytest.mark.parametrize(
    "words", ["", "tomorrow", "day", "day 3 25:00", "2026-02-30", "+2", "14:00"]
)
def test_what_is_no_moment_is_refused_with_an_example(words: str) -> None:
    assert "write such as `day 3 14:00`" in problems(
        f"name: x\nstory:\n  - {{at: '{words}', does: page_viewed}}\n"
    )[0]  # fmt: skip
    with pytest.raises((PydanticCustomError, ValueError)):
        moment_us(words)


def test_steps_become_events_in_the_order_of_arrival() -> None:
    story = told(
        """
  - created: website
  - {at: day 2, does: demo_requested, id: demo, arrives: day 5}
  - {at: day 3, does: page_viewed, about: "page {n}", times: 3 within 2h}
  - {at: day 4, paused: partner}
  - {at: day 6, retracts: demo, because: test}
  - {at: day 7, adjusts: -5, by: kim, because: price, until: day 9}
"""
    )
    day = 24 * HOUR_US
    start = story.calendar.start_us
    bodies = [(p.event.body, p.event.time_us - start) for p in story.publications]
    assert bodies[1:] == [
        (Behaviour("page_viewed", "page 1"), 2 * day),
        (Behaviour("page_viewed", "page 2"), 2 * day + HOUR_US),
        (Behaviour("page_viewed", "page 3"), 2 * day + 2 * HOUR_US),
        (Hold(True, "partner"), 3 * day),
        (Behaviour("demo_requested", None), day),
        (Retraction("/simulate", "demo", "test"), 5 * day),
        (Adjustment(-5.0, "kim", "price", start + 8 * day), 6 * day),
    ]


def test_steps_about_ownership_become_the_events_that_a_crm_publishes() -> None:
    story = told(
        """
  - {created: website, owner: ann}
  - {assigned: bob, by: kim, pool: east}
  - {touched: visit, by: bob, automatic: true, id: visit}
  - {retracts: visit}
  - {locked: fair, by: kim}
  - {unlocked: over}
  - {released: west, by: bob}
  - {claimed: eve}
  - {transferred: dan}
  - {owner left: dan, to: eve}
  - {owner returned: dan}
"""
    )
    assert [(p.event.lead_id, p.event.body) for p in story.publications] == [
        ("lead-1", Created("website", {}, "ann")),
        ("lead-1", Ownership(OwnershipChange.ASSIGNED, "bob", pool="east", by="kim")),
        ("lead-1", Touch("visit", "bob", automatic=True)),
        ("lead-1", Retraction("/simulate", "visit", None, follow_up=True)),
        ("lead-1", Lock(True, "fair", "kim")),
        ("lead-1", Lock(False, "over")),
        ("lead-1", Ownership(OwnershipChange.RELEASED, pool="west", by="bob")),
        ("lead-1", Ownership(OwnershipChange.CLAIMED, "eve")),
        ("lead-1", Ownership(OwnershipChange.TRANSFERRED, "dan")),
        ("dan", OwnerLeft("eve")),
        ("dan", OwnerReturned()),
    ]
    assert story.followed


def test_every_mistake_is_told_with_its_line_and_what_to_do() -> None:
    found = problems(
        """name: wrong
timezone: Mars/Olympus
story:
  - {created: website, colour: red}
  - {does: page_viewed, times: many}
  - {outcome: married}
expect:
  crossings: {day 1: cold for warm}
  pool: {day 1: sent back}
"""
    )
    assert [line.partition(":")[0] for line in found] == ["2", "4", "5", "6", "8", "9"]
    assert all("→" in line for line in found)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("- {at: day 2, does: page_viewed, arrives: day 1}", "it arrives before it happens"),
        ("- {retracts: nothing}", "there is no step `nothing` before"),
        ("- {again: nothing}", "there is no step `nothing` before"),
        ("- {at: day 2}", "nothing happens in this step"),
        ("- {owner left: ann, id: gone}\n- {retracts: gone}", "cannot be retracted"),
        ("- {id: a, does: page_viewed}\n- {id: a, does: page_viewed}", "there is another step `a`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told(steps: str, said: str) -> None:
    assert said in problems(f"name: x\nstory:\n{steps}\n")[0]


def test_a_mistake_in_a_model_inside_a_story_has_the_line_of_the_story() -> None:
    text = "name: x\nmodel:\n  name: m\n  version: '1'\n  dimensions: {}\n  rules: []\nstory:\n  - created: web\n"
    with pytest.raises(ModelError) as caught:
        parse_story(text)

    assert [problem.line for problem in caught.value.problems] == [5]


def test_what_the_worker_would_refuse_is_refused_with_the_step() -> None:
    story = told("  - created: website\n  - {at: 1999-12-31 23:00, does: page_viewed}\n")

    with pytest.raises(Refused, match=r"step 2 of the story .* not within 2000 to 2099"):
        play(story)
