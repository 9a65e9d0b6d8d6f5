"""Who needs which rights on the brokers: the least that each role works with. Pure; opens no connection.

Derived from the topic cards, so that a new topic or stage needs no second list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.catalogue import DEAD_LETTERS, Direction, TopicCard, topic_cards
from scorer.settings import Settings
from scorer.transport.topics import STAGES


class Role(StrEnum):
    """Who asks for access."""

    WORKER = "worker"  # `lead-scorer run`
    OPERATOR = "operator"  # `lead-scorer topics`
    SUPPORT = (
        "support"  # `list`, `explain`, `tail`, `status`, `doctor`, `verify`, `dlq` with redrive
    )
    PUBLISHER = "publisher"  # whoever sends events, `lead-scorer publish` and `import`
    SUBSCRIBER = "subscriber"  # whoever reads scores and crossings
    ERASER = "eraser"  # `dlq erase`: takes dead letters of erased leads out


class Resource(StrEnum):
    """What a right is about; the value is the option of kafka-acls.sh."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"


class Operation(StrEnum):
    """What may be done; as kafka-acls.sh spells it. Read, Write and Create bring Describe with them."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DELETE = "Delete"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"


class Grant(NamedTuple):
    """The operations that a role needs on one resource."""

    resource: Resource
    name: str  # real, with the prefix of the settings
    operations: tuple[Operation, ...]
    prefixed: bool = False  # every name that begins so

    def __str__(self) -> str:
        star = "*" if self.prefixed else ""
        return f"{' and '.join(self.operations)} on {self.resource} {self.name}{star}"


_O = Operation
_LOOK: Final = (_O.READ, _O.DESCRIBE_CONFIGS)


def grants(settings: Settings, role: Role, stages: Sequence[str] = STAGES) -> list[Grant]:
    """Everything that a role needs, resource by resource."""
    match role:
        case Role.WORKER:
            return _merged(grant for stage in stages for grant in _worker(settings, stage))
        case Role.OPERATOR:
            rights = (_O.CREATE, _O.DESCRIBE, _O.DESCRIBE_CONFIGS, _O.ALTER_CONFIGS)
            return [_topic(name, *rights) for name in _all(settings, stages)]
        case Role.SUPPORT:
            return list(_support(settings, stages))
        case Role.PUBLISHER:
            return [_topic(settings.topic(c.name), _O.WRITE) for c in _cards(Direction.INPUT)]
        case Role.SUBSCRIBER:
            return [_topic(settings.topic(c.name), _O.READ) for c in _cards(Direction.OUTPUT)]
        case Role.ERASER:
            return [*eraser_grants(settings, every_erased=True)]


def eraser_grants(
    settings: Settings, *, every_erased: bool, dry_run: bool = False
) -> Iterator[Grant]:
    """What `dlq erase` needs: to cut dead letters; with `--erased` to read which leads are erased."""
    rights = (_O.READ,) if dry_run else (_O.READ, _O.WRITE, _O.DELETE)
    yield _topic(settings.topic(DEAD_LETTERS), *rights)
    if every_erased:
        yield _topic(settings.topic("leads.scores.v1"), _O.READ)


def worker_grants(settings: Settings, stage: str) -> list[Grant]:
    """What one stage needs: to read its inputs, and to write all else in transactions of its own."""
    return list(_worker(settings, stage))


def commands(
    needed: Iterable[Grant], principal: str, bootstrap_servers: str, config: str
) -> list[str]:
    """kafka-acls.sh commands that grant it; resources with the same operations share one."""
    alike: dict[tuple[Resource, tuple[Operation, ...], bool], list[str]] = {}
    for grant in needed:
        names = alike.setdefault((grant.resource, grant.operations, grant.prefixed), [])
        if grant.name not in names:
            names.append(grant.name)
    start = f"kafka-acls.sh --bootstrap-server {bootstrap_servers} --command-config {config}"
    return [
        " \\\n  ".join(
            (
                f"{start} --add --allow-principal '{principal}'",
                " ".join(f"--operation {operation}" for operation in operations),
                *(["--resource-pattern-type prefixed"] if prefixed else []),
                *(f"--{resource} {name}" for name in names),
            )
        )
        for (resource, operations, prefixed), names in alike.items()
    ]


def _worker(settings: Settings, stage: str) -> Iterator[Grant]:
    for card in topic_cards().values():
        rights = [_O.DESCRIBE_CONFIGS]
        if stage in card.producers:
            rights.insert(0, _O.WRITE)
        if stage in card.consumers:
            rights.insert(0, _O.READ)
        if len(rights) > 1:
            yield _topic(settings.topic(card.name), *rights)
    yield _topic(settings.changelog(stage), _O.READ, _O.WRITE, _O.DESCRIBE_CONFIGS)
    group = settings.group(stage)
    yield Grant(Resource.GROUP, group, (_O.READ,))
    yield Grant(Resource.TRANSACTIONAL_ID, f"{group}-", (_O.WRITE,), prefixed=True)


def _merged(needed: Iterable[Grant]) -> list[Grant]:
    """One grant for each resource: what one stage writes, another may read."""
    out: dict[tuple[Resource, str], Grant] = {}
    for grant in needed:
        known = out.get((grant.resource, grant.name), grant)
        operations = {*known.operations, *grant.operations}
        ordered = tuple(operation for operation in Operation if operation in operations)
        out[grant.resource, grant.name] = grant._replace(operations=ordered)
    return list(out.values())


def _support(settings: Settings, stages: Sequence[str]) -> Iterator[Grant]:
    inputs = {settings.topic(card.name) for card in _cards(Direction.INPUT)}
    for name in _all(settings, stages):
        yield _topic(name, *_LOOK, *([_O.WRITE] if name in inputs else []))
    for stage in stages:
        yield Grant(Resource.GROUP, settings.group(stage), (_O.DESCRIBE,))


def _cards(direction: Direction) -> list[TopicCard]:
    return [card for card in topic_cards().values() if card.direction is direction]


def _all(settings: Settings, stages: Sequence[str]) -> list[str]:
    return [
        *(settings.topic(name) for name in topic_cards()),
        *(settings.changelog(stage) for stage in stages),
    ]


def _topic(name: str, *operations: Operation) -> Grant:
    return Grant(Resource.TOPIC, name, operations)
