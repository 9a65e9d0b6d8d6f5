"""B1, B2, B3, B3j: how fast a backlog is worked off, and what an event costs, side by side."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from scorer.transport import admin
from tests.bench import subjects
from tests.bench.ground import Ground, Process, drain
from tests.bench.load import records
from tests.bench.runs import Options, median_of
from tests.bench.subjects import Subject

MODELS: Final = "tests/bench/models"
_HALF_HOUR: Final = 0.02  # days: nothing comes due while the backlog is folded
INPUTS: Final = ("leads.created.v1", "leads.attributes.v1", "leads.behaviours.v1")
_EVENTS: Final = 300_000  # against Faust and Quix Streams: minutes, and not an hour
_FAUST_EVENTS: Final = 30_000  # at 500 µs an event it would take an hour for a million
Make = Callable[[Ground, str], Awaitable[Subject]]


def _start_us() -> int:
    return time.time_ns() // 1000 - int(_HALF_HOUR * 86_400e6)


async def _backlog(ground: Ground, options: Options, events: int, one_topic: bool = False) -> str:
    """Produce the events; the topic that holds all of them, if one does."""
    name = f"{ground.prefix}events-{events}" if one_topic else ""
    if one_topic:
        await ground.create(name)
    leads = max(1, options.leads * events // options.events)  # as many events a lead as ever
    loads = records(events, leads, options.seed, days=_HALF_HOUR, start_us=_start_us())
    await ground.produce(loads, name or None)
    return name


async def _race(ground: Ground, options: Options, label: str, make: Make) -> dict[str, Any]:
    costs = []
    for number in range(options.repeat):
        subject = await make(ground, f"{label}-{number}")
        log = ground.directory / f"{label}-{number}.log"
        with Process(subject.command, subject.env, log) as process:
            costs.append(await drain(ground, process, subject.group, subject.inputs))
    return median_of([cost.figures() for cost in costs], by="cpu_us_per_event")


async def b1(ground: Ground, options: Options) -> dict[str, Any]:
    """Backlog throughput of one worker process; the default model, and a small one."""
    await admin.apply(ground.settings("b1"))
    await _backlog(ground, options, options.events)
    out = {}
    for label, model in (("default", "default"), ("small", f"{MODELS}/small.yaml")):

        async def make(ground: Ground, app: str, model: str = model) -> Subject:
            return await subjects.product(ground, app, model, INPUTS)

        out[label] = await _race(ground, options, f"b1-{label}", make)
    return out


async def b2(ground: Ground, options: Options) -> dict[str, Any]:
    """Against idiomatic Faust (at least once), the same model, fewer events."""
    few = min(options.events, _FAUST_EVENTS)
    return await _against(ground, options, "faust", subjects.faust, few)


async def b3(ground: Ground, options: Options) -> dict[str, Any]:
    """Against Quix Streams, exactly once, the same model and the same events."""
    return await _against(ground, options, "quix", subjects.quix, min(options.events, _EVENTS))


async def _against(
    ground: Ground, options: Options, name: str, rival: Any, events: int
) -> dict[str, Any]:
    await admin.apply(ground.settings(f"{name}-ours"))
    await _backlog(ground, options, min(options.events, _EVENTS))
    topic = await _backlog(ground, options, events, one_topic=True)
    ours = await _race(
        ground,
        options,
        f"{name}-ours",
        lambda ground, app: subjects.product(ground, app, "default", INPUTS),
    )
    theirs = await _race(
        ground, options, name, lambda ground, app: rival(ground, app, "default", topic)
    )
    return {"lead-scorer": ours, name: theirs, "times": _times(ours, theirs)}


async def b3j(ground: Ground, options: Options) -> dict[str, Any]:
    """Against Kafka Streams exactly_once_v2: the simple job, on the topic of behaviours alone."""
    await admin.apply(ground.settings("b3j"))
    await _backlog(ground, options, options.events)
    behaviours = ground.prefix + "leads.behaviours.v1"
    ours = await _race(
        ground,
        options,
        "b3j-ours",
        lambda ground, app: subjects.product(
            ground, app, f"{MODELS}/simple.yaml", ["leads.behaviours.v1"]
        ),
    )
    theirs = await _race(
        ground,
        options,
        "b3j-streams",
        lambda ground, app: subjects.kafka_streams(ground, app, behaviours),
    )
    return {"lead-scorer": ours, "kafka-streams": theirs, "times": _times(ours, theirs)}


def _times(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    return {
        "events_per_s": round(ours["events_per_s"] / theirs["events_per_s"], 2),
        "cpu": round(ours["cpu_us_per_event"] / theirs["cpu_us_per_event"], 2),
        "memory": round(ours["peak_rss_mb"] / theirs["peak_rss_mb"], 2),
    }
