"""B5, B6, B7, B9, B10: a worker that already knows many leads.

Their states are written to the changelog as the product would have: folded and encoded by the engine,
two thousand stories for all, because a state does not hold the name of its lead; more than a batch
holds, so that none compresses by being there twice.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from scorer.contracts.compose import compose
from scorer.contracts.model.file import load_model
from scorer.domain.events import (
    AttributeValue,
    Behaviour,
    Created,
    LeadEvent,
    Ownership,
    OwnershipChange,
)
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import pool_factory
from scorer.engine.ports import StateWrite
from scorer.engine.scoring import TIERS, scoring_factory
from scorer.transport import admin
from scorer.transport.brokers.ports import free_ports
from scorer.transport.changelog import frame, made_by
from scorer.transport.placement import partition_of
from tests.bench import subjects
from tests.bench.ground import PARTITIONS, Ground, Process, append, drain, producer
from tests.bench.load import BEHAVIOURS, START_US, TITLES, Load
from tests.bench.runs import Options, median_of
from tests.bench.throughput import INPUTS
from topologies.heap import spare_the_collector

_CHUNK: Final = 20_000
_FAIR: Final[dict[str, AttributeValue]] = {
    "industry": "software",
    "employees": 300,
}  # 22 points: warm with a demo, then cold


def driver() -> MemoryDriver:
    return MemoryDriver(scoring_factory(load_model("default"), app="bench", version="0")(0))


def feed(engine: MemoryDriver, told: Sequence[LeadEvent]) -> None:
    for number, event in enumerate(told):
        message = compose(event)
        at_ms = event.time_us // 1000
        record = MemoryRecord(message.topic, message.key, message.value, at_ms, message.headers)
        engine.feed([record._replace(offset=number)])


def stories(until_us: int, count: int = 2_000) -> list[StateWrite]:
    """The states of leads with half a dozen events in the last hours."""
    engine = driver()
    for number in range(count):
        lead, at = f"lead-{number}", until_us - 10_000_000_000 - number * 1_000_000
        attributes = {"title": TITLES[number % 5], **_FAIR}
        told = [LeadEvent(lead, at, "/crm/web", f"{number:04x}-0", Created("web", attributes))]
        told += [
            LeadEvent(
                lead, at + step * 1_000_000_000, "/crm/web", f"{number:04x}-{step:08x}",
                Behaviour(BEHAVIOURS[(number + step) % len(BEHAVIOURS)], f"page-{step}"),
            )
            for step in range(1, 6)
        ]  # fmt: skip
        feed(engine, told)
    store = engine.store
    return [StateWrite(value, store.due.get(key)) for key, value in store.states.items()]


async def fill(ground: Ground, app: str, leads: int, states: Sequence[StateWrite]) -> None:
    """Write the changelog of an application that knows these leads."""
    settings = ground.settings(app)
    await admin.apply(settings)
    topic = settings.changelog("scoring")
    frames = [frame(state) or b"" for state in states]
    model_hash = load_model("default").hash  # of another model, all would be due at once
    async with producer(ground.servers, settings.lanes.compression.value) as out:
        for begin in range(0, leads, _CHUNK):
            rows: list[list[tuple[bytes, bytes]]] = [[] for _ in range(PARTITIONS)]
            for number in range(begin, min(begin + _CHUNK, leads)):
                key = b"lead-%08d" % number
                rows[partition_of(key, PARTITIONS)].append((key, frames[number % len(frames)]))
            for partition, part in enumerate(rows):
                await append(out, topic, partition, part, made_by(model_hash))
            await out.flush()


async def _ready(port: int, seconds: float = 120) -> None:
    """Until all partitions are restored."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await asyncio.to_thread(_page, port, "readyz") is not None:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError(f"the worker was not ready in {seconds} s")


async def _settled(process: Process, seconds: float = 60) -> None:
    """Until what is left of a restore (RocksDB tidies up behind it) takes no more processor time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = process.cpu_seconds()
        await asyncio.sleep(2)
        if process.cpu_seconds() - before < 0.2:
            return
    raise TimeoutError(f"the worker did not come to rest in {seconds} s")


def _page(port: int, name: str) -> str | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
            return str(answer.read().decode()) if answer.status == 200 else None
    except OSError:
        return None


def metric(page: str | None, name: str) -> float:
    """The sum of a metric's samples."""
    lines = (page or "").splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


async def b5(ground: Ground, options: Options) -> dict[str, Any]:
    """Restore of many leads from the changelog, into an empty data directory; with B7, memory."""
    now_us = time.time_ns() // 1000
    states = stories(now_us)
    figures = []
    for number in range(options.repeat):
        app = f"b5-{number}"
        await fill(ground, app, options.many, states)
        port = free_ports(1)[0]
        subject = await subjects.product(ground, app, "default", INPUTS, port=port)
        began = time.monotonic()
        with Process(subject.command, subject.env, ground.directory / f"{app}.log") as process:
            await _ready(port)
            ready_s = time.monotonic() - began
            page = _page(port, "metrics")
            longest = metric(page, "leadscorer_restore_seconds_sum") / PARTITIONS
            after_mb, peak_mb = process.memory_mb(), process.memory_mb("VmHWM")
            cpu = process.cpu_seconds()
            loads = _spread(options.events // 10, options.many, number)
            await ground.produce(loads)
            await drain(ground, process, subject.group, [ground.prefix + INPUTS[2]], warm=0.01)
            figures.append({
                "restore_s": round(longest, 2),
                "start_to_ready_s": round(ready_s, 2),
                "cpu_s": round(cpu, 2),
                "state_bytes": round(sum(len(s.value or b"") for s in states) / len(states)),
                "leads": options.many,
                "rss_after_restore_mb": round(after_mb),
                "peak_rss_of_restore_mb": round(peak_mb),
                "rss_after_events_mb": round(process.memory_mb()),
                "peak_rss_mb": round(process.memory_mb("VmHWM")),
            })  # fmt: skip
    return median_of(figures, by="restore_s")


def _spread(count: int, leads: int, run: int) -> list[Load]:
    """Behaviours of leads that are known, evenly over all of them."""
    loads = []
    start_us = time.time_ns() // 1000 - 1_000_000
    for number in range(count):
        lead = f"lead-{number * 7919 % leads:08d}"
        body = Behaviour(BEHAVIOURS[number % len(BEHAVIOURS)], f"page-{number}")
        message = compose(
            LeadEvent(lead, start_us + number, "/crm/web", f"{run:04x}s{number:08x}", body)
        )
        loads.append(Load(message.topic, message.key or b"", message.value or b"", 0))
    return loads


async def b9(ground: Ground, options: Options) -> dict[str, Any]:
    """What an event costs as the leads grow a hundredfold, all of them known before."""
    out: dict[str, Any] = {}
    states = stories(time.time_ns() // 1000)
    for leads in (options.many // 100, options.many // 10, options.many):
        figures = []
        for number in range(options.repeat):
            app = f"b9-{leads}-{number}"
            place = Ground(ground.broker, f"{ground.prefix}{app}.", ground.directory)
            await fill(place, app, leads, states)
            port = free_ports(1)[0]
            subject = await subjects.product(place, app, "default", INPUTS, port=port)
            with Process(subject.command, subject.env, ground.directory / f"{app}.log") as process:
                await _ready(port)
                await _settled(process)
            await place.produce(_spread(options.events // 4, leads, number))
            with Process(subject.command, subject.env, ground.directory / f"{app}.log") as process:
                cost = await drain(place, process, subject.group, subject.inputs)
            figures.append(cost.figures())
        out[f"{leads} leads"] = median_of(figures, by="cpu_us_per_event")
    first, *_, last = (each["cpu_us_per_event"] for each in out.values())
    return {**out, "growth": round(last / first, 2)}


async def b6(ground: Ground, options: Options) -> dict[str, Any]:
    """Crossings that all come due in the same second: in the engine, and committed; deadlines: in the engine."""
    leads = options.leads
    engine = _engine_b6(driver(), _due_at(START_US + 10**15), min(leads, 20_000))
    deadlines = _engine_b6(_pool(), _returned_at(), min(leads, 20_000))
    ahead_s = 25 + leads / 4_000  # to write the changelog, to start, to restore
    due_us = (time.time_ns() // 1_000_000_000 + int(ahead_s)) * 1_000_000
    await fill(ground, "b6", leads, [_due_at(due_us)])
    port = free_ports(1)[0]
    subject = await subjects.product(ground, "b6", "default", INPUTS, port=port)
    with Process(subject.command, subject.env, ground.directory / "b6.log") as process:
        await _ready(port)
        left = due_us / 1e6 - time.time() - 0.5
        if left < 0:
            raise RuntimeError("the leads came due before the worker was ready: fewer --leads")
        await asyncio.sleep(left)
        cpu = process.cpu_seconds()
        last, last_cpu = await _last_committed(ground, ground.settings("b6").topic(TIERS), process)
        done, spent = last - due_us / 1e6, last_cpu - cpu
        said = metric(
            await asyncio.to_thread(_page, port, "metrics"), "leadscorer_tier_changes_total"
        )
        if said != leads:
            raise RuntimeError(f"{said:.0f} of {leads} crossings when nothing more was committed")
    return {
        "committed_after_s": round(done, 2),
        "engine_cpu_us_per_crossing": engine,
        "engine_cpu_us_per_deadline": deadlines,
        "worker_cpu_us_per_crossing": round(spent / leads * 1e6, 1),
        "crossings": leads,
        "topic": TIERS,
    }


async def _last_committed(ground: Ground, topic: str, process: Process) -> tuple[float, float]:
    """When the last transaction on a topic was committed, and the CPU seconds of the process then.

    From outside, by the ends that `read_committed` consumers see; that nothing more comes shows after
    two seconds. The worker's own metrics, read five times a second, take 7 % of its time.
    """
    tps = [TopicPartition(topic, p) for p in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.servers, isolation_level="read_committed")
    await consumer.start()
    try:
        ends, last, cpu = await consumer.end_offsets(tps), 0.0, 0.0
        deadline = time.time() + 120
        while time.time() < deadline:
            await asyncio.sleep(0.05)
            now, seen = time.time(), await consumer.end_offsets(tps)
            if seen != ends:
                ends, last, cpu = seen, now, process.cpu_seconds()
            elif last and now - last > 2:
                return last, cpu
    finally:
        await consumer.stop()
    raise TimeoutError(f"{topic} did not come to rest in two minutes")


def _due_at(due_us: int) -> StateWrite:
    """The state of a warm lead that turns cold at an instant."""
    base = START_US
    for _ in range(2):  # once to learn how long it takes, once to arrive
        engine = driver()
        feed(engine, [
            LeadEvent("lead", base, "/crm/web", "a", Created("web", _FAIR)),
            LeadEvent("lead", base + 1_000_000, "/crm/web", "b", Behaviour("demo_requested")),
        ])  # fmt: skip
        base += due_us - engine.store.due[b"lead"]
    (value,), (due,) = engine.store.states.values(), engine.store.due.values()
    if abs(due - due_us) > 1_000_000:
        raise RuntimeError(f"due {due}, wanted {due_us}")
    return StateWrite(value, due)


def _pool() -> MemoryDriver:
    return MemoryDriver(
        pool_factory(load_model("default"), app="bench", version="0", partitions=1)(0)
    )


def _returned_at() -> StateWrite:
    """The state of a lead whose owner did nothing, reminded already; it goes back to the pool next."""
    engine = _pool()
    feed(engine, [
        LeadEvent("lead", START_US, "/crm/web", "a", Created("web")),
        LeadEvent("lead", START_US + 1_000_000, "/crm/web", "b", Ownership(OwnershipChange.CLAIMED, "ann")),
    ])  # fmt: skip
    while True:
        before, due_us = dict(engine.store.states), engine.store.due[b"lead"]
        if any(b"returned_to_pool" in (said.value or b"") for said in engine.advance(due_us)):
            return StateWrite(before[b"lead"], due_us)


def _engine_b6(engine: MemoryDriver, state: StateWrite, leads: int) -> float:
    assert state.value is not None
    assert state.due_us is not None
    spare_the_collector()  # as a worker does
    keys = [b"lead-%08d" % number for number in range(leads)]
    engine.store.states = dict.fromkeys(keys, state.value)
    spent = 0.0
    for begin in range(0, leads, 2_000):
        engine.store.due = dict.fromkeys(keys[begin : begin + 2_000], state.due_us)
        started = time.process_time()
        engine.stage.tick(state.due_us, engine.store, 2_000)
        spent += time.process_time() - started
    return round(spent / leads * 1e6, 1)


async def b10(ground: Ground, options: Options) -> dict[str, Any]:
    """A worker with nothing to do."""
    await fill(ground, "b10", 10_000, stories(time.time_ns() // 1000))
    port = free_ports(1)[0]
    subject = await subjects.product(ground, "b10", "default", INPUTS, port=port)
    with Process(subject.command, subject.env, ground.directory / "b10.log") as process:
        await _ready(port)
        await asyncio.sleep(3)
        name = "leadscorer_transaction_seconds_count"
        before = metric(_page(port, "metrics"), name)
        cpu, began = process.cpu_seconds(), time.monotonic()
        await asyncio.sleep(options.seconds)
        spent, seconds = process.cpu_seconds() - cpu, time.monotonic() - began
        transactions = metric(_page(port, "metrics"), name) - before
    return {"core_percent": round(spent / seconds * 100, 2), "transactions": int(transactions)}
