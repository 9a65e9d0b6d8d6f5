"""simulate, explain and model plot as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scorer.cli.exits import Exit
from scorer.contracts.model.source import shipped_text
from scorer.contracts.published import read_output
from scorer.contracts.published_pool import (
    MetEvent,
    ReturnedEvent,
    VoidedEvent,
    read_pool_output,
)
from scorer.simulate.story_file import scenarios
from tests.cli.memory_broker import Desk

STORY = """name: A short one
model: default
story:
  - {created: website, attributes: {industry: software}}
  - {at: day 2, does: demo_requested}
  - advance to: day 30
expect:
  at: {day 2: {score: SCORE, tier: cold}}
"""


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace("SCORE", "26"), "utf-8")
    return path


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A lead of yesterday, with a demo and a quote."""
    desk.run(
        "publish", "created", "ann", "industry=software", "seats=50", "--at", "2026-11-17T09:00:00Z"
    )
    desk.run("publish", "behaviour", "ann", "demo_requested", "--at", "2026-11-17T12:00:00Z")
    desk.run("publish", "behaviour", "ann", "quote_requested", "--at", "2026-11-18T12:00:00Z")
    return desk


def test_a_story_is_told_with_chart_table_events_and_verdict(desk: Desk, story: Path) -> None:
    said = desk.run("simulate", str(story))

    assert said.code == Exit.OK
    for word in ("A short one", "day 2 09:00", "demo_requested", "26.00", "as expected: 3 of 3"):
        assert word in said.out
    assert "\x1b[" not in said.out


def test_a_story_as_json_has_the_events_that_subscribers_read(desk: Desk, story: Path) -> None:
    told = json.loads(desk.run("simulate", str(story), "--json").out)

    assert [row["account"]["score"] for row in told["rows"]][:2] == [12.0, 26.0]
    assert all(read_output(json.dumps(event).encode()) for event in told["events"])
    assert all(expectation["holds"] for expectation in told["expectations"])


def test_a_story_about_owners_shows_who_has_the_lead_what_is_due_and_what_the_pool_says(
    desk: Desk,
) -> None:
    said = desk.run("simulate", "a-late-touch-undoes-the-return")
    told = json.loads(desk.run("simulate", "a-late-touch-undoes-the-return", "--json").out)

    for word in ("(public)", "first_response day 4 09:00", "return_voided", "no touch by ann"):
        assert word in said.out
    kinds = [read_pool_output(json.dumps(each["event"]).encode()) for each in told["pool"]]
    assert [type(each) for each in kinds] == [ReturnedEvent, VoidedEvent, MetEvent, ReturnedEvent]
    assert told["pool"][1]["time"] == "2026-03-05T20:00:00+00:00"
    owners = [row["follow_up"]["owner"] for row in told["rows"]]
    assert owners == [None, "ann", None, "ann", "ann", None, None]


def test_a_check_exits_by_the_expectations(desk: Desk, story: Path) -> None:
    assert desk.run("simulate", "--check", str(story), "raised-hand").code == Exit.OK
    story.write_text(STORY.replace("SCORE", "27"), "utf-8")

    said = desk.run("simulate", "--check", str(story), "raised-hand")

    assert said.code == Exit.PROBLEMS
    assert "FAILS A short one: 2 of 3" in said.out
    assert "27.00" in said.out
    assert "ok    A raised hand" in said.out


def test_a_check_of_a_story_that_expects_nothing_fails(desk: Desk, story: Path) -> None:
    story.write_text(STORY.partition("expect:")[0], "utf-8")

    said = desk.run("simulate", "--check", str(story))

    assert said.code == Exit.PROBLEMS
    assert "add `expect:`" in said.out


def test_another_model_can_take_the_place_of_the_storys(desk: Desk, story: Path) -> None:
    told = json.loads(desk.run("simulate", str(story), "--model", "education", "--json").out)

    assert told["rows"][-1]["account"]["model"]["name"] == "education"


def test_a_story_is_drawn_to_a_file(desk: Desk, story: Path, tmp_path: Path) -> None:
    desk.run("simulate", str(story), "--svg", str(tmp_path / "story.svg"))

    assert ET.parse(tmp_path / "story.svg").getroot().tag.endswith("svg")


def test_the_shipped_stories_are_listed(desk: Desk) -> None:
    listed = json.loads(desk.run("simulate", "--list", "--json").out)

    assert [each["name"] for each in listed] == list(scenarios())
    assert "raised-hand" in desk.run("simulate").out


def test_reasons_are_told_in_chinese(desk: Desk) -> None:
    assert (
        "申请演示" in desk.run("simulate", "a-good-lead-in-the-default-model", "--lang", "zh").out
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("story: [", "this is not YAML"), (STORY.replace("does:", "do:"), "did you mean `does`?"), (None, "cannot be read")],
)  # fmt: skip
def test_a_story_that_cannot_be_played_says_what_to_do(
    desk: Desk, story: Path, text: str | None, said: str
) -> None:
    if text is None:
        story.unlink()
    else:
        story.write_text(text, "utf-8")

    told = desk.run("simulate", str(story))

    assert told.code == Exit.CONFIG
    assert said in told.err
    assert "→" in told.err


def test_a_step_that_the_worker_would_refuse_is_named(desk: Desk, story: Path) -> None:
    story.write_text("name: x\nstory:\n  - created: web\n  - {at: 1999-01-01, does: page_viewed}\n")

    told = desk.run("simulate", str(story))

    assert told.code == Exit.CONFIG
    assert "step 2" in told.err


def test_an_explanation_of_an_earlier_instant_is_what_was_published_then(busy: Desk) -> None:
    published = [json.loads(message.value or b"") for message in busy.broker.driver.outputs]
    scores = [event for event in published if event["type"] == "leadscorer.score.changed.v1"]
    assert len(scores) == 3

    for event in scores:
        then = json.loads(busy.run("explain", "ann", "--at", event["time"], "--json").out)
        assert then["score"] == event["data"]["score"]
        assert [line["name"] for line in then["lines"]] == [
            line["name"] for line in event["data"]["lines"]
        ]


def test_an_instant_may_be_a_distance_from_now(busy: Desk) -> None:
    day_ago = json.loads(busy.run("explain", "ann", "--at", "-1d", "--json").out)
    ahead = json.loads(busy.run("explain", "ann", "--at", "+60d", "--json").out)

    assert day_ago["at"].startswith("2026-11-17T12:30:00")
    assert ahead["score"] == 12.0


def test_an_instant_before_the_lead_is_told_plainly(busy: Desk) -> None:
    assert "was not known yet" in busy.run("explain", "ann", "--at", "2026-01-01").out


def test_what_is_no_instant_is_refused(busy: Desk) -> None:
    said = busy.run("explain", "ann", "--at", "yesterday")

    assert said.code == Exit.USAGE
    assert "-3d" in said.err


def test_an_instant_that_is_no_longer_held_says_so_and_a_replay_still_answers(desk: Desk) -> None:
    desk.run("publish", "created", "old", "industry=software", "--at", "2026-01-01T09:00:00Z")
    desk.run("publish", "behaviour", "old", "page_viewed", "--at", "2026-01-05T09:00:00Z")
    desk.run("publish", "behaviour", "old", "page_viewed", "--at", "2026-11-10T09:00:00Z")
    for day in range(1, 31):
        when = f"2026-10-{day:02}T09:00:00Z"
        desk.run("publish", "behaviour", "old", "page_viewed", "--at", when)

    said = desk.run("explain", "old", "--at", "2026-01-02")
    replayed = json.loads(
        desk.run("explain", "old", "--at", "2026-01-02", "--replay", "--json").out
    )

    assert said.code == Exit.NOT_FOUND
    assert "--replay" in said.err
    assert replayed["score"] == 12.0


def test_another_model_is_compared_side_by_side(busy: Desk, tmp_path: Path) -> None:
    other = tmp_path / "dearer.yaml"
    other.write_text(shipped_text("default").replace("points: 16", "points: 20"), "utf-8")

    said = busy.run("explain", "ann", "--against", str(other))
    pair = json.loads(busy.run("explain", "ann", "--against", str(other), "--json").out)

    assert pair["difference"] == pytest.approx(3.99, abs=0.02)
    assert "asked_for_quote" in said.out
    assert "= score" in said.out


def test_a_comparison_says_what_the_state_does_not_hold_and_a_replay_finds_it(
    busy: Desk, tmp_path: Path
) -> None:
    other = tmp_path / "seats.yaml"
    other.write_text(
        'name: seats\nversion: "1"\ndimensions: {company: {min: 0, max: 40}}\nrules:\n'
        "  - {id: seats, dimension: company, when: {attribute: seats, operator: at_least, value: 10}, points: 40}\n"
    )
    said = busy.run("explain", "ann", "--against", str(other))
    replayed = json.loads(
        busy.run("explain", "ann", "--against", str(other), "--replay", "--json").out
    )

    assert "seats" in said.err
    assert "--replay" in said.err
    assert replayed["other"]["score"] == 40.0


def test_an_explanation_is_told_in_chinese(busy: Desk) -> None:
    assert "索要报价" in busy.run("explain", "ann", "--lang", "zh").out
    assert busy.run("explain", "ann", "--lang", "fr").code == Exit.USAGE


def test_a_model_is_plotted_for_people_programs_and_pages(desk: Desk, tmp_path: Path) -> None:
    said = desk.run("model", "plot", "education", "--svg", str(tmp_path / "model.svg"))
    told = json.loads(desk.run("model", "plot", "education", "--json").out)

    for word in ("best fit", "hot → warm", "expires in 60d", "Booked a trial lesson", "█"):
        assert word in said.out
    assert len(told["curves"]) == 3
    assert ET.parse(tmp_path / "model.svg").getroot().tag.endswith("svg")
