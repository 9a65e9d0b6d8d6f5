"""The published contracts: topic cards, JSON Schemas, examples. Knows files, opens no connection.

Everything that creates, checks or documents a topic reads it from here, so that the card is the
only place in which a retention or a partition count is written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML

TYPE_PREFIX: Final = "leadscorer."
SCHEMA_SUFFIX: Final = ".schema.json"
ENVELOPE: Final = "cloudevent.v1"
"""Name of the schema that every event meets before the schema of its data."""

CHANGELOG_CARD: Final = "changelog"
DEAD_LETTERS: Final = "leads.dead-letters.v1"


class Direction(StrEnum):
    """Which way records flow, seen from the scorer."""

    INPUT = "input"
    OUTPUT = "output"
    DEAD_LETTERS = "dead_letters"
    CHANGELOG = "changelog"


@dataclass(frozen=True, slots=True)
class TopicCard:
    """One topic: who writes it, who reads it, and how the broker must keep it."""

    name: str  # logical; `topics.prefix` is put before it
    description: str
    direction: Direction
    key: str
    owner: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions: int
    replication: int
    configs: Mapping[str, str]
    types: tuple[str, ...]  # CloudEvents types allowed on it
    dead_letters: str | None  # where records go that cannot be read

    def sized(self, *, partitions: int | None = None, replication: int | None = None) -> TopicCard:
        """The same topic on a cluster of another size.

        With fewer replicas the card's `min.insync.replicas` is lowered to what still tolerates
        the loss of one broker (and to 1 on a single broker, which tolerates none).
        """
        copies = replication or self.replication
        configs = dict(self.configs)
        if "min.insync.replicas" in configs:
            wanted = int(configs["min.insync.replicas"])
            configs["min.insync.replicas"] = str(max(1, min(wanted, copies - 1)))
        return replace(
            self,
            partitions=partitions or self.partitions,
            replication=copies,
            configs=MappingProxyType(configs),
        )


class Example(NamedTuple):
    """An example event of one type. `reason` is None when it is valid."""

    type: str
    name: str  # of the file, without its suffix
    reason: str | None
    event: Any


@cache
def topic_cards() -> Mapping[str, TopicCard]:
    """Every topic with a fixed name: inputs, outputs, dead letters, in alphabetical order."""
    cards = (
        _card(file)
        for file in _files("topics")
        if file.name.endswith(".yaml") and file.name != f"{CHANGELOG_CARD}.yaml"
    )
    return MappingProxyType({card.name: card for card in cards})


def changelog_card(app: str, stage: str) -> TopicCard:
    """The changelog of one stage of one application."""
    card = _card(resources.files("schemas") / "topics" / f"{CHANGELOG_CARD}.yaml")
    return replace(
        card, name=card.name.format(app=app, stage=stage), producers=(stage,), consumers=(stage,)
    )


def event_types(direction: Direction | None = None) -> Mapping[str, TopicCard]:
    """Every CloudEvents type with the topic that carries it."""
    return {
        event_type: card
        for card in topic_cards().values()
        if direction in (None, card.direction)
        for event_type in card.types
    }


def schema_name(event_type: str) -> str:
    """`leadscorer.lead.won.v1` → `lead.won.v1`, the stem of its schema file."""
    return event_type.removeprefix(TYPE_PREFIX)


@cache
def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema of the data of a type, by type or by file stem (`cloudevent.v1` too)."""
    file = resources.files("schemas") / f"{schema_name(name)}{SCHEMA_SUFFIX}"
    document: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def examples(event_type: str) -> Iterator[Example]:
    """The examples of one type: `valid.json`, `valid-….json`, `invalid-….<reason>.json`."""
    for file in _files("examples", schema_name(event_type)):
        stem = file.name.removesuffix(".json")
        reason = None if stem.startswith("valid") else stem.rpartition(".")[2]
        yield Example(event_type, stem, reason, json.loads(file.read_text("utf-8")))


def _files(*path: str) -> list[Traversable]:
    folder = resources.files("schemas").joinpath(*path)
    return sorted(folder.iterdir(), key=lambda file: file.name)


def _card(file: Traversable) -> TopicCard:
    card: dict[str, Any] = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
    return TopicCard(
        name=card["name"],
        description=" ".join(card["description"].split()),
        direction=Direction(card["direction"]),
        key=card["key"],
        owner=card["owner"],
        producers=tuple(card["producers"]),
        consumers=tuple(card["consumers"]),
        partitions=card["partitions"],
        replication=card["replication"],
        configs=MappingProxyType({name: str(value) for name, value in card["configs"].items()}),
        types=tuple(card["types"]),
        dead_letters=card["dead_letters"],
    )
