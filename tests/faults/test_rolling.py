"""Three workers of the product that are replaced one after the other under load (X9)."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.exits import ExitCode
from tests.fixtures.evidence import Evidence, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import judge_product, silences, until_folded
from tests.fixtures.kafka import OnBroker
from tests.fixtures.torment import end
from tests.fixtures.workers import scoring_worker

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow, pytest.mark.long]

NAMES = sized(("one", "two"), ("one", "two", "three"))
PER_SECOND = 200
SECONDS = sized(8, 30)
ASSIGNMENTS_A_CHANGE = 2  # a static member that comes back needs none; one that joins, one or two


async def test_a_rolling_restart_under_load_loses_nothing_and_moves_little(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """Each worker joins, is stopped and started again; every partition is owned, and seldom moved."""
    settings = on(real_kafka.bootstrap_servers, model=HASTY)
    await admin.apply(settings, ["scoring"])
    workers = [scoring_worker(settings, tmp_path / f"{name}.log", name) for name in NAMES]
    floor = Floor(settings, rng, PER_SECOND * SECONDS, PER_SECOND)
    try:
        workers[0].start()
        await workers[0].until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        for worker in workers[1:]:
            worker.start()
            await worker.until_told("worker.ready")
        for worker in workers:
            before = len(worker.told("worker.ready"))
            assert worker.stop() == ExitCode.OK, worker.log
            worker.start()
            await worker.until_told("worker.ready", more_than=before)
        await publishing
        await until_folded(settings)
        judged, verdict = await judge_product(settings)
        assignments = max(len(worker.told("worker.ready")) for worker in workers)
    finally:
        end(workers)
    changes = 2 * len(NAMES)
    longest_s = max(lasted for _, lasted in await silences(settings))
    evidence.add(
        "X9",
        f"rolling restart of {len(NAMES)} workers",
        judged,
        times=len(NAMES),
        note=f"at most {assignments} assignments of a worker through {changes} changes; "
        f"longest pause between two outputs {longest_s:.1f} s",
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
    assert assignments <= ASSIGNMENTS_A_CHANGE * changes
