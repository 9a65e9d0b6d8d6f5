"""A lead that is erased is nowhere afterwards; a replay ends in the same states and says nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from os import environ
from pathlib import Path

import pytest
from rocksdict import Rdict

from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.domain import events as e
from scorer.settings import Settings, environment
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.clients import sending
from scorer.transport.exits import ExitCode
from scorer.transport.topics import wanted
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, committed, states

SCORES, TIERS = "leads.scores.v1", "leads.tiers.v1"
GONE, STAYS = "lead-to-forget", "lead-to-keep"
DAY_US = 86_400_000_000
START_US = time.time_ns() // 1_000 - 2 * DAY_US  # so that there are crossings by time to come


@pytest.fixture
async def settings(embedded_broker: EmbeddedBroker, on: OnBroker) -> Settings:
    made = on(embedded_broker.bootstrap_servers)
    await admin.apply(made)
    return made


def life(lead: str) -> list[Message]:
    """Created and very interested: a score, two crossings, and a crossing by time to come."""
    bodies: list[e.Body] = [
        e.Created("web", {"title": "CEO"}),
        e.Behaviour("demo_requested"),
        e.Behaviour("quote_requested"),
    ]
    return [message(lead, START_US + n * 60_000_000, body) for n, body in enumerate(bodies)]


def message(lead: str, time_us: int, body: e.Body) -> Message:
    return compose(e.LeadEvent(lead, time_us, "/test", f"{lead}-{time_us}", body))


async def publish(settings: Settings, messages: Sequence[Message]) -> None:
    async with sending(settings) as send:
        await send(messages)


async def last_of(settings: Settings, topic: str) -> dict[bytes, bytes | None]:
    """The last value of each key: what compaction leaves."""
    return {record.key: record.value for record in await committed(settings, topic)}


async def until(settings: Settings, topic: str, lead: str, *, there: bool) -> None:
    """Wait until the last record of a lead is (not) a null."""
    async with asyncio.timeout(60):
        while True:
            last = (await last_of(settings, topic)).get(lead.encode(), ...)
            if last is not ... and (last is not None) == there:
                return
            await asyncio.sleep(0.1)


def scoring_worker(settings: Settings, log: Path) -> Worker:
    return Worker(settings, ["topologies.worker", "scoring"], log)


async def test_an_erased_lead_is_in_no_topic_of_ours_and_in_no_file(
    settings: Settings, tmp_path: Path
) -> None:
    with scoring_worker(settings, tmp_path / "log") as worker:
        await publish(settings, [*life(GONE), *life(STAYS)])
        for lead in (GONE, STAYS):
            await until(settings, TIERS, lead, there=True)
        await publish(settings, [message(GONE, START_US + DAY_US, e.Erased())])
        await until(settings, SCORES, GONE, there=False)
        assert worker.stop() == ExitCode.OK, worker.log
    ours = [t.name for t in wanted(settings) if not _is_input(t.name)]
    for topic in ours:
        name = topic.removeprefix(settings.topics.prefix)
        left = [key for key, value in (await last_of(settings, name)).items() if value is not None]
        assert GONE.encode() not in left, topic
    assert set(await states(settings, "scoring")) == {STAYS.encode()}
    keys = [key for path in _stores(settings) for key in _keys(path)]
    assert [key for key in keys if GONE.encode() in key] == []
    assert [key[:1] for key in keys if STAYS.encode() in key] == [b"d", b"s"]


def _is_input(name: str) -> bool:
    return name.endswith(
        ("created.v1", "attributes.v1", "behaviours.v1", "followups.v1", "outcomes.v1")
    )


def _stores(settings: Settings) -> list[Path]:
    return sorted({current.parent for current in settings.data_dir.rglob("CURRENT")})


def _keys(path: Path) -> list[bytes]:
    """States, due-index and marks alike."""
    store = Rdict(str(path))
    try:
        return sorted(key for key in store.keys() if isinstance(key, bytes))  # noqa: SIM118  (not a dict)
    finally:
        store.close()


async def test_a_replay_ends_in_the_same_states_and_publishes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    leads = [f"lead-{number}" for number in range(20)]
    with scoring_worker(settings, tmp_path / "log") as worker:
        await publish(settings, [one for lead in leads for one in life(lead)])
        for lead in leads:
            await until(settings, TIERS, lead, there=True)
        assert worker.stop() == ExitCode.OK, worker.log
    before = [await committed(settings, topic) for topic in (SCORES, TIERS)]
    done = await asyncio.to_thread(_replay, settings)
    assert done.returncode == 0, done.stderr
    assert "scoring: 60 records folded into 'again'" in done.stdout
    again = settings.model_copy(update={"app": "again"})
    assert await states(again, "scoring") == await states(settings, "scoring")
    after = [await committed(settings, topic) for topic in (SCORES, TIERS)]
    assert [len(records) for records in after] == [len(records) for records in before]


def _replay(settings: Settings) -> subprocess.CompletedProcess[str]:
    code = "from scorer.cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "replay", "--app", "again"],
        env={**environ, **environment(settings)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_replay_into_the_running_application_is_refused(settings: Settings) -> None:
    code = "from scorer.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "replay", "--app", settings.app],
        env={**environ, **environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--app again" in done.stderr
