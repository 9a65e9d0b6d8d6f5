"""A topic is a document: the cards are complete, agree with the code, and no file is an orphan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import schemas
from schemas.catalogue import (
    CHANGELOG_CARD,
    DEAD_LETTERS,
    ENVELOPE,
    SCHEMA_SUFFIX,
    TYPE_PREFIX,
    Direction,
    TopicCard,
    changelog_card,
    event_types,
    examples,
    schema,
    schema_name,
    topic_cards,
)
from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.inputs import INPUT_TYPES
from scorer.contracts.published import (
    SCORE_CHANGED,
    SCORES_TOPIC,
    TIER_CROSSED,
    TIERS_TOPIC,
    dataschema,
)
from scorer.contracts.published_pool import POOL_DATA, POOL_TOPIC

FOLDER = Path(schemas.__file__).parent
ALL_CARDS = (*topic_cards().values(), changelog_card("leads", "scoring"))
cards = pytest.mark.parametrize("card", ALL_CARDS, ids=lambda card: card.name)


def test_no_file_is_an_orphan() -> None:
    expected = {"__init__.py", "catalogue.py", "asyncapi.py", "asyncapi.yaml"}
    expected |= {f"topics/{name}.yaml" for name in (*topic_cards(), CHANGELOG_CARD)}
    expected |= {f"{schema_name(name)}{SCHEMA_SUFFIX}" for name in (*event_types(), ENVELOPE)}
    expected |= {
        f"examples/{schema_name(name)}/{example.name}.json"
        for name in event_types()
        for example in examples(name)
    }

    found = {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert found == expected


def test_every_input_type_is_on_the_topic_that_its_card_says() -> None:
    on_cards = {name: card.name for name, card in event_types(Direction.INPUT).items()}

    assert {each.name: each.topic for each in INPUT_TYPES} == on_cards


def test_every_output_type_is_on_the_topic_that_its_card_says() -> None:
    on_cards = {name: card.name for name, card in event_types(Direction.OUTPUT).items()}

    pool = dict.fromkeys(POOL_DATA, POOL_TOPIC)
    assert on_cards == {SCORE_CHANGED: SCORES_TOPIC, TIER_CROSSED: TIERS_TOPIC, **pool}
    assert DEAD_LETTERS == DEAD_LETTERS_TOPIC
    assert topic_cards()[DEAD_LETTERS].direction is Direction.DEAD_LETTERS


def test_a_type_is_on_one_topic_only() -> None:
    counted = Counter(event_type for card in ALL_CARDS for event_type in card.types)

    assert set(counted.values()) == {1}


@cards
def test_a_card_says_everything_about_its_topic(card: TopicCard) -> None:
    assert card.description.endswith(".")
    assert all((card.key, card.owner, card.producers, card.consumers))
    assert {"cleanup.policy", "max.message.bytes", "min.insync.replicas"} <= set(card.configs)
    assert all(event_type.startswith(TYPE_PREFIX) for event_type in card.types)
    assert (card.dead_letters == DEAD_LETTERS) is (card.direction is Direction.INPUT)


def test_a_lead_is_on_the_same_partition_everywhere() -> None:
    assert {card.partitions for card in ALL_CARDS} == {ALL_CARDS[0].partitions}


def test_dead_letters_have_the_limits_of_the_inputs_and_stay_longer() -> None:
    dead = topic_cards()[DEAD_LETTERS].configs
    for card in topic_cards().values():
        if card.direction is Direction.INPUT:
            assert dead["max.message.bytes"] == card.configs["max.message.bytes"]
            assert int(dead["retention.ms"]) > int(card.configs["retention.ms"])


def test_what_is_compacted_forgets_an_erased_lead_within_a_month() -> None:
    month_ms = 30 * 86_400_000
    for card in topic_cards().values():
        if card.direction is Direction.OUTPUT:
            assert card.configs["cleanup.policy"] == "compact"
            assert int(card.configs["max.compaction.lag.ms"]) <= month_ms
        else:
            assert card.configs["cleanup.policy"] == "delete"


def test_the_changelog_keeps_every_lead_whatever_its_age() -> None:
    card = changelog_card("leads", "scoring")

    assert card.name == "leads-scoring-changelog"
    assert (card.producers, card.consumers) == (("scoring",), ("scoring",))
    assert card.configs["cleanup.policy"] == "compact"
    assert "retention.ms" not in card.configs


@pytest.mark.parametrize(("replication", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_a_smaller_cluster_asks_for_fewer_copies_in_sync(replication: int, in_sync: str) -> None:
    card = topic_cards()["leads.scores.v1"].sized(partitions=12, replication=replication)

    assert (card.partitions, card.replication) == (12, replication)
    assert card.configs["min.insync.replicas"] == in_sync
    assert card.sized() == card


@pytest.mark.parametrize("event_type", [*event_types(), ENVELOPE])
def test_a_schema_is_known_by_the_name_of_its_type(event_type: str) -> None:
    assert schema(event_type)["$id"] == dataschema(event_type)
    assert schema(event_type)["description"].endswith(".")
