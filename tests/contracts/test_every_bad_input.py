"""Each bad input on each input topic and in each stage that reads it: one dead letter, or read as documented.

The rows are those of the page for publishers (scorer/reference/bad_inputs.py).
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from scorer.contracts.dead_letters import parse_dead_letter
from scorer.contracts.inputs import INPUT_TOPICS
from scorer.contracts.model.file import load_model
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.reasons import RejectReason
from scorer.domain.model import Model
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import pool_factory
from scorer.engine.ports import StageFactory
from scorer.engine.scoring import scoring_factory
from scorer.reference.bad_inputs import ACCEPTED, ON_TIERS, REJECTED
from tests.contracts.bad_records import MADE, Good, good


@cache
def model() -> Model:
    return load_model("default")


@cache
def factories() -> tuple[StageFactory, StageFactory]:
    return (
        scoring_factory(model(), app="test", version="0"),
        pool_factory(model(), app="test", version="0"),
    )


def readers(topic: str) -> list[tuple[str, MemoryDriver]]:
    """A driver for each stage that reads the topic; the first of them tells of its bad records."""
    return [(f.name, MemoryDriver(f(0))) for f in factories() if topic in f.inputs]


def on_every_topic(names: Any) -> Any:
    def mark(test: Any) -> Any:
        by_topic = pytest.mark.parametrize("topic", [*INPUT_TOPICS])
        return by_topic(pytest.mark.parametrize("name", names)(test))

    return mark


@on_every_topic(REJECTED)
def test_a_bad_record_is_one_dead_letter_and_its_neighbours_are_handled(
    name: str, topic: str
) -> None:
    bad = MADE[name](good(topic, "bad"))
    neighbours = [good(topic, who).record() for who in ("before", "after")]

    for number, (stage, driver) in enumerate(readers(topic)):
        driver.feed([neighbours[0], bad, neighbours[1]])
        alone = MemoryDriver(driver_factory(stage)(0))
        alone.feed(neighbours)

        assert len(driver.dead_letters) == (1 if number == 0 else 0)
        assert (driver.store, driver.outputs) == (alone.store, alone.outputs)
        assert len(driver.store.states) == 2
        for message in driver.dead_letters:
            letter = parse_dead_letter(MemoryRecord(*message[:3], headers=message.headers))
            assert letter is not None
            assert letter.reason == REJECTED[name].value
            assert (letter.key, letter.value) == (bad.key, bad.value)


@on_every_topic(ACCEPTED)
def test_what_only_looks_bad_is_handled_like_any_other(name: str, topic: str) -> None:
    odd = MADE[name](good(topic, "odd"))
    for _, driver in readers(topic):
        driver.feed([good(topic, "before").record(), odd, good(topic, "after").record()])

        assert driver.dead_letters == []
        assert len(driver.store.states) == 3


def driver_factory(stage: str) -> StageFactory:
    return next(factory for factory in factories() if factory.name == stage)


def test_every_row_of_the_page_is_made_here() -> None:
    assert set(MADE) == set(REJECTED) | set(ACCEPTED)
    assert set(REJECTED.values()) == set(RejectReason)


@pytest.mark.parametrize("name", [*REJECTED, *ACCEPTED])
def test_on_tiers_whatever_scoring_did_not_write_is_one_dead_letter_of_the_pool(name: str) -> None:
    """Of what scoring could have written: nothing is lost that it did write, either."""
    it = good(TIERS_TOPIC, "bad")
    [(_, driver)] = readers(TIERS_TOPIC)
    driver.feed([good(TIERS_TOPIC, "before").record(), MADE[name](it), good(TIERS_TOPIC).record()])

    reasons = [
        letter.reason
        for message in driver.dead_letters
        if (letter := parse_dead_letter(MemoryRecord(*message[:3], headers=message.headers)))
    ]
    assert len(reasons) <= 1
    assert {RejectReason(reason) for reason in reasons} <= ON_TIERS
    assert {b"before", b"one"} <= set(driver.store.states)


@pytest.mark.parametrize("stage", ["scoring", "pool"])
def test_evidence_after_erasure_is_held_and_brings_nothing_back(stage: str) -> None:
    driver = MemoryDriver(driver_factory(stage)(0))
    created = good("leads.created.v1")
    erased = Good(created.topic, created.about, deepcopy(created.document))
    erased.document["type"] = "leadscorer.lead.erased.v1"
    erased.document["id"] = "erase"
    driver.feed([created.record(), erased.record()])
    assert driver.store.states == {}
    said = len(driver.outputs)

    driver.feed([good("leads.followups.v1").record()])

    assert driver.dead_letters == []
    assert driver.outputs[said:] == []
    assert b"webform" not in b"".join(driver.store.states.values())
