"""What the runbooks are for, brought about: the alert fires from real metrics, and ends when it is mended.

Minutes of the rules are seconds here; thresholds are as they are.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import pytest
from aiokafka import AIOKafkaProducer

from scorer.contracts.compose import compose
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.engine.ports import StateWrite
from scorer.settings import Settings
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.changelog import frame, unframe
from tests.cli.test_on_a_broker import event
from tests.deploy.conftest import Installation, Prometheus
from tests.deploy.due_leads import crossings, deadlines, interested
from tests.deploy.test_scrape import publish, publish_rubbish
from tests.fixtures.workers import committed, states

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("people")]


@pytest.fixture
def hurried() -> bool:
    return True


@pytest.fixture
def session_s() -> int:
    return 20


async def until(happens: Callable[[], Awaitable[object]]) -> None:
    """Prometheus looks once a second; ask it a little more often."""
    async with asyncio.timeout(150):
        while not await happens():  # noqa: ASYNC110  (another process cannot set an event)
            await asyncio.sleep(0.3)


async def until_fires(prometheus: Prometheus, alert: str) -> None:
    async def fires() -> bool:
        return alert in await prometheus.firing()

    await until(fires)


async def until_quiet(prometheus: Prometheus) -> None:
    """Both workers have their share, and nothing wakes anybody."""

    async def quiet() -> bool:
        found = await prometheus.ask("sum by (stage) (leadscorer_partitions_ready)")
        return {one["value"][1] for one in found} == {"4"} and not await prometheus.firing()

    await until(quiet)


async def test_a_poisoned_topic(installation: Installation, prometheus: Prometheus) -> None:
    await until_quiet(prometheus)

    async def poisoned() -> bool:
        await publish_rubbish(installation, 20)
        return "DeadLettersMany" in await prometheus.firing()

    await until(poisoned)
    await until_quiet(prometheus)


@pytest.mark.long
async def test_all_workers_are_gone(installation: Installation, prometheus: Prometheus) -> None:
    await until_quiet(prometheus)
    for worker in installation.workers:
        worker.send(signal.SIGKILL)
        worker.wait()
    await until_fires(prometheus, "NobodyScores")
    for worker in installation.workers:
        worker.start()
    await until_quiet(prometheus)


@pytest.mark.long
async def test_one_worker_is_frozen(installation: Installation, prometheus: Prometheus) -> None:
    """Nobody scores its partitions; thawed, it goes on where it was (takeovers are in tests/faults)."""
    await until_quiet(prometheus)
    frozen, _ = installation.workers
    frozen.send(signal.SIGSTOP)
    await until_fires(prometheus, "PartitionsUnowned")
    frozen.send(signal.SIGCONT)
    await until_quiet(prometheus)


@pytest.mark.long
async def test_a_worker_that_cannot_stay_up(
    installation: Installation, prometheus: Prometheus
) -> None:
    await until_quiet(prometheus)
    worker, _ = installation.workers
    for _ in range(4):
        started = (await started_at(prometheus, installation))[0]
        worker.send(signal.SIGKILL)
        worker.wait()
        worker.start()

        async def back(before: str = started) -> bool:
            return await started_at(prometheus, installation) not in ([], [before])

        await until(back)
    await until_fires(prometheus, "WorkerRestartsOften")


async def started_at(prometheus: Prometheus, it: Installation) -> list[str]:
    target = f"127.0.0.1:{it.ports[0]}"
    found = await prometheus.ask(f'process_start_time_seconds{{instance="{target}"}}')
    return [one["value"][1] for one in found]


class TestLate:
    """Both stages stand still for longer than their objectives, then catch up."""

    @pytest.fixture
    def stages(self) -> list[str]:
        return ["scoring", "pool"]

    async def test_scores_crossings_and_deadlines_that_come_late(
        self, installation: Installation, prometheus: Prometheus
    ) -> None:
        await until_quiet(prometheus)
        now_us = time.time_ns() // 1_000
        await publish(
            installation, [*crossings(now_us + 4_000_000, 10), *deadlines(now_us + 4_000_000, 10)]
        )
        await asyncio.sleep(2)  # they are read before their instants come
        for worker in installation.workers:
            worker.send(signal.SIGSTOP)
        await publish(installation, [event(f"lead-{number}") for number in range(200)])
        await asyncio.sleep(14)  # the session lasts 20
        for worker in installation.workers:
            worker.send(signal.SIGCONT)
        late = {"ScoresLate", "CrossingsLate", "DeadlinesLate"}

        async def all_fire() -> bool:
            return late <= await prometheus.firing()

        await until(all_fire)


@pytest.mark.long
async def test_brokers_that_do_not_answer(
    installation: Installation, prometheus: Prometheus, embedded_broker: EmbeddedBroker
) -> None:
    """Nothing is late and no lag is known, and yet nobody may believe that all is well."""
    await until_quiet(prometheus)
    broker = embedded_broker._process
    assert broker is not None
    broker.send_signal(signal.SIGSTOP)
    try:
        await until_fires(prometheus, "TimeStandsStill")
    finally:
        broker.send_signal(signal.SIGCONT)
    await until_quiet(prometheus)


async def test_a_state_that_was_altered(installation: Installation, prometheus: Prometheus) -> None:
    """The sums of a lead are no longer those of its evidence: a bad disk, or a defect of ours."""
    await until_quiet(prometheus)
    settings, lead = installation.settings, "lead-altered"

    async def asks_again() -> None:
        now_us = time.time_ns() // 1_000
        await publish(installation, [compose(it) for it in interested(lead, now_us)])

    await asks_again()

    async def stored() -> bool:
        return lead.encode() in await states(settings, "scoring")

    await until(stored)
    for worker in installation.workers:
        worker.stop()
    await alter(settings, lead.encode())
    for worker in installation.workers:
        worker.start()

    async def seen() -> bool:  # one lead a second is looked at: let it be this one
        await asks_again()
        return "StatesInconsistent" in await prometheus.firing()

    await until(seen)
    said = "".join(worker.log for worker in installation.workers)
    assert f'"event":"state.inconsistent","lead_id":"{lead}"' in said


async def alter(settings: Settings, lead: bytes) -> None:
    """Another weight in the changelog record of a lead, and nowhere else."""
    changelog = settings.changelog("scoring")
    records = await committed(settings, changelog, real_name=True)
    last = [record for record in records if record.key == lead][-1]
    due_us, raw = unframe(last.value)
    state = decode_state(raw)
    next(iter(state.head.accounts.values())).weight += 1.0
    value = frame(StateWrite(encode_state(state), due_us))
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    try:
        await producer.send_and_wait(
            changelog, value, key=lead, partition=last.partition, headers=list(last.headers)
        )
    finally:
        await producer.stop()
