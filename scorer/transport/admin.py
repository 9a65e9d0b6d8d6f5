"""Topics on the brokers: look, compare, create, check. Knows aiokafka's admin client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from scorer.settings import Settings
from scorer.transport.access import insist
from scorer.transport.acls import Grant, Role, worker_grants
from scorer.transport.connection import connection
from scorer.transport.exits import BrokerUnreachable, NotReady
from scorer.transport.refusal import refusal
from scorer.transport.topics import (
    STAGES,
    Difference,
    DifferenceKind,
    Topic,
    differences,
    wanted,
)

_DYNAMIC_TOPIC_CONFIG: Final = 1  # of DescribeConfigs: set on the topic itself
_SAFETY: Final = ("cleanup.policy",)  # what `run` insists on; the rest is advice of `diff`


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client; raises BrokerUnreachable, also for what fails inside the block."""
    client = AIOKafkaAdminClient(**connection(settings.kafka, f"{settings.app}-admin"))
    servers, what = settings.kafka.bootstrap_servers, "did not answer"
    try:
        await client.start()
        what = "refused"
        yield client
    except (KafkaError, OSError) as error:
        if what == "did not answer":
            raise await refusal(settings.kafka, error) from error
        raise BrokerUnreachable(f"the brokers at {servers} {what}: {error!r}") from error
    finally:
        await client.close()


async def found(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Topic]:
    """Those of the topics that exist, as they are."""
    asked = set(names)
    described = {
        topic["topic"]: topic["partitions"]
        for topic in await client.describe_topics()  # all: naming one might create it
        if topic["topic"] in asked and not topic["error_code"]
    }
    configs = await _configs(client, described)
    return {
        name: Topic(
            name,
            len(partitions),
            min((len(p["replicas"]) for p in partitions), default=0),
            {key: value for key, (value, _) in configs.get(name, {}).items()},
        )
        for name, partitions in described.items()
    }


async def insist_on(settings: Settings, needed: Iterable[Grant], role: Role) -> None:
    """Raise `NotReady` with the rights of a role that the brokers do not give us."""
    async with admin(settings) as client:
        await insist(client, settings, needed, role)


async def diff(settings: Settings, stages: Sequence[str] = STAGES) -> list[Difference]:
    """Every way in which the topics are not as the cards and the settings say."""
    async with admin(settings) as client:
        return await _diff(client, wanted(settings, stages))


async def apply(settings: Settings, stages: Sequence[str] = STAGES) -> list[Difference]:
    """Create what is missing and set what differs; returns what was done.

    Raises `NotReady`, before anything is changed, when something cannot be mended without losing
    or moving data.
    """
    topics = {topic.name: topic for topic in wanted(settings, stages)}
    async with admin(settings) as client:
        todo = await _diff(client, topics.values())
        _refuse([one for one in todo if not one.mendable])
        missing = [topics[d.topic] for d in todo if d.kind is DifferenceKind.MISSING]
        await _create(client, missing)
        changed = sorted({d.topic for d in todo if d.kind is DifferenceKind.CONFIG})
        await _configure(client, [topics[name] for name in changed])
        await _settle(client, topics.values())
    return todo


async def check(settings: Settings, stage: str, names: Iterable[str]) -> int:
    """What `run` needs before it starts; returns the number of partitions, or raises `NotReady`.

    `names` are the logical topics that the stage reads and writes; its changelog is added.
    """
    needed = {settings.topic(name) for name in names} | {settings.changelog(stage)}
    topics = [topic for topic in wanted(settings, [stage]) if topic.name in needed]
    async with admin(settings) as client:
        await insist(client, settings, worker_grants(settings, stage))
        real = await found(client, needed)
        _refuse(differences(topics, real, only=_SAFETY))
    return settings.topics.partitions


async def delete(settings: Settings, stages: Sequence[str] = STAGES) -> None:
    """Delete every topic of the installation: for tests and demos."""
    async with admin(settings) as client:
        there = await found(client, [topic.name for topic in wanted(settings, stages)])
        if there:
            await client.delete_topics(list(there))


async def cluster_id(client: AIOKafkaAdminClient) -> str:
    """The identity of the cluster; the local stores belong to one."""
    return str((await client.describe_cluster()).get("cluster_id"))


def _refuse(problems: list[Difference]) -> None:
    if problems:
        lines = "\n  ".join(str(problem) for problem in problems)
        raise NotReady(f"the topics are not as they must be:\n  {lines}\n ", "mend each as it says")


async def _diff(client: AIOKafkaAdminClient, topics: Iterable[Topic]) -> list[Difference]:
    topics = list(topics)
    return differences(topics, await found(client, [topic.name for topic in topics]))


async def _settle(client: AIOKafkaAdminClient, topics: Iterable[Topic]) -> None:
    """Wait until the brokers show what the controller accepted; KRaft takes some 10 ms."""
    for _ in range(100):
        left = await _diff(client, topics)
        if not left:
            return
        await asyncio.sleep(0.05)
    _refuse(left)


async def _configs(
    client: AIOKafkaAdminClient, names: Iterable[str]
) -> dict[str, dict[str, tuple[str, bool]]]:
    """Configurations by topic: name → (value, whether it was set on the topic itself)."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    out: dict[str, dict[str, tuple[str, bool]]] = {}
    for response in await client.describe_configs(resources) if resources else []:
        for code, message, _kind, name, entries in response.resources:
            if code:
                raise for_code(code)(f"configuration of {name}: {message}")
            out[name] = {e[0]: (e[1], _own(response, e)) for e in entries if e[1] is not None}
    return out


def _own(response: Any, entry: Sequence[Any]) -> bool:
    if response.API_VERSION == 0:  # (name, value, read_only, is_default, …)
        return not entry[3]
    return bool(entry[3] == _DYNAMIC_TOPIC_CONFIG)


async def _create(client: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    if not topics:
        return
    response = await client.create_topics(
        [
            NewTopic(t.name, t.partitions, t.replication, topic_configs=dict(t.configs))
            for t in topics
        ]
    )
    for name, code, *message in response.topic_errors:
        if code and code != TopicAlreadyExistsError.errno:
            raise NotReady(f"topic {name} could not be created: {for_code(code)(*message)}")


async def _configure(client: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Set what the cards say and keep what else was set: AlterConfigs replaces everything."""
    now = await _configs(client, [topic.name for topic in topics])
    resources = []
    for topic in topics:
        kept = {name: value for name, (value, own) in now[topic.name].items() if own}
        merged = {**kept, **topic.configs}
        resources.append(ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=merged))
    for response in await client.alter_configs(resources) if resources else []:
        for code, message, _kind, name in response.resources:
            if code:
                raise NotReady(f"topic {name} could not be changed: {message}")
