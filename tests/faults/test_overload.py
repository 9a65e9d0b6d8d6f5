"""Three times as much as a worker can do (X19): memory stays bounded, and it catches up.

The worker is held to small transactions and short queues, so that its capacity is a tenth of what the
machine could do: the overload is one for the worker and not for the brokers beside it, and the referee
can judge all of it within minutes.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from tests.fixtures.evidence import Evidence, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import judge_product, until_folded
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, scoring_worker

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow, pytest.mark.long]

LANES = {"max_batch_records": 5, "queue_records": 200}
BURST = sized(500, 5_000)  # what the capacity is measured with
OVERLOAD_S = sized(3, 60)
GROWTH_MB = 270
"""What caches may fill with: 64 MB of RocksDB's blocks, two write buffers of 16 MB for each of 4 partitions, and
8,000 decoded leads of 9 KB. The backlog itself, a hundred thousand events, would be as much again."""


async def test_three_times_the_capacity_is_worked_off_in_bounded_memory(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """What waits, waits on the brokers."""
    settings = on(real_kafka.bootstrap_servers, model=HASTY, lanes=LANES)
    await admin.apply(settings, ["scoring"])
    with scoring_worker(settings, tmp_path / "worker.log") as worker:
        await worker.until_told("worker.ready")
        capacity = await _capacity(settings, rng)
        before_mb = worker.memory_mb()
        floor = Floor(settings, rng, round(3 * capacity * OVERLOAD_S), 3 * capacity)
        began = time.monotonic()
        work = asyncio.create_task(_worked_off(floor, settings))
        most_mb = await _watch(worker, work)
        took_s = time.monotonic() - began
        judged, verdict = await judge_product(settings)
        assert worker.running()
    evidence.add(
        "X19",
        f"{3 * capacity:,.0f} events/s for {OVERLOAD_S} s, 3 times the capacity as configured",
        judged,
        note=f"caught up {took_s - OVERLOAD_S:.0f} s later; memory {before_mb:.0f} MB before, "
        f"{most_mb:.0f} MB at the most",
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
    assert most_mb - before_mb < GROWTH_MB


async def _capacity(settings: Settings, rng: random.Random) -> float:
    """Events a second, of a burst that is published at once."""
    began = time.monotonic()
    await Floor(settings, rng, BURST, 1e6).publish()
    await until_folded(settings)
    return BURST / (time.monotonic() - began)


async def _worked_off(floor: Floor, settings: Settings) -> None:
    await floor.publish()
    await until_folded(settings, seconds=600)


async def _watch(worker: Worker, work: asyncio.Task[None]) -> float:
    """The most memory until the work is done."""
    most_mb = 0.0
    while not work.done():
        most_mb = max(most_mb, worker.memory_mb())
        await asyncio.sleep(0.5)
    await work
    return most_mb
