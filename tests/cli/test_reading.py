"""The commands that read: list, explain, tail, dlq, and what they say when there is nothing."""

from __future__ import annotations

import json

import pytest

from scorer.cli.exits import Exit
from scorer.contracts.records import Message
from tests.cli.memory_broker import Desk


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Three leads: a hot one, a cold one, a disqualified one."""
    fit = ("industry=software", "employees=200", "region=east", "title=CEO")
    more = ("decision_power=decides", "influence=high", "interest=high", "buying_department=sales")
    desk.run("publish", "created", "hot-1", *fit, *more, "--at", "2026-11-17T09:00:00Z")
    for name in ("quote_requested", "demo_requested", "demo_requested"):
        desk.run("publish", "behaviour", "hot-1", name, "--at", "2026-11-18T12:00:00Z")
    desk.run("publish", "created", "cold-1", "--at", "2026-11-18T09:00:00Z")
    desk.run("publish", "created", "out-1", "title=student", "--at", "2026-11-18T09:00:00Z")
    return desk


def test_leads_are_listed_by_score_and_the_disqualified_last(busy: Desk) -> None:
    rows = [json.loads(line) for line in busy.run("list", "--json").out.splitlines()]
    assert [row["lead_id"] for row in rows] == ["hot-1", "cold-1", "out-1"]
    assert [row["tier"] for row in rows] == ["hot", "cold", "disqualified"]


def test_the_list_can_be_narrowed(busy: Desk) -> None:
    assert "hot-1" in busy.run("list", "--tier", "hot").out
    assert "cold-1" not in busy.run("list", "--tier", "hot").out
    assert len(busy.run("list", "--limit", "1", "--json").out.splitlines()) == 1


def test_an_unknown_tier_is_refused_with_the_known_ones(busy: Desk) -> None:
    said = busy.run("list", "--tier", "lukewarm")
    assert said.code == Exit.USAGE
    assert "warm" in said.err


def test_the_lines_of_an_explanation_add_up_exactly(busy: Desk) -> None:
    told = json.loads(busy.run("explain", "hot-1", "--json").out)
    assert sum(round(line["points"] * 100) for line in told["lines"]) == round(told["score"] * 100)
    assert told["adds_up"] is True
    assert told["tier"] == "hot"


def test_an_explanation_names_what_a_limit_suppressed(busy: Desk) -> None:
    told = json.loads(busy.run("explain", "hot-1", "--json").out)
    assert [each["what"] for each in told["suppressed"]] == ["demo_requested"]
    assert "asked_for_demo" in told["suppressed"][0]["why"]


def test_what_is_stored_can_be_read_with_everything_in_it(busy: Desk) -> None:
    """States are binary; whoever has to look into one at 3 a.m. needs no tool but this."""
    told = json.loads(busy.run("explain", "hot-1", "--stored").out)
    head = told["scoring"]["head"]
    assert head["attributes"]["title"][0] == "CEO"
    assert head["accounts"]["asked_for_demo"]["suppressed"] == 1
    assert head["accounts"]["asked_for_demo"]["limits"] == [[1_795_003_200_000_000]]
    did = [entry[4] for entry in told["scoring"]["history"] if entry[3] == "b"]
    assert sorted(did) == ["demo_requested", "demo_requested", "quote_requested"]
    assert told["scoring"]["published"] > 70.0
    assert told["pool"]["head"]["created_us"] == head["created_us"]


def test_an_explanation_is_of_now_not_of_the_last_event(busy: Desk) -> None:
    before = json.loads(busy.run("explain", "hot-1", "--json").out)["score"]
    busy.broker.now_us += 60 * 86_400 * 1_000_000
    after = json.loads(busy.run("explain", "hot-1", "--json").out)
    assert after["score"] < before
    assert after["tier"] != "hot"


def test_an_explanation_for_people_shows_every_line_and_the_sum(busy: Desk) -> None:
    said = busy.run("explain", "hot-1").out
    told = json.loads(busy.run("explain", "hot-1", "--json").out)
    for line in told["lines"]:
        assert line["name"] in said
    assert "= score" in said
    assert "\x1b[" not in said  # no colour off a terminal


def test_evidence_before_creation_is_shown_as_held(desk: Desk) -> None:
    desk.run("publish", "behaviour", "early", "demo_requested")
    said = desk.run("explain", "early").out
    assert "not created yet" in said
    assert "demo_requested" in said


def test_a_lead_that_nobody_knows_is_not_found(desk: Desk) -> None:
    said = desk.run("explain", "nobody")
    assert said.code == Exit.NOT_FOUND
    assert "→" in said.err


def test_crossings_are_told_in_one_line_each(busy: Desk) -> None:
    said = busy.run("tail", "tiers", "--from-beginning", "--no-follow", "--lead", "hot-1").out
    assert "cold → warm" in said
    assert "warm → hot" in said
    assert all("hot-1" in line for line in said.splitlines())


def test_scores_can_be_followed_as_json(busy: Desk) -> None:
    out = busy.run("tail", "scores", "--from-beginning", "--no-follow", "--json").out
    events = [json.loads(line) for line in out.splitlines()]
    assert {each["type"] for each in events} == {"leadscorer.score.changed.v1"}


def test_crossings_can_be_narrowed_to_a_tier(busy: Desk) -> None:
    out = busy.run("tail", "tiers", "--from-beginning", "--no-follow", "--tier", "hot").out
    assert len(out.splitlines()) == 1


def test_dead_letters_are_listed_and_shown_as_received(desk: Desk) -> None:
    bad = Message("leads.behaviours.v1", b"lead-1", b"{broken")
    desk.broker.driver.feed([desk.broker._record(bad, 7)])
    letter = json.loads(desk.run("dlq", "list", "--json").out)
    assert letter["reason"] == "invalid_json"
    shown = desk.run("dlq", "show", letter["place"]).out
    assert "invalid_json" in shown
    assert "{broken" in shown
    assert "leads.behaviours.v1/0@7" in shown
    assert "{broken" not in desk.run("dlq", "list").out  # payloads only when asked for


def test_a_dead_letter_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.run("dlq", "show", "3@99").code == Exit.NOT_FOUND


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    said = desk.run("list")
    assert said.code == Exit.OK
    assert "lead-scorer run" in said.err
