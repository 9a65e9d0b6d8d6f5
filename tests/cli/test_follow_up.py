"""The commands about follow-up: deadlines, explain, report, publish staff and lock."""

from __future__ import annotations

import json

import pytest

from scorer.cli.exits import Exit
from tests.cli.memory_broker import Desk


@pytest.fixture
def floor(desk: Desk) -> Desk:
    """It is 12:30 on 18 November. Ann's lead is due, Bob's was touched, one nobody has."""
    for lead in ("ann-1", "bob-1", "free-1"):
        desk.run("publish", "created", lead, "--channel", "fair", "--at", "2026-11-17T09:00:00Z")
    desk.run(
        "publish", "owner", "ann-1", "claimed", "--owner", "ann", "--at", "2026-11-17T10:00:00Z"
    )
    desk.run(
        "publish", "owner", "bob-1", "claimed", "--owner", "bob", "--at", "2026-11-17T10:00:00Z"
    )
    desk.run("publish", "touched", "bob-1", "meeting", "--at", "2026-11-17T11:00:00Z")
    return desk


def test_deadlines_come_with_the_next_first(floor: Desk) -> None:
    rows = [json.loads(line) for line in floor.run("deadlines", "--json").out.splitlines()]

    dues = [row["due_at"] for row in rows]
    assert dues == sorted(dues)
    assert {row["lead_id"] for row in rows} == {"ann-1", "bob-1", "free-1"}


def test_deadlines_can_be_narrowed_to_an_owner_a_clock_and_a_tier(floor: Desk) -> None:
    words = ("--owner", "ann", "--clock", "first_response", "--tier", "cold", "--json")
    [row] = [json.loads(line) for line in floor.run("deadlines", *words).out.splitlines()]

    assert (row["lead_id"], row["due_at"]) == ("ann-1", "2026-11-24T10:00:00+00:00")
    assert "no touch by the owner yet" in floor.run("deadlines", "--owner", "ann").out
    assert floor.run("deadlines", "--clock", "alarm").code == Exit.USAGE


def test_without_any_deadline_a_remark_says_what_to_do(desk: Desk) -> None:
    assert "follow_up" in desk.run("deadlines").err


def test_explain_says_whose_a_lead_is_and_what_is_due_and_why(floor: Desk) -> None:
    told = json.loads(floor.run("explain", "bob-1", "--json").out)["follow_up"]

    assert (told["owner"], told["touches"]) == ("bob", 1)
    assert told["clocks"][0]["clock"] == "next_follow_up"
    text = floor.run("explain", "bob-1").out
    assert "with bob since" in text
    assert "since the last touch" in text
    assert "in the pool" in floor.run("explain", "free-1").out


def test_explain_of_a_later_instant_says_what_will_be(floor: Desk) -> None:
    assert "in the pool public" in floor.run("explain", "ann-1", "--at", "+30d").out


def test_a_report_counts_what_was_met_and_breached(floor: Desk) -> None:
    floor.broker.now_us += 10 * 86_400 * 1_000_000
    rows = {
        row["group"]: row
        for row in map(json.loads, floor.run("report", "followups", "--json").out.splitlines())
    }

    assert (rows["ann"]["met"], rows["ann"]["breached"]) == (0, 1)
    assert (rows["bob"]["met"], rows["bob"]["first_response_p50_seconds"]) == (1, 3600.0)
    by_source = floor.run("report", "followups", "--by", "source", "--json").out
    assert json.loads(by_source.splitlines()[0])["group"] == "fair"
    assert "attained" in floor.run("report", "followups", "--by", "tier").out


def test_f23_a_report_counts_a_corrected_first_response_once(floor: Desk) -> None:
    """The earliest touch wins even when it arrives last."""
    floor.run("publish", "touched", "bob-1", "call_answered", "--at", "2026-11-17T10:10:00Z")
    rows = map(
        json.loads, floor.run("report", "followups", "--by", "clock", "--json").out.splitlines()
    )
    [first] = [row for row in rows if row["group"] == "first_response"]

    assert (first["met"], first["first_response_p50_seconds"]) == (1, 600.0)


def test_one_event_moves_all_leads_of_an_owner(floor: Desk) -> None:
    floor.run("publish", "staff", "ann", "left", "--to", "bob")

    assert json.loads(floor.run("explain", "ann-1", "--json").out)["follow_up"]["owner"] == "bob"


def test_a_locked_lead_is_exempt(floor: Desk) -> None:
    floor.run("publish", "lock", "ann-1", "locked", "--reason", "key account")

    assert "exempt    locked" in floor.run("explain", "ann-1").out


def test_a_follow_up_can_be_retracted(floor: Desk) -> None:
    floor.run("publish", "touched", "ann-1", "meeting", "--id", "t-1")
    floor.run("publish", "retract", "ann-1", "t-1", "--follow-up")

    assert json.loads(floor.run("explain", "ann-1", "--json").out)["follow_up"]["touches"] == 0
