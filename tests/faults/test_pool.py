"""The pool stage through kills, downtime and owners who leave, on real Kafka (F4, F13, F22, X1, X15).

LEADSCORER_TEST_DEADLINES=10000 is the long form: 10,000 deadlines armed over a minute.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from scorer.contracts.compose import compose
from scorer.contracts.instants import to_us
from scorer.contracts.published_pool import (
    PoolEvent,
    ReturnedEvent,
    VoidedEvent,
    read_pool_output,
)
from scorer.domain.events import (
    Body,
    Created,
    LeadEvent,
    OwnerLeft,
    Ownership,
    OwnershipChange,
    Touch,
)
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import Worker, committed, publish, until_seen

pytestmark = [pytest.mark.real_kafka, pytest.mark.slow]

MODEL = Path(__file__).parents[1] / "fixtures/hasty_follow_up.yaml"
DEADLINES = int(os.environ.get("LEADSCORER_TEST_DEADLINES", "900"))
OVER_S = 60 if DEADLINES >= 10_000 else 8
LIMIT_US = 6_000_000
POOL = "leads.pool.v1"


def pool_worker(settings: Settings, log: Path, name: str = "one") -> Worker:
    """A worker with the product's pool stage."""
    return Worker(settings, ["topologies.worker", "pool"], log, LEADSCORER_INSTANCE_ID=name)


def now_us() -> int:
    return time.time_ns() // 1_000


def written(lead: str, time_us: int, id: str, body: Body) -> tuple[str, bytes, bytes]:
    """An event as `publish` takes it."""
    message = compose(LeadEvent(lead, time_us, "/crm", id, body))
    assert message.key is not None
    assert message.value is not None
    return message.topic, message.key, message.value


def claimed(lead: str, time_us: int, owner: str = "ann") -> Iterable[tuple[str, bytes, bytes]]:
    yield written(lead, time_us - 1, f"{lead}-created", Created("web"))
    yield written(lead, time_us, f"{lead}-claimed", Ownership(OwnershipChange.CLAIMED, owner))


async def said(settings: Settings) -> list[tuple[PoolEvent, int]]:
    """Everything that the pool said, with the broker's time (µs)."""
    records = await committed(settings, POOL)
    return [(read_pool_output(r.value), r.timestamp * 1000) for r in records]


async def test_every_deadline_fires_once_and_at_its_instant_while_workers_are_killed(
    real_kafka: Broker, on: OnBroker, tmp_path: Path
) -> None:
    """F4: two workers, one killed twice; every third lead is touched and stays."""
    settings = on(real_kafka.bootstrap_servers, model=str(MODEL))
    await admin.apply(settings, ["pool"])
    claims: dict[str, int] = {}
    with (
        pool_worker(settings, tmp_path / "one.log", "one") as one,
        pool_worker(settings, tmp_path / "two.log", "two"),
    ):
        pace = OVER_S / DEADLINES * 3 / 7  # 7 records for 3 leads
        publishing = asyncio.create_task(
            publish(settings, _claims(claims), lambda n: 0 if n % 10 else 10 * pace)
        )
        for _ in range(2):
            await asyncio.sleep(OVER_S / 2)
            one.send(SIGKILL)
            one.wait()
            one.start()
        await publishing
        left = {lead for number, lead in enumerate(claims) if number % 3}
        await until_seen(settings, POOL, len(claims) + len(left), seconds=120)

    outputs = await said(settings)
    ids = Counter(event.id for event, _ in outputs)
    returns = [(event, at) for event, at in outputs if isinstance(event, ReturnedEvent)]
    late = sorted((at - to_us(event.time)) / 1e6 for event, at in returns)
    print(f"lateness p50 {late[len(late) // 2]:.2f} s, p99 {late[len(late) * 99 // 100]:.2f} s")
    assert max(ids.values()) == 1
    assert {e.subject: to_us(e.time) - LIMIT_US for e, _ in returns} == {
        lead: claims[lead] for lead in left
    }
    assert not any(isinstance(event, VoidedEvent) for event, _ in outputs)


def _claims(claims: dict[str, int]) -> Iterator[tuple[str, bytes, bytes]]:
    """Claims that happen as they are asked for; every third lead is touched soon after."""
    for number in range(DEADLINES):
        lead = f"lead-{number}"
        claims[lead] = now_us()
        yield from claimed(lead, claims[lead])
        if number % 3 == 0:
            yield written(lead, claims[lead] + 500_000, f"{lead}-touched", Touch("call"))


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
