"""The lanes alone through kills and freezes, with a stage that anybody can compute (X1, X8).

The same with the product's stage: test_chaos_scoring.py.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import orjson
import pytest

from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from tests.fixtures import toy
from tests.fixtures.evidence import Evidence, Judged, sized
from tests.fixtures.judging import judge_toy
from tests.fixtures.kafka import OnBroker
from tests.fixtures.torment import end, torment
from tests.fixtures.workers import committed, publish, toy_worker, until_seen

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow, pytest.mark.long]

EVENTS = sized(4_000, 20_000)
LEADS = 400
PER_SECOND = sized(400, 250)


async def test_every_output_once_and_every_state_right_through_kills_and_freezes(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, rng: random.Random, evidence: Evidence
) -> None:
    """Two workers are killed and frozen at random; the reader misses nothing and sees nothing twice."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["toy"])
    events = [
        (rng.choice(toy.INPUTS), b"lead-%d" % rng.randrange(LEADS), b"event-%d" % number)
        for number in range(EVENTS)
    ]
    workers = [toy_worker(settings, tmp_path / f"{name}.log", name) for name in ("one", "two")]
    try:
        for worker in workers:
            worker.start()
        publishing = asyncio.create_task(publish(settings, events, _steady))
        done = await torment(workers, publishing, rng)
        await until_seen(settings, toy.OUTPUT, EVENTS, seconds=90)
    finally:
        end(workers)
    judged = await judge_toy(settings, events)
    evidence.add("X1", "kill -9 of one of two workers, lanes alone", judged, times=len(done.kills))
    evidence.add(
        "X8", "SIGSTOP for 7 to 9 s, then SIGCONT, lanes alone", judged, times=done.freezes
    )
    assert judged == Judged(EVENTS)
    reminders = Counter(
        orjson.loads(record.value)["id"] for record in await committed(settings, toy.REMINDERS)
    )
    assert [reminder for reminder, times in reminders.items() if times > 1] == []


def _steady(count: int) -> float:
    return 0.05 if count % (PER_SECOND // 20) == 0 else 0.0
