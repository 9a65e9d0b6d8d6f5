"""What `status` says of leads and of what comes next: asked of workers when they know, else read from topics."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scorer.cli.foretold import TOPICS, WORKERS, Foretold, Next, by_topics, by_workers
from scorer.cli.main import app
from scorer.cli.session import Session
from scorer.cli.status import _when
from scorer.cli.workers import Share, Worker, partitions
from scorer.contracts.compose import compose
from scorer.contracts.instants import to_datetime
from scorer.contracts.records import Message
from scorer.contracts.stored_tier import tier_of
from scorer.domain import events as e
from scorer.observe import catalogue as c
from scorer.observe.metrics import Metrics
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.brokers.ports import free_ports
from scorer.transport.clients import sending
from tests.cli.memory_broker import NOW_US, Desk
from tests.deploy.due_leads import crossings, deadlines, interested
from tests.fixtures import workers as processes
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import states

DAY = 86_400_000_000


def worker(stage: str, shares: dict[int, Share], *, ready: bool = True) -> Worker:
    return Worker("http://127.0.0.1:1", stage, ready, "0", "default", "0", None, shares)


def both(scoring: dict[int, Share], pool: dict[int, Share]) -> list[Worker]:
    return [worker("scoring", scoring), worker("pool", pool)]


def test_workers_that_have_all_partitions_are_believed() -> None:
    scoring = {0: Share({"hot": 2, "cold": 1}, NOW_US + 5, 3), 1: Share({"hot": 1}, None, 4)}
    pool = {0: Share({}, NOW_US, 0), 1: Share({}, NOW_US - 1, 1)}
    told = by_workers(both(scoring, pool), 2)
    assert told == Foretold(
        WORKERS,
        {"hot": 3, "warm": 0, "cold": 1, "disqualified": 0},
        Next(to_datetime(NOW_US + 5).isoformat(), waiting=7),
        Next(to_datetime(NOW_US - 1).isoformat(), waiting=1),
    )


def test_nothing_that_is_ever_due_is_no_instant() -> None:
    share = {0: Share({"cold": 1}, None, 0)}
    told = by_workers(both(share, share), 1)
    assert told is not None
    assert told.crossing == told.deadline == Next(None, waiting=0)


@pytest.mark.parametrize("missing", ["a partition", "a stage", "readiness"])
def test_workers_that_do_not_have_everything_are_not_believed(missing: str) -> None:
    """A partition without its count would look like leads that are gone."""
    share = Share({"cold": 1}, None, 0)
    all_ = {0: share, 1: share}
    known = both({0: share} if missing == "a partition" else all_, all_)
    if missing == "a stage":
        known.pop()
    if missing == "readiness":
        known[0] = worker("scoring", all_, ready=False)
    assert by_workers(known, 2) is None


def test_what_a_worker_shows_to_prometheus_is_what_it_has() -> None:
    metrics = Metrics("scoring")
    metrics.set(c.LEADS, 7, "hot", "3")
    metrics.set(c.LEADS, 2, "cold", "3")
    metrics.set(c.NEXT_DUE, NOW_US / 1e6, "3")
    metrics.set(c.DUE_BACKLOG, 5, "3")
    metrics.set(c.NEXT_DUE, float("inf"), "1")
    assert partitions(metrics.text().decode()) == {
        3: Share({"hot": 7, "cold": 2}, NOW_US, 5),
        1: Share({}, None, 0),
    }


def test_the_topics_name_who_is_next(desk: Desk) -> None:
    desk.run("publish", "created", "lead-1", "--at", "2026-11-17T09:00:00Z", "title=CEO")
    for what in ("demo_requested", "quote_requested"):
        desk.run("publish", "behaviour", "lead-1", what, "--at", "2026-11-17T10:00:00Z")
    desk.run("publish", "owner", "lead-1", "claimed", "--owner", "ann", "--at", "2026-11-17T11:00:00Z")  # fmt: skip
    session = Session(desk.settings, desk.broker, lambda: NOW_US)

    told = asyncio.run(by_topics(session))

    first = json.loads(desk.run("deadlines", "--json", "--limit", "1").out)
    said = json.loads(desk.run("explain", "lead-1", "--json").out)
    assert told.told_by == TOPICS
    assert sum(told.tiers.values()) == told.tiers[said["tier"]] == 1
    assert told.crossing.lead == told.deadline.lead == "lead-1"
    assert told.crossing.what == f"turns {said['next_tier']}"
    assert told.deadline.what == "with ann"
    assert told.deadline.at is not None
    assert told.deadline.at <= first["due_at"]  # a reminder comes before it


def test_where_nothing_is_due_the_topics_say_so(desk: Desk) -> None:
    told = asyncio.run(by_topics(Session(desk.settings, desk.broker, lambda: NOW_US)))
    assert (told.crossing, told.deadline) == (Next(None), Next(None))


@pytest.mark.parametrize(
    ("coming", "said"),
    [
        (Next(None), "none: time alone changes nothing"),
        (Next(to_datetime(0).isoformat()), "now: the model is new to some leads"),
        (
            Next(to_datetime(NOW_US + DAY).isoformat(), "lead-1", "turns cold"),
            "lead-1 turns cold at 2026-11-19 12:30:00 UTC, in 1 d",
        ),
        (Next(to_datetime(NOW_US - 5_000_000).isoformat()), "2026-11-18 12:29:55 UTC, 5 s ago"),
    ],
)
def test_an_instant_is_told_with_what_is_left_to_it(coming: Next, said: str) -> None:
    assert _when(coming, NOW_US) == said


class TestOnABroker:
    """Both stages as processes: what they count is what a scan of every state and topic counts."""

    pytestmark = pytest.mark.slow

    @pytest.fixture
    def settings(
        self, embedded_broker: EmbeddedBroker, on: OnBroker, monkeypatch: pytest.MonkeyPatch
    ) -> Settings:
        first = next(p for p in iter(lambda: free_ports(1)[0], 0) if p < 65_000)
        made = on(embedded_broker.bootstrap_servers, web={"enabled": True, "port": first})
        monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", embedded_broker.bootstrap_servers)
        monkeypatch.setenv("LEADSCORER_TOPICS__PREFIX", made.topics.prefix)
        monkeypatch.setenv("LEADSCORER_DATA_DIR", str(made.data_dir))
        monkeypatch.setenv("LEADSCORER_WEB__PORT", str(first))
        return made

    @pytest.fixture
    def running(self, settings: Settings, tmp_path: Path) -> Iterator[dict[str, processes.Worker]]:
        """Not started; on the ports that the supervisor would give them."""
        made = {
            stage: processes.Worker(
                settings,
                ["topologies.worker", stage],
                tmp_path / f"{stage}.log",
                LEADSCORER_WEB__PORT=str(settings.web.port + number),
            )
            for number, stage in enumerate(("scoring", "pool"))
        }
        yield made
        for each in made.values():
            each.__exit__(None, None, None)

    def test_a_cluster_without_topics_is_told_what_makes_them(self, settings: Settings) -> None:
        result = CliRunner().invoke(app, ["status"])
        assert result.exit_code != 0
        assert f"{settings.topics.prefix}leads." in result.output
        assert "does not exist → run `lead-scorer topics apply`" in result.output

    async def test_workers_and_topics_say_the_same_through_restarts_erasures_and_time(
        self, settings: Settings, running: dict[str, processes.Worker]
    ) -> None:
        await admin.apply(settings)
        for each in running.values():
            each.start()
        now_us = time.time_ns() // 1_000
        await send(settings, [*deadlines(now_us + DAY, 5)])
        await send(
            settings, [compose(it) for n in range(20) for it in interested(f"l-{n}", now_us)]
        )
        told = await agreed(settings, warm=20, cold=5)
        assert (told["told_by"], told["crossing"]["lead"]) == (WORKERS, None)

        running["scoring"].send(signal.SIGKILL)  # its store is kept
        running["scoring"].wait()
        gone = [e.LeadEvent(f"l-{n}", now_us + 9, "/t", f"gone-{n}", e.Erased()) for n in range(4)]
        await send(settings, [compose(it) for it in gone])
        running["scoring"].start()
        await agreed(settings, warm=16, cold=5)

        soon_us = time.time_ns() // 1_000 + 4_000_000
        await send(settings, [*crossings(soon_us, 3)])  # warm now, and then cold by silence alone
        await agreed(settings, warm=16, cold=8)


async def send(settings: Settings, messages: Sequence[Message]) -> None:
    async with sending(settings) as sender:
        await sender(messages)


async def agreed(settings: Settings, *, warm: int, cold: int) -> dict[str, Any]:
    """Wait for these counts; then a scan of the states, the topics and the workers say the same."""
    tiers = {"hot": 0, "warm": warm, "cold": cold, "disqualified": 0}
    async with asyncio.timeout(60):
        while True:
            asked = (await _status(settings))["leads"]
            if asked["tiers"] == tiers and asked["told_by"] == WORKERS:
                break
            await asyncio.sleep(0.2)
    held = [tier_of(raw) for raw in (await states(settings, "scoring")).values()]
    assert {tier: held.count(tier) for tier in tiers} == tiers
    read = (await _status(settings, "--leads"))["leads"]
    assert (read["told_by"], read["tiers"]) == (TOPICS, tiers)
    for what in ("crossing", "deadline"):
        assert asked[what]["at"][:23] == read[what]["at"][:23]
        assert read[what]["lead"]
    return dict(asked)


async def _status(settings: Settings, *words: str) -> Any:
    """In a thread, because a command has a loop of its own."""
    run = CliRunner().invoke
    result = await asyncio.to_thread(run, app, ["status", "--json", *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
