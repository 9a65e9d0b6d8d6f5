"""The product through kills and freezes, on real Kafka, judged by its referee (X1, X8, X13).

LEADSCORER_TEST_CHAOS_EVENTS=20000 is the long form: a minute of torment.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from scorer.cli.verifying import verify
from scorer.contracts.compose import compose
from scorer.contracts.records import Message
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.audit import Audit
from scorer.transport.brokers.real import Broker
from scorer.verify.referee import Limits
from scorer.verify.verdict import Verdict
from tests.bench import load
from tests.fixtures.kafka import OnBroker
from tests.fixtures.torment import end, torment
from tests.fixtures.workers import committed, scoring_worker

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow]

EVENTS = int(os.environ.get("LEADSCORER_TEST_CHAOS_EVENTS", "6000"))
PER_SECOND = 400
READ_S = 5  # in which the referee has asked where everything stands
LEADS = EVENTS // 20
INPUTS = ("leads.created.v1", "leads.attributes.v1", "leads.behaviours.v1")
GARBAGE = (b"{", b"[]", b"\xff\xfe", b'{"specversion":"1.0"}')


async def test_every_score_once_and_every_lead_right_through_kills_and_freezes(
    real_kafka: Broker, on: OnBroker, tmp_path: Path, rng: random.Random
) -> None:
    """Leads cool down within seconds; garbage, doubles and late events are mixed in."""
    settings = on(
        real_kafka.bootstrap_servers, model=str(Path(__file__).parents[1] / "fixtures/hasty.yaml")
    )
    await admin.apply(settings, ["scoring"])
    workers = [scoring_worker(settings, tmp_path / f"{name}.log", name) for name in ("one", "two")]
    bad: list[int] = []
    try:
        for worker in workers:
            worker.start()
        publishing = asyncio.create_task(_publish(settings, rng, bad))
        done = await torment(workers, publishing, rng)
        await _until_folded(settings)
        verdict = await _judge(settings)
    finally:
        end(workers)

    assert done["kill"] > 0, f"too little was proven: {done}"
    assert done["freeze"] > 0, f"too little was proven: {done}"
    assert verdict.examples == []
    assert verdict.right
    assert verdict.lag == 0
    assert verdict.dead_letters == len(bad) > 0
    assert not verdict.unjudged
    await _each_once(settings)


async def _judge(settings: Settings) -> Verdict:
    """The referee reads while the workers go on: what they say in these seconds may be there."""
    ends_us = time.time_ns() // 1_000 + READ_S * 1_000_000
    # One clock for all, and no publisher with transactions: nothing blurs what came first.
    return await verify(settings, ends_us, Limits(grace_s=2 * READ_S, slack_s=0.05))


async def _each_once(settings: Settings) -> None:
    """What a subscriber counts, without any referee; and time had its say."""
    causes: Counter[str] = Counter()
    for topic in ("leads.scores.v1", "leads.tiers.v1"):
        said = [orjson.loads(r.value) for r in await committed(settings, topic)]
        ids = Counter((one["source"], one["id"]) for one in said)
        assert [name for name, times in ids.items() if times > 1] == []
        causes.update(one["data"]["cause"]["kind"] for one in said)
    assert causes["evidence"] > EVENTS / 2
    assert causes["decay"] + causes["silence"] > LEADS / 4


async def _publish(settings: Settings, rng: random.Random, bad: list[int]) -> None:
    """At a steady pace; what is no event is counted in `bad`."""
    servers = settings.kafka.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, linger_ms=2) as producer:
        for number, message in zip(count(1), _messages(rng, bad), strict=False):
            await producer.send(settings.topic(message.topic), message.value, key=message.key)
            if number % (PER_SECOND // 20) == 0:
                await asyncio.sleep(0.05)


def _messages(rng: random.Random, bad: list[int]) -> Iterator[Message]:
    """The events of the benchmark happening now, some twice, some late, and some garbage."""
    before: list[Message] = []
    for number, event in enumerate(load.events(EVENTS, LEADS, seed=rng.randrange(1_000))):
        late_us = rng.randrange(1, 20_000_000) if rng.random() < 0.02 else 0
        message = compose(event._replace(time_us=time.time_ns() // 1_000 - late_us))
        yield message
        chance = rng.random()
        if chance < 0.01:
            bad.append(number)
            yield Message(rng.choice(INPUTS), message.key, rng.choice(GARBAGE))
        elif chance < 0.03 and before:
            yield rng.choice(before)
        before = [*before[-50:], message]


async def _until_folded(settings: Settings) -> None:
    """Until the workers have committed all inputs."""
    async with asyncio.timeout(90), Audit(settings, "scoring") as audit:
        while True:
            at = await audit.standing(INPUTS, ())
            if all(at.committed[place] >= at.ends[place] for place in at.committed):
                return
