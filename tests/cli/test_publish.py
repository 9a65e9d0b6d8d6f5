"""Publishing: one event from flags, many from a file, each checked before it is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scorer.cli.exits import Exit
from tests.cli.memory_broker import Desk


def event(lead: str, **changes: object) -> str:
    document = {
        "specversion": "1.0",
        "type": "leadscorer.lead.behaviour.v1",
        "source": "/web",
        "id": f"id-{lead}",
        "time": "2026-11-18T12:00:00Z",
        "data": {"lead_id": lead, "behaviour": "demo_requested"},
    }
    return json.dumps(document | changes)


def test_an_event_from_flags_is_scored(desk: Desk) -> None:
    assert desk.run("publish", "created", "lead-1", "industry=software").code == Exit.OK
    said = desk.run("publish", "behaviour", "lead-1", "demo_requested", "--object", "page 1")
    assert said.code == Exit.OK
    assert "leads.behaviours.v1" in said.out
    assert json.loads(desk.run("explain", "lead-1", "--json").out)["score"] == 26.0


def test_values_are_typed_as_they_are_written(desk: Desk) -> None:
    said = desk.run("publish", "attributes", "l", "a=5", "b=true", "c=x=y", 'd="5"', "--dry-run")
    assert json.loads(said.out)["data"]["set"] == {"a": 5, "b": True, "c": "x=y", "d": "5"}


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        (("owner", "l", "claimed", "--owner", "ann"), "lead.claimed.v1"),
        (("touched", "l", "meeting", "--by", "ann"), "lead.touched.v1"),
        (("hold", "l", "paused"), "lead.paused.v1"),
        (("outcome", "l", "won", "--value", "12"), "lead.won.v1"),
        (("adjust", "l", "--author", "a", "--reason", "r", "--", "-5"), "lead.adjusted.v1"),
        (("retract", "l", "id-1", "--of", "/web"), "event.retracted.v1"),
        (("erase", "l"), "lead.erased.v1"),
    ],
)
def test_every_kind_of_event_can_be_published(
    desk: Desk, words: tuple[str, ...], type_: str
) -> None:
    at = words.index("--") if "--" in words else len(words)
    said = desk.run("publish", *words[:at], "--dry-run", *words[at:])
    assert said.code == Exit.OK, said.err
    assert json.loads(said.out)["type"] == f"leadscorer.{type_}"


def test_an_event_that_the_scorer_would_refuse_is_not_sent(desk: Desk) -> None:
    said = desk.run("publish", "behaviour", "l", "x", "--at", "2027-01-01T00:00:00Z")
    assert said.code == Exit.USAGE
    assert "time_in_future" in said.err
    assert desk.broker.sent == []


def test_a_word_that_is_not_known_comes_with_the_nearest_one(desk: Desk) -> None:
    said = desk.run("publish", "outcome", "l", "wonn")
    assert said.code == Exit.USAGE
    assert "did you mean `won`?" in said.err


def test_bad_lines_of_a_file_are_listed_and_good_ones_sent(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(f"{event('a')}\nnot json\n\n{event('b', time='yesterday')}\n{event('c')}\n")
    said = desk.run("publish", "events", str(file))
    assert said.code == Exit.BAD_ROWS
    assert [message.key for message in desk.broker.sent] == [b"a", b"c"]
    assert "line 2" in said.err
    assert "line 4" in said.err


def test_events_can_come_from_stdin(desk: Desk) -> None:
    assert desk.run("publish", "events", "-", stdin=event("a") + "\n").code == Exit.OK
    assert len(desk.broker.sent) == 1
