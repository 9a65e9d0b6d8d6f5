"""Which topics there must be, and how they differ from those that are. Pure; opens no connection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.catalogue import Direction, TopicCard, changelog_card, topic_cards
from scorer.settings import Settings

APPLY: Final = "lead-scorer topics apply"
STAGES: Final = ("scoring", "pool")
"""The stages whose changelogs `topics apply` creates; a further stage is one more name here."""


class DifferenceKind(StrEnum):
    MISSING = "missing"
    PARTITIONS = "partitions"
    REPLICATION = "replication"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it must be, or as it is on the broker. `name` is the real name, with the prefix."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as it must be."""

    topic: str
    kind: DifferenceKind
    wanted: str
    found: str
    config: str | None = None  # the name of the configuration that differs
    remedy: str = APPLY

    @property
    def mendable(self) -> bool:
        """Whether `apply` can put it right without losing or moving data."""
        return self.kind in (DifferenceKind.MISSING, DifferenceKind.CONFIG)

    def __str__(self) -> str:
        what = self.config or self.kind.value
        if self.kind is DifferenceKind.MISSING:
            return f"topic {self.topic} does not exist → {self.remedy}"
        return f"topic {self.topic}: {what} is {self.found}, must be {self.wanted} → {self.remedy}"


def wanted(settings: Settings, stages: Iterable[str] = STAGES) -> list[Topic]:
    """Every topic of an installation: inputs, outputs, dead letters, one changelog a stage."""
    topics = [_topic(settings, settings.topic(c.name), c) for c in topic_cards().values()]
    changelogs = (
        _topic(settings, settings.changelog(stage), changelog_card(settings.app, stage))
        for stage in stages
    )
    return [*topics, *changelogs]


def differences(
    topics: Iterable[Topic], found: Mapping[str, Topic], *, only: Sequence[str] = ()
) -> list[Difference]:
    """What `found` lacks; with `only`, no other configurations are compared than those named."""
    out: list[Difference] = []
    for topic in topics:
        real = found.get(topic.name)
        if real is None:
            shape = f"{topic.partitions} partitions, {topic.replication} copies"
            out.append(Difference(topic.name, DifferenceKind.MISSING, shape, "nothing"))
        else:
            out += _compare(topic, real, only)
    return out


def _compare(topic: Topic, real: Topic, only: Sequence[str]) -> list[Difference]:
    out: list[Difference] = []
    if real.partitions != topic.partitions:
        counts = (str(topic.partitions), str(real.partitions))
        remedy = (
            f"set LEADSCORER_TOPICS__PARTITIONS={real.partitions} if all topics have as many; "
            f"else delete the topic while it is empty and run {APPLY} "
            "(more partitions would take leads away from their state)"
        )
        out.append(Difference(topic.name, DifferenceKind.PARTITIONS, *counts, remedy=remedy))
    if real.replication < topic.replication:
        counts = (str(topic.replication), str(real.replication))
        remedy = (
            "move replicas with kafka-reassign-partitions.sh, or lower topics.replication_factor"
        )
        out.append(Difference(topic.name, DifferenceKind.REPLICATION, *counts, remedy=remedy))
    for name, value in topic.configs.items():
        is_value = real.configs.get(name)
        if is_value != value and (not only or name in only):
            shown = "not set" if is_value is None else is_value
            out.append(Difference(topic.name, DifferenceKind.CONFIG, value, shown, name))
    return out


def _topic(settings: Settings, name: str, card: TopicCard) -> Topic:
    sizes = settings.topics
    card = card.sized(partitions=sizes.partitions, replication=sizes.replication_factor)
    configs = dict(card.configs)
    simulated = settings.clock.origin_us is not None
    if simulated and card.direction is not Direction.CHANGELOG:
        # The publisher stamps simulated time, and nothing may be old enough to be deleted.
        configs["message.timestamp.type"] = "CreateTime"
        if configs.get("cleanup.policy") == "delete":
            configs["retention.ms"] = "-1"
    return Topic(name, card.partitions, card.replication, configs)
