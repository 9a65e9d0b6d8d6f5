"""`status`, `dlq redrive` and what `doctor` says about rights and lag."""

from __future__ import annotations

import json

import orjson
import pytest
from typer.testing import CliRunner

from scorer.cli.checkup import checkup
from scorer.cli.kafka import KafkaBroker
from scorer.cli.main import app
from scorer.cli.redriving import Wanted, chosen
from scorer.contracts.dead_letters import DeadLetter, dead_letter
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import Message
from scorer.engine.memory import MemoryRecord
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from tests.cli.memory_broker import NOW_US, Desk
from tests.cli.test_on_a_broker import event
from tests.fixtures.kafka import OnBroker

BAD = Message("leads.behaviours.v1", b"lead-1", b"{no json", (("trace", b"x"),))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.broker.driver.feed([MemoryRecord(BAD.topic, BAD.key, BAD.value, 1_000, BAD.headers)])
    return desk


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(desk: Desk) -> None:
    said = desk.run("dlq", "redrive", "--dry-run")
    assert "1 of 1 dead letters would be sent again" in said.out
    assert "1 to leads.behaviours.v1" in said.out
    assert desk.broker.sent == []


def test_a_redriven_record_has_the_bytes_and_headers_of_the_original(desk: Desk) -> None:
    assert desk.run("dlq", "redrive", "--reason", "invalid_json").code == 0
    assert desk.broker.sent == [BAD]


def test_what_is_rejected_again_is_not_sent_twice_by_the_next_redrive(desk: Desk) -> None:
    desk.run("dlq", "redrive")
    said = json.loads(desk.run("dlq", "redrive", "--dry-run", "--json").out)
    assert said == {"sent": False, "topics": {BAD.topic: 1}, "doubled": 1, "omitted": 0}


@pytest.mark.parametrize(
    "filters",
    [
        ("--reason", "tombstone"),
        ("--topic", "leads.created.v1"),
        ("--since", "1970-01-01T00:00:02Z"),
    ],
)
def test_filters_leave_out_what_does_not_match(desk: Desk, filters: tuple[str, str]) -> None:
    assert "0 of 1 dead letters sent again" in desk.run("dlq", "redrive", *filters).out


def test_a_time_that_is_none_is_explained(desk: Desk) -> None:
    said = desk.run("dlq", "redrive", "--since", "yesterday")
    assert said.code == 2
    assert "2026-11-22T09:30:00Z" in said.err


def test_a_letter_that_lost_its_value_is_never_sent() -> None:
    letter = DeadLetter(
        "value_too_large", "", "leads.created.v1", 0, 1, 0, "a", "0", ("value",), b"k", None, ()
    )
    picked = chosen([letter], Wanted(None, None, None), "")
    assert (picked.messages, picked.omitted) == ([], 1)


def test_letters_about_a_lead_are_erased_and_others_are_not(desk: Desk) -> None:
    other = Message(BAD.topic, b"lead-2", b'{"no": json')
    now_ms = NOW_US // 1_000
    desk.broker.driver.feed([MemoryRecord(other.topic, other.key, other.value, now_ms)])
    assert (
        "1 dead letters about 1 leads would be erased"
        in desk.run("dlq", "erase", "lead-1", "--dry-run").out
    )
    assert len(desk.broker.driver.dead_letters) == 2
    assert "1 dead letters about 1 leads erased" in desk.run("dlq", "erase", "lead-1").out
    (left,) = desk.broker.driver.dead_letters
    assert left.key == b"lead-2"


def test_letters_of_all_erased_leads_are_found_by_what_scores_say(desk: Desk) -> None:
    desk.run("publish", "created", "lead-1")
    desk.run("publish", "erase", "lead-1")
    said = json.loads(desk.run("dlq", "erase", "--erased", "--json").out)
    assert said == {"leads": 1, "letters": 1, "copied": 0, "erased": True}


def test_to_erase_letters_of_nobody_is_a_mistake(desk: Desk) -> None:
    assert desk.run("dlq", "erase").code == 2


@pytest.fixture
async def settings(
    embedded_broker: EmbeddedBroker, on: OnBroker, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    made = on(embedded_broker.bootstrap_servers)
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", embedded_broker.bootstrap_servers)
    monkeypatch.setenv("LEADSCORER_TOPICS__PREFIX", made.topics.prefix)
    monkeypatch.setenv("LEADSCORER_DATA_DIR", str(made.data_dir))
    monkeypatch.setenv("LEADSCORER_WEB__ENABLED", "false")
    await admin.apply(made)
    return made


def unknown(lead: str) -> Message:
    message = event(lead)
    assert message.value is not None
    body = orjson.loads(message.value)
    body["data"]["behaviour"] = "danced"
    return message._replace(value=orjson.dumps(body))


async def test_status_tells_what_waits_what_is_unknown_and_what_was_rejected(
    settings: Settings,
) -> None:
    bad = MemoryRecord(settings.topic(BAD.topic), BAD.key, BAD.value, 1)
    why = Rejected(RejectReason.INVALID_JSON, "line 1")
    async with KafkaBroker(settings).sending() as send:
        await send([unknown("lead-1"), unknown("lead-2"), event("lead-3")])
        await send([dead_letter(bad, why, app="leadscorer", version="1")])
    said = json.loads((await _invoke("status", "--json")).stdout)
    assert said["unknown_behaviours"] == {"danced": 2}
    assert said["dead_letters"] == {"invalid_json": 1}
    assert [stage["lag_records"] for stage in said["stages"]] == [3, 0]  # the pool reads none of it
    text = (await _invoke("status")).stdout
    assert "3 records" in text
    assert "danced 2" in text
    assert "0 workers" in text


async def test_doctor_says_when_records_wait_and_nobody_reads(settings: Settings) -> None:
    async with KafkaBroker(settings).sending() as send:
        await send([event("lead-1")])
    checks = {check.name: check for check in await checkup()}
    assert checks["rights"].status == "ok"
    assert checks["lag"].status == "warning"
    assert checks["lag"].remedy == "lead-scorer run"


async def _invoke(*words: str):  # type: ignore[no-untyped-def]  # click's result is private
    """In a thread, because a command has a loop of its own."""
    import asyncio

    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    assert result.exit_code == 0, result.output
    return result
