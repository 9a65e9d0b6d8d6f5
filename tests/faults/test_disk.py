"""The disk of the local store is full (X17): the worker stops, and comes back when there is room.

Twice: a real full file system (of the worker alone, in a mount namespace, where the kernel allows one),
and a limit to the size of its files, which needs no right and holds everywhere.
"""

from __future__ import annotations

import asyncio
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.transport.exits import ExitCode
from tests.fixtures.evidence import Evidence, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import back_after, judge_product, until_folded
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, scoring_worker

pytestmark = [
    pytest.mark.real_kafka,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts as Linux has them"),
]

EVENTS, PER_SECOND = sized(1_000, 5_000), 250
_MOUNT = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"'
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def _may_mount(directory: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    command = [*_NAMESPACE, "sh", "-c", _MOUNT, str(directory), "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    settings = on(real_kafka.bootstrap_servers, model=HASTY, lanes={"flush_seconds": 0.5})
    settings.data_dir.mkdir()
    await admin.apply(settings, ["scoring"])
    return settings


async def test_a_full_disk_stops_the_worker_until_there_is_room(
    settings: Settings, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """ENOSPC in mid-work and at every restart; then room is made, and nothing was lost or doubled."""
    if not _may_mount(settings.data_dir):
        pytest.skip("a full disk needs a mount namespace (unshare --user --mount), refused here")
    floor = Floor(settings, rng, EVENTS, PER_SECOND)
    within = (*_NAMESPACE, "sh", "-c", _MOUNT, str(settings.data_dir))
    command = ["tests.fixtures.supervised", "scoring"]
    with Worker(settings, command, tmp_path / "worker.log", within=within) as worker:
        await worker.until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        await asyncio.sleep(1)
        ballast = Path(f"/proc/{worker.pid}/root{settings.data_dir}/ballast")
        _fill(ballast)
        await worker.until_told("stage.exited")
        await asyncio.sleep(2)  # of restarts in vain
        ballast.unlink()
        room = time.time()
        await publishing
        await until_folded(settings)
        judged, verdict = await judge_product(settings)
        exits = worker.log.count('"event":"stage.exited"')
        assert f'"code":{ExitCode.STORE.value},' in worker.log
        assert "No space left on device" in worker.log
    evidence.add(
        "X17",
        "the file system of the data directory full (ENOSPC)",
        judged,
        recovery_s=await back_after(settings, room),
        note=f"{exits} fail-stops until there was room",
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue


@pytest.mark.long
async def test_files_that_may_not_grow_stop_the_worker(
    settings: Settings, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """EFBIG in mid-work: one fail-stop, and the next start goes on from the changelog."""
    rarely = settings.lanes.model_copy(update={"flush_seconds": 3.0})  # so that a file is larger
    settings = settings.model_copy(update={"lanes": rarely})
    floor = Floor(settings, rng, 4 * EVENTS, 4 * PER_SECOND, leads=4 * EVENTS)
    with scoring_worker(settings, tmp_path / "worker.log") as worker:
        await worker.until_told("worker.ready")
        publishing = asyncio.create_task(floor.publish())
        await asyncio.sleep(1)
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (16_384, most))
        assert worker.wait() == ExitCode.STORE, worker.log
        again = time.time()
        worker.start()
        await publishing
        await until_folded(settings)
        judged, verdict = await judge_product(settings)
        recovery_s = worker.ready_after(again)
    evidence.add(
        "X17",
        "files of the worker may not grow beyond 16 KiB (EFBIG)",
        judged,
        recovery_s=recovery_s,
    )
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
