"""One worker on real Kafka: how it starts, stops, fails and comes back (X2, X3, X4, X9, X10)."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.exits import ExitCode
from tests.fixtures import toy
from tests.fixtures.evidence import Evidence, Judged
from tests.fixtures.judging import judge_toy
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, committed, publish, toy_worker, until_seen

pytestmark = pytest.mark.real_kafka

Events = list[tuple[str, bytes, bytes]]


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    return settings


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "worker.log"


def events(count: int, first: int = 0) -> Events:
    return [
        (toy.INPUTS[n % 2], b"lead-%d" % (n % 37), b"event-%d" % n)
        for n in range(first, first + count)
    ]


async def expect(settings: Settings, published: Iterable[tuple[str, bytes, bytes]]) -> Judged:
    """Every output once, and every state the fold of what was published."""
    published = list(published)
    await until_seen(settings, toy.OUTPUT, len(published))
    judged = await judge_toy(settings, published)
    assert judged == Judged(len(published))
    return judged


async def offsets(settings: Settings) -> dict[TopicPartition, int]:
    """What the group has committed."""
    client: AIOKafkaAdminClient
    async with admin.admin(settings) as client:
        found = await client.list_consumer_group_offsets(settings.group("toy"))
    return {tp: entry.offset for tp, entry in found.items()}


async def test_sigterm_under_load_ends_with_0_and_loses_nothing(
    settings: Settings, log: Path, evidence: Evidence
) -> None:
    """What was not committed is done by the next start, and only once."""
    first, second = events(100), events(4_000, 100)
    with toy_worker(settings, log) as worker:
        await publish(settings, first)
        await until_seen(settings, toy.OUTPUT, len(first))
        publishing = asyncio.create_task(publish(settings, second, _steadily))
        await until_seen(settings, toy.OUTPUT, len(first) + 500)
        assert not publishing.done(), "the load must outlast the stop"
        asked = time.monotonic()
        assert worker.stop() == ExitCode.OK
        ended_s = time.monotonic() - asked
        worker.start()
        await publishing
        judged = await expect(settings, [*first, *second])
    evidence.add("X3", "SIGTERM at 400 events/s", judged, recovery_s=ended_s, note="exit code 0")


def _steadily(count: int) -> float:
    return 0.05 if count % 20 == 0 else 0.0  # 400 a second, for ten seconds


async def test_a_bug_in_the_fold_stops_the_worker_and_holds_the_offset(
    settings: Settings, log: Path, evidence: Evidence
) -> None:
    """The events wait; with the bug mended they are folded, in their order."""
    first = events(37)
    await publish(settings, first)
    with toy_worker(settings, log) as worker:
        await until_seen(settings, toy.OUTPUT, len(first))
        before = await offsets(settings)
        second = [*events(1, 37), (toy.INPUTS[1], b"lead-0", toy.POISON)]
        await publish(settings, second[1:])
        assert worker.wait() == ExitCode.FOLD
        assert await offsets(settings) == before
        assert "a bug in the fold" in worker.log
    with toy_worker(settings, log, TOY_FORGIVE="1"):
        await publish(settings, second[:1])
        judged = await expect(settings, [*first, *second])
    evidence.add("X4", "an exception in the fold", judged, note="exit code 70, offset held")


@pytest.mark.parametrize("point", [p for p in toy.POINTS if p != "during restore"])
async def test_death_at_any_point_of_the_commit_loses_and_doubles_nothing(
    settings: Settings, log: Path, point: str, evidence: Evidence
) -> None:
    """Killed at a named step of the first commit; the next start settles what was open."""
    published = events(300)
    await publish(settings, published)
    with toy_worker(settings, log, **{toy.KILL_AT: point}) as worker:
        assert worker.wait() == -signal.SIGKILL
        assert "killed at the named point" in worker.log
    with toy_worker(settings, log):
        judged = await expect(settings, published)
    evidence.add("X2", f"kill -9 {point}", judged, note="point hit")


async def test_death_during_the_restore_is_settled_by_the_next_one(
    settings: Settings, log: Path, evidence: Evidence
) -> None:
    """A store that was being filled has no mark, and is filled again."""
    published = events(300)
    await publish(settings, published)
    with toy_worker(settings, log):
        await expect(settings, published)
    shutil.rmtree(settings.data_dir)
    with toy_worker(settings, log, **{toy.KILL_AT: "during restore"}) as worker:
        assert worker.wait() == -signal.SIGKILL
    more = events(300, 300)
    await publish(settings, more)
    with toy_worker(settings, log):
        judged = await expect(settings, [*published, *more])
    evidence.add("X2", "kill -9 during restore", judged, note="point hit")


async def test_a_worker_without_its_data_directory_goes_on_as_before(
    settings: Settings, log: Path, evidence: Evidence
) -> None:
    """The store is a cache: counts continue from the changelog."""
    published = events(400)
    await publish(settings, published)
    with toy_worker(settings, log) as worker:
        await expect(settings, published)
        assert worker.stop() == ExitCode.OK
    shutil.rmtree(settings.data_dir)
    more = events(400, 400)
    await publish(settings, more)
    with toy_worker(settings, log):
        judged = await expect(settings, [*published, *more])
    evidence.add("X10", "data directory deleted", judged)


async def test_a_damaged_store_is_rebuilt_with_a_warning(
    settings: Settings, log: Path, evidence: Evidence
) -> None:
    """Truncated files do not stop a start, nor do they change a result."""
    published = events(400)
    await publish(settings, published)
    with toy_worker(settings, log) as worker:
        await expect(settings, published)
        assert worker.stop() == ExitCode.OK
    for manifest in settings.data_dir.rglob("MANIFEST-*"):
        manifest.write_bytes(b"")
    more = events(400, 400)
    await publish(settings, more)
    with toy_worker(settings, log) as worker:
        judged = await expect(settings, [*published, *more])
        assert "unreadable" in worker.log
    evidence.add("X10", "files of the store truncated", judged, note="warned of")


async def test_partitions_move_when_workers_come_and_die(
    settings: Settings, tmp_path: Path, evidence: Evidence
) -> None:
    """A second worker takes half, dies for good, and the first one goes on with its leads."""
    parts = [events(600, start) for start in (0, 600, 1_200)]
    one, two = (toy_worker(settings, tmp_path / f"{n}.log", n) for n in ("one", "two"))
    with one, two:
        await publish(settings, parts[0])
        await until_seen(settings, toy.OUTPUT, 600)
        await publish(settings, parts[1])
        await until_seen(settings, toy.OUTPUT, 1_200)
        two.send(signal.SIGKILL)
        await publish(settings, parts[2])
        judged = await expect(settings, [event for part in parts for event in part])
    evidence.add("X9", "a second worker joins, and is killed for good", judged, times=2)


async def test_a_worker_that_leaves_gives_its_partitions_at_once(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """With the setting for it, long before its session would end."""
    kafka = {"session_timeout_s": 60, "leave_on_stop": True}
    settings = on(real_kafka.bootstrap_servers, kafka=kafka)
    await admin.apply(settings, ["toy"])
    one, two = (toy_worker(settings, tmp_path / f"{n}.log", n) for n in ("one", "two"))
    parts = [events(400), events(400, 400)]
    with one, two:
        await publish(settings, parts[0])
        await until_seen(settings, toy.OUTPUT, 400)
        async with asyncio.timeout(60):
            # A member that is still joining has nothing to give, and a log file tells no event.
            while "worker.ready" not in one.log:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert one.stop() == ExitCode.OK
        await publish(settings, parts[1])
        await expect(settings, [*parts[0], *parts[1]])  # within 30 s


async def test_a_worker_that_is_told_to_stop_while_it_joins_ends_with_0(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, evidence: Evidence
) -> None:
    """The group waits for a member that hangs, the worker does not wait for the group."""
    kafka = {"session_timeout_s": 60, "leave_on_stop": True}
    settings = on(real_kafka.bootstrap_servers, kafka=kafka)
    await admin.apply(settings, ["toy"])
    one, two = (toy_worker(settings, tmp_path / f"{n}.log", n) for n in ("one", "two"))
    with one:
        await one.until_told("worker.ready")
        one.send(signal.SIGSTOP)
        with two:
            await two.until_told("worker.starting")
            await asyncio.sleep(2)  # until it has asked to join
            assert two.told("worker.ready") == []
            asked = time.monotonic()
            assert two.stop() == ExitCode.OK
            ended_s = time.monotonic() - asked
    evidence.add("X3", "SIGTERM while joining", Judged(0), recovery_s=ended_s, note="exit code 0")


async def test_a_zombie_is_fenced_and_writes_nothing(
    settings: Settings, tmp_path: Path, evidence: Evidence
) -> None:
    """Frozen until others took over, then thawed with records in its hands."""
    one, two = (toy_worker(settings, tmp_path / f"{n}.log", n) for n in ("one", "two"))
    parts = [events(200), events(800, 200)]
    with one:
        await publish(settings, parts[0])
        await until_seen(settings, toy.OUTPUT, 200)
        one.send(signal.SIGSTOP)
        await publish(settings, parts[1])
        with two:
            await until_seen(settings, toy.OUTPUT, 1_000)
            one.send(signal.SIGCONT)
            more = events(300, 1_000)
            await publish(settings, more)
            judged = await expect(settings, [*parts[0], *parts[1], *more])
            # Its lane meets the fence, unless its heartbeat was first to hear of the other owner.
            async with asyncio.timeout(30):
                while one.running() and "partition.lost" not in one.log:  # noqa: ASYNC110  (a log file)
                    await asyncio.sleep(0.05)
            joined_again = one.running()
            assert joined_again or one.wait() == ExitCode.FENCED
    note = "joined again as a new member" if joined_again else "exit code 73 (fenced)"
    evidence.add("X8", "SIGSTOP until another one took over", judged, note=note)


async def test_each_lead_is_reminded_once_for_its_last_record(
    settings: Settings, log: Path
) -> None:
    """Ticks go through the same commit: one reminder a lead, also over a restart."""
    published = events(74)
    await publish(settings, published)
    with toy_worker(settings, log) as worker:
        await until_seen(settings, toy.REMINDERS, 37)
        worker.send(signal.SIGKILL)
        worker.wait()
        worker.start()
        more = events(1, 74)
        await publish(settings, more)
        await until_seen(settings, toy.REMINDERS, 38)
    said = Counter(orjson.loads(r.value)["id"] for r in await committed(settings, toy.REMINDERS))
    assert [reminder for reminder, times in said.items() if times > 1] == []


async def test_a_worker_refuses_to_start_without_its_topics(
    real_kafka: Broker, on: OnBroker, log: Path
) -> None:
    """The exit code says that a person must act, the log which command mends it."""
    with toy_worker(on(real_kafka.bootstrap_servers), log) as worker:
        assert worker.wait() == ExitCode.CONFIG
        assert "lead-scorer topics apply" in worker.log


def test_a_worker_without_a_broker_says_so(on: OnBroker, log: Path) -> None:
    """Refused at once, with the address."""
    settings = on("127.0.0.1:1")
    with toy_worker(settings, log) as worker:
        assert worker.wait() == ExitCode.BROKER
        assert "127.0.0.1:1" in worker.log


async def test_the_supervisor_restarts_a_stage_and_stops_with_it(
    settings: Settings, log: Path
) -> None:
    """A killed stage is back by itself; SIGTERM to the supervisor ends all with 0."""
    published = events(200)
    with Worker(settings, ["tests.fixtures.supervised", "toy"], log) as supervisor:
        await publish(settings, published[:100])
        await until_seen(settings, toy.OUTPUT, 100)
        pid = next(int(line) for line in log.read_text().splitlines() if line.isdigit())
        supervisor.send_to(pid, signal.SIGKILL)
        await publish(settings, published[100:])
        await expect(settings, published)
        assert supervisor.stop() == ExitCode.OK
        assert "stage.restarted" in supervisor.log
