"""Topics: created as the cards say, and a worker refuses to start on anything else (X12)."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.admin import NewTopic

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.exits import BrokerUnreachable, ExitCode, NotReady
from scorer.transport.topics import DifferenceKind, wanted
from tests.fixtures.kafka import OnBroker

INPUT = "leads.created.v1"


@pytest.fixture
def settings(embedded_broker: EmbeddedBroker, on: OnBroker) -> Settings:
    return on(embedded_broker.bootstrap_servers)


async def create(settings: Settings, **changes: Any) -> None:
    """Create the input as it must be, but for some changes."""
    topic = next(t for t in wanted(settings) if t.name == settings.topic(INPUT))
    shape = {"num_partitions": topic.partitions, "topic_configs": dict(topic.configs), **changes}
    async with admin.admin(settings) as client:
        await client.create_topics([NewTopic(topic.name, replication_factor=1, **shape)])


async def test_applying_twice_changes_nothing(settings: Settings) -> None:
    """The first time every topic is created, the second time there is nothing to do."""
    created = await admin.apply(settings)
    assert {one.topic for one in created} == {topic.name for topic in wanted(settings)}
    assert (await admin.apply(settings), await admin.diff(settings)) == ([], [])


async def test_a_configuration_that_differs_is_set_and_others_are_kept(settings: Settings) -> None:
    """What an operator set beside the card survives."""
    configs = {"retention.ms": "1000", "max.message.bytes": "2000000", "segment.ms": "777000"}
    await create(settings, topic_configs=configs)
    changed = {one.config for one in await admin.apply(settings) if one.config}
    assert {"retention.ms", "max.message.bytes"} <= changed
    async with admin.admin(settings) as client:
        name = settings.topic(INPUT)
        topic = (await admin.found(client, [name]))[name]
    assert topic.configs["segment.ms"] == "777000"


async def test_a_complete_set_of_topics_passes_the_check(settings: Settings) -> None:
    """The number of partitions is what the worker goes on with."""
    await admin.apply(settings)
    assert await admin.check(settings, "scoring", [INPUT, "leads.scores.v1"]) == 4


async def test_a_missing_topic_is_named_with_the_command_that_creates_it(
    settings: Settings,
) -> None:
    """Nothing is created behind the operator's back."""
    with pytest.raises(NotReady, match="does not exist") as refused:
        await admin.check(settings, "scoring", [INPUT])
    assert settings.topic(INPUT) in str(refused.value)
    assert "lead-scorer topics apply" in str(refused.value)


async def test_a_wrong_cleanup_policy_is_refused(settings: Settings) -> None:
    """A compacted input would forget evidence; `topics apply` mends it."""
    await create(settings, topic_configs={"cleanup.policy": "compact"})
    await admin.apply(settings)
    assert await admin.check(settings, "scoring", [INPUT]) == 4
    await create_other_policy(settings)
    with pytest.raises(NotReady, match=r"cleanup\.policy is delete, must be compact"):
        await admin.check(settings, "scoring", [INPUT])


async def create_other_policy(settings: Settings) -> None:
    """Replace the changelog by one that deletes."""
    name = settings.changelog("scoring")
    async with admin.admin(settings) as client:
        await client.delete_topics([name])
        await client.create_topics(
            [NewTopic(name, 4, 1, topic_configs={"cleanup.policy": "delete"})]
        )


async def test_a_wrong_partition_count_is_refused_and_not_mended(settings: Settings) -> None:
    """More partitions would take leads away from their states: a person decides."""
    await create(settings, num_partitions=3)
    difference = [one for one in await admin.diff(settings) if one.topic == settings.topic(INPUT)]
    assert [one.kind for one in difference] == [DifferenceKind.PARTITIONS]
    with pytest.raises(NotReady, match="partitions is 3, must be 4"):
        await admin.apply(settings)
    with pytest.raises(NotReady, match="LEADSCORER_TOPICS__PARTITIONS=3"):
        await admin.check(settings, "scoring", [INPUT])


async def test_simulated_time_needs_the_publishers_stamps(
    embedded_broker: EmbeddedBroker, on: OnBroker
) -> None:
    """A demo's records carry simulated time, and are never too old to be kept."""
    settings = on(embedded_broker.bootstrap_servers, clock={"origin_us": 1, "started_us": 1})
    topic = next(t for t in wanted(settings) if t.name == settings.topic(INPUT))
    assert topic.configs["message.timestamp.type"] == "CreateTime"
    assert topic.configs["retention.ms"] == "-1"


async def test_a_broker_that_is_not_there_is_an_error_with_a_remedy(on: OnBroker) -> None:
    """The address is in the message."""
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1") as failed:
        await admin.diff(on("127.0.0.1:1"))
    assert failed.value.code is ExitCode.BROKER
