"""B4: from an event to its committed output, as a `read_committed` reader sees it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from scorer.contracts.compose import compose
from scorer.domain.events import Behaviour, Created, LeadEvent
from scorer.transport import admin
from tests.bench import subjects
from tests.bench.ground import Ground, Process
from tests.bench.load import START_US, Load
from tests.bench.runs import Options, median_of
from tests.bench.subjects import Subject
from tests.bench.throughput import MODELS, Make

_LEADS = 10_000
_EVERY_S = 0.005
_START_S = 120.0
_NAMES = ("question_asked", "documents_requested", "demo_requested", "needs_stated")
_ID = re.compile(rb'"id":"(e[0-9a-f]{9})"')
_BEHAVIOURS = "leads.behaviours.v1"


async def b4(ground: Ground, options: Options) -> dict[str, Any]:
    """Latency at 2,000 events/s, ours and Kafka Streams'; ours at half of the maximum, too."""
    half = options.half_of_maximum
    return {
        "default": await _race(ground, options, "default", _ours("default"), 2_000),
        "simple": await _race(ground, options, "simple", _ours(f"{MODELS}/simple.yaml"), 2_000),
        "kafka-streams": await _race(ground, options, "streams", _streams, 2_000),
        f"default at {half}/s": await _race(ground, options, "half", _ours("default"), half),
    }


def _ours(model: str) -> Make:
    return lambda ground, app: subjects.product(ground, app, model, [_BEHAVIOURS])


def _streams(ground: Ground, app: str) -> Awaitable[Subject]:
    return subjects.kafka_streams(ground, app, ground.prefix + _BEHAVIOURS)


async def _race(
    ground: Ground, options: Options, label: str, make: Make, rate: int
) -> dict[str, Any]:
    figures = []
    for number in range(options.repeat):
        app = f"b4-{label}-{number}"
        place = Ground(ground.broker, f"{ground.prefix}{app}.", ground.directory)
        await admin.apply(place.settings(app))
        await place.produce(_leads())
        subject = await make(place, app)
        with Process(subject.command, subject.env, ground.directory / f"{app}.log") as process:
            topic = place.prefix + _BEHAVIOURS
            figures.append(await _measure(place, options, subject, process, topic, rate))
    return median_of(figures, by="p99_ms")


async def _measure(
    ground: Ground, options: Options, subject: Subject, process: Process, topic: str, rate: int
) -> dict[str, Any]:
    sent: dict[bytes, float] = {}
    took: list[float] = []
    reading = asyncio.create_task(_read(ground, subject.scores, sent, took))
    publishing = asyncio.create_task(_publish(ground, topic, rate, sent))
    try:
        async with asyncio.timeout(_START_S):
            while not took:
                await asyncio.sleep(0.1)
                process.cpu_seconds()  # raises when it has died
        await asyncio.sleep(options.warm_up)
        took.clear()
        cpu, began = process.cpu_seconds(), time.monotonic()
        await asyncio.sleep(options.seconds)
        cpu, seconds = process.cpu_seconds() - cpu, time.monotonic() - began
    finally:
        publishing.cancel()
        reading.cancel()
        await asyncio.gather(publishing, reading, return_exceptions=True)
    took.sort()
    if not took:
        raise RuntimeError(f"{subject.name} said nothing")
    return {
        "p50_ms": round(took[len(took) // 2] * 1e3, 1),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1e3, 1),
        "max_ms": round(took[-1] * 1e3, 1),
        "rate_per_s": rate,
        "outputs": len(took),
        "cpu_of_a_core": round(cpu / seconds, 2),
    }


async def _publish(ground: Ground, topic: str, rate: int, sent: dict[bytes, float]) -> None:
    out = AIOKafkaProducer(bootstrap_servers=ground.servers, linger_ms=1)
    await out.start()
    number, began = 0, time.monotonic()
    run = time.time_ns() // 1_000_000 % 0x100000 * 0x8000  # no id of one run in another
    try:
        while True:
            due = int((time.monotonic() - began) * rate)
            while number < due:
                identity = f"e{run + number:09x}"
                lead = f"lead-{number % _LEADS:08d}"
                body = Behaviour(_NAMES[number // _LEADS % len(_NAMES)], str(number))
                event = LeadEvent(lead, time.time_ns() // 1000, "/crm/web", identity, body)
                message = compose(event)
                sent[identity.encode()] = time.monotonic()
                await out.send(topic, message.value, key=message.key)
                number += 1
            await asyncio.sleep(_EVERY_S)
    finally:
        await out.stop()


async def _read(ground: Ground, topic: str, sent: dict[bytes, float], took: list[float]) -> None:
    reader = AIOKafkaConsumer(
        topic,
        bootstrap_servers=ground.servers,
        isolation_level="read_committed",
        auto_offset_reset="latest",
        fetch_max_wait_ms=100,
    )
    await reader.start()
    try:
        while True:
            batches = await reader.getmany(timeout_ms=1_000)
            now = time.monotonic()
            for records in batches.values():
                for record in records:
                    found = _ID.search(record.value or b"")
                    if found and (at := sent.pop(found[1], None)) is not None:
                        took.append(now - at)
    finally:
        await reader.stop()


def _leads() -> list[Load]:
    loads = []
    for number in range(_LEADS):
        lead = f"lead-{number:08d}"
        event = LeadEvent(
            lead, START_US, "/crm/web", f"c{number}", Created("web", {"industry": "software"})
        )
        message = compose(event)
        loads.append(Load(message.topic, message.key or b"", message.value or b"", 0))
    return loads
