"""Editors complete and check from the schema: it says what the loader says."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from scorer.contracts.model.file import load_model
from scorer.contracts.model.problems import ModelError
from scorer.contracts.model.schema import FILE, model_schema, schema_text
from scorer.contracts.model.source import shipped_text

VALIDATOR = Draft202012Validator(model_schema())
BASE = """
name: test
version: "1"
dimensions: {fit: {min: 0, max: 50}}
behaviours: {demo: {}}
"""
WHEN = "when: {attribute: a, operator: exists}"


def plain(text: str) -> Any:
    """As an editor reads it: dates stay texts."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )
    return yaml.load(text)


def test_the_kept_schema_is_the_one_of_the_code() -> None:
    """Renew it with `python -m scorer.contracts.model.schema`."""
    assert files("scorer.models").joinpath(FILE).read_text("utf-8") == schema_text()


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(model_schema())


@pytest.mark.parametrize("name", ["default", "education"])
def test_the_shipped_models_are_valid_and_point_to_it(name: str) -> None:
    text = shipped_text(name)

    assert list(VALIDATOR.iter_errors(plain(text))) == []
    assert text.startswith(f"# yaml-language-server: $schema={FILE}\n")


def test_every_key_is_described() -> None:
    """What an editor shows when the pointer rests on a key."""
    schema = model_schema()
    for name, entry in {"": schema, **schema["$defs"]}.items():
        assert entry["description"], name
        for key, part in entry.get("properties", {}).items():
            assert part.get("description"), f"{name}.{key}"


@pytest.mark.parametrize(
    "rest",
    [
        "rules: []",
        f"rules: [{{id: a, dimension: fit, points: 3, {WHEN}}}]",
        f"rules: [{{id: a, dimension: fit, disqualify: hard, {WHEN}}}]",
        "rules: [{id: a, dimension: fit, points: -weak, on: [demo], limit: [once, {count: 2, per: day}]}]\n"
        "weights: {weak: 2}",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, decay: {step: {every: 5d, lose: 15%}}}]",
        "rules: [{id: a, dimension: fit, points: 1, streak: {of: demo, length: 3}}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: between, value: [1, 2]}}]",
        "rules: []\ntiers: {hot: above 80, warm: {from: 20}}",
        "rules: []\ncalendar: {holidays: [2026-10-01, {from: 2026-10-01, to: 2026-10-07}]}",
        "rules: []\nfast_track: {behaviour: demo, tier: warm, for: 2d}",
    ],
)
def test_what_loads_is_valid(rest: str) -> None:
    text = f"{BASE}{rest}\n"
    load_model(text)

    assert [error.message for error in VALIDATOR.iter_errors(plain(text))] == []


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "rules: {}",
        "rules: []\nbehaviors: {}",
        f"rules: [{{id: a, dimension: fit, {WHEN}}}]",
        "rules: [{id: a, dimension: fit, points: 3}]",
        f"rules: [{{id: a, dimension: fit, points: 3, on: demo, {WHEN}}}]",
        "rules: [{id: a, dimension: fit, points: 3, on: demo, max: -1}]",
        "rules: [{id: a, dimension: fit, points: 3, on: demo, max: }]",
        "rules: [{id: a b, dimension: fit, points: 3, on: demo}]",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, streak: {of: demo, length: 3}}]",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, decay: {half_life: 1d, expires: 1d}}]",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, decay: {half_life: 14}}]",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, decay: {step: {every: 5d, lose: 1.5}}}]",
        "rules: [{id: a, dimension: fit, points: 1, on: demo, limit: twice}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: between, value: 3}}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: in, value: x}}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: at_least, value: x}}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: exists, value: x}}]",
        "rules: [{id: a, dimension: fit, points: 1, when: {attribute: a, operator: equals}}]",
        "rules: []\ntiers: {hot: over 80}",
        "rules: []\nfast_track: {behaviour: demo, tier: cold, for: 2d}",
        "rules: []\nhistory: {events: 0}",
    ],
)
def test_a_wrong_shape_is_wrong_for_both(rest: str) -> None:
    text = f"{BASE}{rest}\n"

    with pytest.raises(ModelError):
        load_model(text)
    assert not VALIDATOR.is_valid(plain(text))
