"""Reading the log from outside, beside its workers."""

from __future__ import annotations

import asyncio

import pytest

from scorer.contracts.compose import compose
from scorer.domain.events import Created, LeadEvent
from scorer.transport import admin
from scorer.transport.audit import Audit
from scorer.transport.brokers.real import Broker
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import publish

CREATED, OUTCOMES = "leads.created.v1", "leads.outcomes.v1"


@pytest.mark.real_kafka
async def test_an_audit_ends_also_when_nothing_is_in_what_it_read_last(
    real_kafka: Broker, on: OnBroker
) -> None:
    """aiokafka's consumer does not hear that it shall stop while it changes partitions."""
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["scoring"])
    message = compose(LeadEvent("a", 1_760_000_000_000_000, "/t", "a", Created("web", {})))
    await publish(settings, [(CREATED, message.key or b"", message.value or b"")])
    async with asyncio.timeout(20) as limit:
        async with Audit(settings, "scoring") as audit:
            for partition in range(4):
                end = await audit.end(CREATED, partition)
                read = [record async for record in audit.read(CREATED, partition, 0, end)]
                assert len(read) == end
                await asyncio.sleep(0.05)  # it asks for more by now
                assert [record async for record in audit.read(OUTCOMES, partition, 0, 0)] == []
    assert not limit.expired()  # the consumer swallows what would say so
