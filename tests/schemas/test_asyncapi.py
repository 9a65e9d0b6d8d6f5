"""The AsyncAPI document is valid, up to date, and refers to files that exist.

`asyncapi-3.1.0.json` is the official schema of AsyncAPI (see its `$comment`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from ruamel.yaml import YAML

import schemas
from schemas.asyncapi import document, text
from schemas.catalogue import Direction, event_types, examples, topic_cards

FILE = Path(schemas.__file__).parent / "asyncapi.yaml"
OFFICIAL = json.loads(Path(__file__).with_name("asyncapi-3.1.0.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    return read


def test_it_is_as_the_cards_would_write_it(committed: dict[str, Any]) -> None:
    assert FILE.read_text("utf-8") == text(), (
        "run `python -m schemas.asyncapi > schemas/asyncapi.yaml`"
    )
    assert committed == document()


def test_it_meets_the_official_schema(committed: dict[str, Any]) -> None:
    assert [error.message for error in Draft7Validator(OFFICIAL).iter_errors(committed)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asyncapi",), "2.6.0"),
        (("info",), {}),
        (("channels", "leads.scores.v1", "address"), 7),
        (("channels", "leads.scores.v1", "bindings", "kafka", "partitions"), "four"),
        (("operations", "send.leads.scores.v1", "action"), "shout"),
        (("components", "messages", "score.changed.v1", "contentType"), 7),
    ],
)
def test_the_official_schema_notices_mistakes(
    committed: dict[str, Any], path: tuple[str, ...], value: Any
) -> None:
    broken = json.loads(json.dumps(committed))
    part = broken
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value

    assert not Draft7Validator(OFFICIAL).is_valid(broken)


def test_every_reference_leads_somewhere(committed: dict[str, Any]) -> None:
    found = list(references(committed))

    assert found
    for reference in found:
        file, _, pointer = reference.partition("#")
        target: Any = json.loads((FILE.parent / file).read_text("utf-8")) if file else committed
        for name in filter(None, pointer.split("/")):
            target = target[name.replace("~1", "/")]


def test_every_topic_has_a_channel_and_an_operation(committed: dict[str, Any]) -> None:
    actions = {
        operation["channel"]["$ref"].rpartition("/")[2]: operation["action"]
        for operation in committed["operations"].values()
    }

    assert actions == {
        name: "receive" if card.direction is Direction.INPUT else "send"
        for name, card in topic_cards().items()
    }
    assert set(committed["channels"]) == set(topic_cards())


@pytest.mark.parametrize("event_type", event_types())
def test_the_payload_of_a_message_accepts_its_examples(
    committed: dict[str, Any], event_type: str
) -> None:
    name = event_type.removeprefix("leadscorer.")
    payload = committed["components"]["messages"][name]["payload"]
    validator = Draft202012Validator(payload, registry=files())

    for example in examples(event_type):
        if example.reason is None:
            validator.validate(example.event)
        elif example.reason in {"missing_field", "wrong_type", "type_unknown", "wrong_topic"}:
            assert not validator.is_valid(example.event), example.name


def files() -> Registry[Any]:
    """The schema files under the relative names by which the document refers to them."""
    return Registry().with_resources(
        (f"./{path.name}", Resource.from_contents(json.loads(path.read_text("utf-8"))))
        for path in FILE.parent.glob("*.schema.json")
    )


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
