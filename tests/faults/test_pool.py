"""The pool stage through kills, downtime and owners who leave, on real Kafka (F4, F13, F22, X1, X15).

LEADSCORER_TEST_DEADLINES=10000 is the long form: 10,000 deadlines armed over a minute.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from signal import SIGKILL

import pytest

from scorer.cli.verifying import verify
from scorer.contracts.instants import to_us
from scorer.contracts.published_pool import ReturnedEvent, VoidedEvent
from scorer.domain.events import OwnerLeft, Ownership, OwnershipChange, Touch
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from scorer.verify.referee import Limits
from tests.fixtures.deadlines import (
    LIMIT_US,
    MODEL,
    POOL,
    claimed,
    now_us,
    pool_worker,
    run,
    said,
    written,
)
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import publish, until_seen

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow]

DEADLINES = int(os.environ.get("LEADSCORER_TEST_DEADLINES", "900"))
OVER_S = 60 if DEADLINES >= 10_000 else 8


async def test_every_deadline_fires_once_and_at_its_instant_while_workers_are_killed(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """F4: two workers, one killed twice; every third lead is touched and stays."""
    settings = on(real_kafka.bootstrap_servers, model=str(MODEL))
    await admin.apply(settings, ["pool"])

    ran = await run(settings, tmp_path, DEADLINES, OVER_S, kills=2)

    print(f"{ran.lateness}; from a kill to each step: {ran.came_back_s}")
    assert max(Counter(event.id for event, _ in ran.outputs).values()) == 1
    assert {e.subject: to_us(e.time) - LIMIT_US for e, _ in ran.returns} == {
        lead: ran.claims[lead] for lead in ran.left
    }
    assert not any(isinstance(event, VoidedEvent) for event, _ in ran.outputs)
    verdict = await verify(settings, now_us(), Limits(grace_s=5), stage="pool")
    assert verdict.examples == []
    assert (verdict.leads, verdict.outputs) == (DEADLINES, len(ran.outputs))


async def test_a_worker_that_was_down_returns_only_what_nobody_touched(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """X15: the touches lie in the backlog, on another topic position than the claims."""
    settings = on(real_kafka.bootstrap_servers, model=str(MODEL))
    await admin.apply(settings, ["pool"])
    start = now_us() - 60_000_000
    leads = [f"lead-{number}" for number in range(200)]
    await publish(settings, (r for lead in leads for r in claimed(lead, start)))
    with pool_worker(settings, tmp_path / "pool.log") as worker:
        await until_seen(settings, POOL, 400)  # a reminder and a return each
        assert worker.stop() == 0
    again = now_us() - 30_000_000
    await publish(
        settings,
        (
            written(lead, again, f"{lead}-again", Ownership(OwnershipChange.CLAIMED, "bob"))
            for lead in leads
        ),
    )
    touched = leads[::2]
    await publish(
        settings,
        (written(lead, again + 1_000_000, f"{lead}-t", Touch("call")) for lead in touched),
    )
    with pool_worker(settings, tmp_path / "pool.log") as worker:
        await until_seen(settings, POOL, 400 + 100 + 2 * 100)
        assert worker.stop() == 0

    outputs = await said(settings)
    returned = Counter(
        (event.subject, event.data.previous_owner, to_us(event.time))
        for event, _ in outputs
        if isinstance(event, ReturnedEvent)
    )
    assert returned == {
        **{(lead, "ann", start + LIMIT_US): 1 for lead in leads},
        **{(lead, "bob", again + LIMIT_US): 1 for lead in leads if lead not in touched},
    }
    assert not any(isinstance(event, VoidedEvent) for event, _ in outputs)


async def test_a_late_touch_voids_a_return_and_a_claim_keeps_it(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """F13: through the wire."""
    settings = on(real_kafka.bootstrap_servers, model=str(MODEL))
    await admin.apply(settings, ["pool"])
    start = now_us() - 20_000_000
    with pool_worker(settings, tmp_path / "pool.log") as worker:
        await publish(settings, (*claimed("free", start), *claimed("taken", start)))
        await until_seen(settings, POOL, 4)
        claim = Ownership(OwnershipChange.CLAIMED, "bob")
        await publish(settings, [written("taken", start + 10_000_000, "claim", claim)])
        await publish(
            settings,
            [
                written("free", start + 2_000_000, "t1", Touch("call")),
                written("taken", start + 2_000_000, "t2", Touch("call")),
            ],
        )
        await until_seen(settings, POOL, 4 + 2 + 2 + 1)
        assert worker.stop() == 0

    voided = [event for event, _ in await said(settings) if isinstance(event, VoidedEvent)]
    assert [(event.subject, event.data.owner) for event in voided] == [("free", "ann")]


async def test_one_event_takes_all_leads_of_an_owner_from_every_partition(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """F22: 200 leads on four partitions and two workers, one of which is killed meanwhile."""
    model = tmp_path / "calm.yaml"
    model.write_text(MODEL.read_text().replace("6s", "1h").replace("2s", "1h"))
    settings = on(real_kafka.bootstrap_servers, model=str(model))
    await admin.apply(settings, ["pool"])
    now = now_us()
    owners = {f"lead-{number}": ("ann", "bob")[number % 2] for number in range(200)}
    with (
        pool_worker(settings, tmp_path / "one.log", "one") as one,
        pool_worker(settings, tmp_path / "two.log", "two"),
    ):
        await publish(
            settings, (r for lead, who in owners.items() for r in claimed(lead, now, who))
        )
        await publish(settings, [written("ann", now + 1, "left", OwnerLeft())])
        one.send(SIGKILL)
        one.wait()
        one.start()
        await until_seen(settings, POOL, 100, seconds=60)
        await publish(settings, claimed("late", now + 2))  # it is hers for a µs
        await until_seen(settings, POOL, 101, seconds=60)

    returned = Counter(
        event.subject for event, _ in await said(settings) if isinstance(event, ReturnedEvent)
    )
    expected = [lead for lead, who in owners.items() if who == "ann"]
    assert returned == dict.fromkeys([*expected, "late"], 1)
