"""B12: what each stage takes of a core and of memory at a steady rate; the resources of a container are set by it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any, Final

from scorer.settings import Settings, environment
from scorer.transport import admin
from scorer.transport.exits import BrokerUnreachable
from scorer.transport.placement import partition_of
from scorer.transport.progress import group
from scorer.transport.topics import STAGES
from tests.bench.ground import PARTITIONS, Ground, Process, append, producer
from tests.bench.load import Load, events, load_of
from tests.bench.runs import Options

RATES: Final = (1_000, 5_000)
_EVERY_S: Final = 0.05
_BEFORE: Final = 3  # events a lead
_DAY_US: Final = 86_400_000_000
_SETTLED_S: Final = 15.0  # caches are full, and the first commits are over


async def b12(ground: Ground, options: Options) -> dict[str, Any]:
    """CPU and resident memory of the stages `scoring` and `pool`, one process each with all partitions."""
    idle = await _measured(ground, options, 0)
    return {"idle": idle} | {f"{r} events/s": await _measured(ground, options, r) for r in RATES}


async def _measured(ground: Ground, options: Options, rate: int) -> dict[str, Any]:
    app = f"b12-{rate}"
    place = Ground(ground.broker, f"{ground.prefix}{app}.", ground.directory)
    settings = place.settings(app, web={"enabled": False})
    await admin.apply(settings)
    count = int(rate * (_SETTLED_S + options.seconds))
    before = _BEFORE * options.leads if rate else 0  # nearly everybody is created by then
    yesterday_us = time.time_ns() // 1_000 - _DAY_US
    told = events(max(before + count, 1), options.leads, options.seed, start_us=yesterday_us)
    await place.produce(load_of(event) for event in islice(told, before))
    coming = [load_of(event) for event in told]
    with ExitStack() as running:
        stages = {
            stage: running.enter_context(
                Process(
                    [sys.executable, "-m", "topologies.worker", stage],
                    environment(settings),
                    ground.directory / f"{app}-{stage}.log",
                )
            )
            for stage in STAGES
        }
        await _caught_up(settings, stages)
        publishing = asyncio.create_task(_publish(place, coming, rate))
        await asyncio.sleep(_SETTLED_S)
        began, cpu = time.monotonic(), {name: it.cpu_seconds() for name, it in stages.items()}
        await asyncio.sleep(options.seconds)
        took = time.monotonic() - began
        figures: dict[str, Any] = {
            name: {
                "cpu_of_a_core": round((it.cpu_seconds() - cpu[name]) / took, 3),
                "rss_mb": round(it.memory_mb()),
                "peak_rss_mb": round(it.memory_mb("VmHWM")),
            }
            for name, it in stages.items()
        }
        lags = {stage: (await group(settings, stage)).lags for stage in STAGES}
        return figures | {
            "published_per_s": round(await publishing),
            "waiting_at_the_end": {s: sum(lag.records for lag in lags[s]) for s in STAGES},
        }


async def _caught_up(settings: Settings, stages: dict[str, Process]) -> None:
    async with asyncio.timeout(600):
        while True:
            await asyncio.sleep(1)
            for process in stages.values():
                process.cpu_seconds()  # raises when it has died
            try:
                found = [await group(settings, stage) for stage in stages]
            except BrokerUnreachable:
                continue  # a fresh broker has no coordinator for some seconds
            if all(it.members and not sum(lag.records for lag in it.lags) for it in found):
                return


async def _publish(place: Ground, coming: Sequence[Load], rate: int) -> float:
    """At a steady rate, in the batches of a busy publisher; the rate that it came to."""
    began, done = time.monotonic(), 0
    async with producer(place.servers) as out:
        while rate and done < len(coming):
            due = min(int((time.monotonic() - began) * rate), len(coming))
            for topic, partition, rows in _targets(coming[done:due]):
                await append(out, place.prefix + topic, partition, rows)
            done = due
            await asyncio.sleep(_EVERY_S)
        await out.flush()
    return done / max(time.monotonic() - began, 1e-9)


def _targets(loads: Sequence[Load]) -> Iterator[tuple[str, int, list[tuple[bytes, bytes]]]]:
    rows: dict[tuple[str, int], list[tuple[bytes, bytes]]] = {}
    for load in loads:
        target = load.topic, partition_of(load.key, PARTITIONS)
        rows.setdefault(target, []).append((load.key, load.value))
    for (topic, partition), part in rows.items():
        yield topic, partition, part
