"""`lead-scorer verify` on brokers: a right installation, a tampered one, and workers that are killed."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from scorer.cli.exits import Exit
from scorer.cli.main import app
from scorer.cli.verifying import verify
from scorer.contracts.compose import compose
from scorer.engine.scoring import SCORES
from scorer.settings import Settings, environment
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.brokers.real import Broker
from scorer.verify.referee import Limits
from scorer.verify.verdict import Verdict
from tests.bench.load import events
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, committed, publish

JUDGED = Limits(grace_s=5)


def busy_floor(count: int, leads: int, seed: int) -> list[tuple[str, bytes, bytes]]:
    """Half a day on a sales floor that ends now, and a bad record now and then."""
    shift_us = None
    out = []
    for number, event in enumerate(events(count, leads, seed, days=0.5)):
        shift_us = shift_us or time.time_ns() // 1000 - int(0.5 * 86_400e6) - event.time_us
        message = compose(event._replace(time_us=event.time_us + shift_us))
        out.append((message.topic, message.key or b"", message.value or b""))
        if number % 100 == 50:
            out.append((message.topic, b"lead-00000000", b'{"id": "%d"' % number))
    return out


def scoring_worker(settings: Settings, log: Path, name: str = "one") -> Worker:
    module = ["topologies.worker", "scoring"]
    return Worker(settings, module, log, LEADSCORER_INSTANCE_ID=name)


async def until_folded(settings: Settings, seconds: float = 60) -> Verdict:
    """The verdict when nothing waits for a worker any more."""
    deadline = time.monotonic() + seconds
    while True:
        verdict = await verify(settings, time.time_ns() // 1000, JUDGED)
        if verdict.lag == 0 and verdict.records:
            return verdict
        assert time.monotonic() < deadline, f"{verdict.lag} records still wait"
        await asyncio.sleep(0.5)


async def test_a_right_installation_is_called_right_and_a_tampered_one_is_not(
    embedded_broker: EmbeddedBroker, on: OnBroker, tmp_path: Path, seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings = on(embedded_broker.bootstrap_servers)
    await admin.apply(settings)
    await publish(settings, busy_floor(1500, 100, seed))
    with scoring_worker(settings, tmp_path / "worker.log") as worker:
        verdict = await until_folded(settings)
        worker.stop()
    assert verdict.examples == []
    assert (verdict.records, verdict.dead_letters) == (1515, 15)
    outputs = await committed(settings, SCORES)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    twice = outputs[0]
    where = {"key": twice.key, "partition": twice.partition}
    await producer.send_and_wait(twice.topic, twice.value, **where)
    await producer.stop()
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    said = await asyncio.to_thread(CliRunner().invoke, app, ["verify", "--json"])
    assert said.exit_code == Exit.PROBLEMS
    page = json.loads(said.stdout)
    assert page["scoring"]["faults"]["doubled"] == {"output": 1}
    assert page["pool"]["right"]
    assert page["scoring"]["examples"][0]["id"] == json.loads(twice.value)["id"]
    shared = await asyncio.to_thread(CliRunner().invoke, app, ["verify", "--json", "--jobs", "2"])
    assert json.loads(shared.stdout) == page
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["verify", "--until", "1h"])
    assert (shown.exit_code, "scoring is right: everything" in shown.stdout) == (Exit.OK, True)


@pytest.mark.real_kafka
@pytest.mark.slow
async def test_scores_are_exact_through_kills_of_two_workers(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, rng: random.Random
) -> None:
    """The scoring stage itself, killed at random, judged by the referee: nothing lost, nothing twice."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings)
    records = busy_floor(6000, 300, rng.randrange(1 << 30))
    workers = [scoring_worker(settings, tmp_path / f"{name}.log", name) for name in ("one", "two")]
    try:
        for worker in workers:
            worker.start()
        publishing = asyncio.create_task(
            publish(settings, records, lambda n: 0.05 if n % 20 == 0 else 0.0)
        )
        while not publishing.done():
            await asyncio.sleep(rng.uniform(0.5, 2.5))
            worker = rng.choice(workers)
            worker.send(signal.SIGKILL)
            worker.wait()
            worker.start()
        await publishing
        verdict = await until_folded(settings, seconds=90)
    finally:
        for worker in workers:
            worker.send(signal.SIGKILL)
            worker.wait()
    assert verdict.examples == []
    assert verdict.records == len(records)
    assert verdict.dead_letters == 60
