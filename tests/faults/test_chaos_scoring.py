"""The product through kills and freezes, on real Kafka, judged by its referee (X1, X8, X13)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from statistics import median

import orjson
import pytest

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from tests.fixtures.evidence import Evidence, Judged, sized
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import judge_product, until_folded
from tests.fixtures.kafka import OnBroker
from tests.fixtures.torment import Done, end, torment
from tests.fixtures.workers import committed, scoring_worker

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow]

EVENTS = sized(6_000, 20_000)
PER_SECOND = sized(400, 250)  # longer, so that there is time for twenty kills


@pytest.mark.parametrize("freeze", [True, pytest.param(False, marks=pytest.mark.long)])
async def test_every_score_once_and_every_lead_right_through_kills_and_freezes(
    real_kafka: Broker,
    on: OnBroker,
    tmp_path: Path,
    rng: random.Random,
    evidence: Evidence,
    freeze: bool,
) -> None:
    """Leads cool down within seconds; garbage, doubles and late events are mixed in."""
    settings = on(real_kafka.bootstrap_servers, model=HASTY)
    await admin.apply(settings, ["scoring"])
    workers = [scoring_worker(settings, tmp_path / f"{name}.log", name) for name in ("one", "two")]
    floor = Floor(settings, rng, EVENTS, PER_SECOND)
    try:
        for worker in workers:
            worker.start()
        publishing = asyncio.create_task(floor.publish())
        done = await torment(workers, publishing, rng, freeze=freeze)
        await until_folded(settings)
        judged, verdict = await judge_product(settings)
    finally:
        end(workers)
    if freeze:
        evidence.add("X8", "SIGSTOP for 7 to 9 s, then SIGCONT", judged, times=done.freezes)
    _tell_kills(evidence, done, judged, freeze=freeze)

    assert done.kills, f"too little was proven: {done}"
    assert bool(done.freezes) is freeze, f"too little was proven: {done}"
    assert verdict.examples == []
    assert judged.right
    assert verdict.lag == 0
    assert verdict.dead_letters == floor.bad > 0
    assert not verdict.unjudged
    await _each_once(settings, floor)


def _tell_kills(evidence: Evidence, done: Done, judged: Judged, *, freeze: bool) -> None:
    """The pass line is about kills; a peer that is frozen meanwhile is a second fault at a time."""
    back = done.recoveries_s()
    slowest, usual = (max(back), f"{median(back):.1f} s (median)") if back else (None, "never")
    also = f", {slowest:.1f} s at the most" if freeze and slowest is not None else ""
    evidence.add(
        "X1",
        f"kill -9 of one of two workers, at random{', others frozen meanwhile' if freeze else ''}",
        judged,
        times=len(done.kills),
        recovery_s=None if freeze else slowest,
        note=f"restarted at once under its static name: back in {usual}{also}",
    )


async def _each_once(settings: Settings, floor: Floor) -> None:
    """What a subscriber counts, without any referee; and time had its say."""
    causes: Counter[str] = Counter()
    for topic in ("leads.scores.v1", "leads.tiers.v1"):
        said = [orjson.loads(r.value) for r in await committed(settings, topic)]
        ids = Counter((one["source"], one["id"]) for one in said)
        assert [name for name, times in ids.items() if times > 1] == []
        causes.update(one["data"]["cause"]["kind"] for one in said)
    assert causes["evidence"] > EVENTS / 2
    assert causes["decay"] + causes["silence"] > floor.leads / 4
