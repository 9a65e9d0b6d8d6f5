"""Takes the figures that the capacity page is made from, on real Kafka: some minutes. Computes nothing with them."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scorer.transport import admin
from scorer.transport.brokers.real import find
from tests.bench import latency, subjects, throughput
from tests.bench.ground import PARTITIONS, Ground
from tests.bench.runs import Options, machine

RATES: Final = (500, 2_000)
"""Events/s: the first to fit the simulation, the others to see whether it predicts them."""


async def _take(options: Options, rates: tuple[int, ...]) -> dict[str, Any]:
    directory = Path(tempfile.mkdtemp(prefix="lead-scorer-capacity-"))
    broker = find()
    try:
        ground = Ground(broker, f"c{uuid.uuid4().hex[:6]}.", directory)
        await admin.apply(ground.settings("backlog"))
        await throughput._backlog(ground, options, options.events)
        backlog = await throughput._race(
            ground,
            options,
            "backlog",
            lambda place, app: subjects.product(place, app, "default", throughput.INPUTS),
        )
        paced = []
        for rate in rates:
            label = f"rate-{rate}"
            paced.append(
                await latency._race(ground, options, label, latency._ours("default"), rate)
            )
    finally:
        broker.close()
        shutil.rmtree(directory, ignore_errors=True)
    return {"backlog": backlog, "paced": paced}


def measured(
    events: int, seconds: float, repeat: int, rates: tuple[int, ...] = RATES
) -> dict[str, Any]:
    """The figures of this machine, with what it is and how busy it was."""
    about = machine()
    options = Options(
        events=events,
        leads=max(events // 2, 1),
        repeat=repeat,
        seconds=seconds,
        warm_up=45.0,  # what was published while the worker started must be gone
    )
    began = time.monotonic()
    found = asyncio.run(_take(options, rates))
    return {
        "taken": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": (
            f"{about['cores']} cores shared with the broker, {about['memory_gib']} GiB, Python "
            f"{about['python']}, Apache Kafka {about['kafka']}, fold "
            f"{'compiled' if about['native_fold'] else 'not compiled'}"
        ),
        "load_average": [about["load_average_before"][0], round(os.getloadavg()[0], 1)],
        "took_seconds": round(time.monotonic() - began),
        "partitions": PARTITIONS,
        **found,
    }
