"""What the runbooks are for, brought about: the alert fires from real metrics, and ends when it is mended.

Minutes of the rules are seconds here; thresholds are as they are.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.deploy.conftest import Installation, Prometheus
from tests.deploy.test_scrape import publish_rubbish

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("people")]


@pytest.fixture
def hurried() -> bool:
    return True


@pytest.fixture
def session_s() -> int:
    return 20


async def until(happens: Callable[[], Awaitable[object]]) -> None:
    """Prometheus looks once a second; ask it a little more often."""
    async with asyncio.timeout(90):
        while not await happens():  # noqa: ASYNC110  (another process cannot set an event)
            await asyncio.sleep(0.3)


async def until_fires(prometheus: Prometheus, alert: str) -> None:
    async def fires() -> bool:
        return alert in await prometheus.firing()

    await until(fires)


async def until_quiet(prometheus: Prometheus) -> None:
    """Both workers have their share, and nothing wakes anybody."""

    async def quiet() -> bool:
        found = await prometheus.ask("sum(leadscorer_partitions_ready)")
        return [one["value"][1] for one in found] == ["4"] and not await prometheus.firing()

    await until(quiet)


async def test_a_poisoned_topic(installation: Installation, prometheus: Prometheus) -> None:
    await until_quiet(prometheus)

    async def poisoned() -> bool:
        await publish_rubbish(installation, 20)
        return "DeadLettersMany" in await prometheus.firing()

    await until(poisoned)
    await until_quiet(prometheus)


async def test_all_workers_are_gone(installation: Installation, prometheus: Prometheus) -> None:
    await until_quiet(prometheus)
    for worker in installation.workers:
        worker.send(signal.SIGKILL)
        worker.wait()
    await until_fires(prometheus, "NobodyScores")
    for worker in installation.workers:
        worker.start()
    await until_quiet(prometheus)


async def test_one_worker_is_frozen(installation: Installation, prometheus: Prometheus) -> None:
    """Nobody scores its partitions; thawed, it goes on where it was (takeovers are in tests/faults)."""
    await until_quiet(prometheus)
    frozen, _ = installation.workers
    frozen.send(signal.SIGSTOP)
    await until_fires(prometheus, "PartitionsUnowned")
    frozen.send(signal.SIGCONT)
    await until_quiet(prometheus)


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


async def test_scores_that_come_late(installation: Installation, prometheus: Prometheus) -> None:
    """Both workers stand still for longer than the objective, then catch up."""
    await until_quiet(prometheus)
    for worker in installation.workers:
        worker.send(signal.SIGSTOP)
    await publish_valid(installation)
    await asyncio.sleep(8)  # the objective is 5 s, and the session lasts 20
    for worker in installation.workers:
        worker.send(signal.SIGCONT)
    await until_fires(prometheus, "ScoresLate")


async def publish_valid(it: Installation) -> None:
    from scorer.transport.clients import sending
    from tests.cli.test_on_a_broker import event

    async with sending(it.settings) as send:
        await send([event(f"lead-{number}") for number in range(200)])
