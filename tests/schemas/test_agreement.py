"""The published schemas and the structs that read and write events say the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.catalogue import ENVELOPE, schema
from scorer.contracts.inputs import INPUT_TYPES, SPECVERSION, Attributes
from scorer.contracts.published import (
    SCORE_CHANGED,
    TIER_CROSSED,
    CrossingData,
    Published,
    ScoreData,
)
from scorer.contracts.published_pool import POOL_DATA

STRUCTS: dict[str, type[msgspec.Struct]] = {each.name: each.data for each in INPUT_TYPES} | {
    SCORE_CHANGED: ScoreData,
    TIER_CROSSED: CrossingData,
    **POOL_DATA,
}
SAID_FOR_PEOPLE = {"$schema", "$id", "title", "description", "default"}


@pytest.mark.parametrize("event_type", STRUCTS)
def test_a_schema_has_the_fields_types_and_limits_of_its_struct(event_type: str) -> None:
    assert essence(schema(event_type)) == essence(of_struct(STRUCTS[event_type]))


@pytest.mark.parametrize("event_type", STRUCTS)
def test_a_schema_is_a_schema_closed_and_explains_every_field(event_type: str) -> None:
    document = schema(event_type)

    Draft202012Validator.check_schema(document)
    for part in objects(document):
        assert part["additionalProperties"] is False
        assert all(field["description"].endswith(".") for field in part["properties"].values())


def test_the_envelope_has_the_limits_of_the_attributes_that_are_read() -> None:
    published = essence(schema(ENVELOPE))["properties"]
    for name, field in essence(of_struct(Attributes))["properties"].items():
        if name == "traceparent":  # published with its pattern; read tolerantly
            continue
        assert published[name] == field, name
    assert published["time"] == {"type": "string", "format": "date-time"}
    assert published["specversion"] == {"enum": [SPECVERSION]}


def test_the_envelope_has_every_attribute_that_is_written() -> None:
    written = {field.encode_name for field in msgspec.structs.fields(Published)} | {"type", "data"}

    assert written == set(schema(ENVELOPE)["properties"])


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
        ),
        max_leaves=4,
    )
)
def test_schema_and_struct_accept_the_same_attributes(value: Any) -> None:
    data = {"lead_id": "x", "source_channel": "web", "attributes": value}
    struct = STRUCTS["leadscorer.lead.created.v1"]
    by_schema = Draft202012Validator(schema("lead.created.v1")).is_valid(data)

    try:
        msgspec.json.decode(msgspec.json.encode(data), type=struct)
        by_struct = True
    except msgspec.ValidationError:
        by_struct = False

    assert by_struct == by_schema


def of_struct(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """What msgspec says about a struct, with its definitions put in place."""
    definitions = msgspec.json.schema(struct)["$defs"]
    whole: dict[str, Any] = put_in_place(definitions[struct.__name__], definitions)
    return whole


def put_in_place(node: Any, definitions: dict[str, Any]) -> Any:
    match node:
        case {"$ref": reference}:
            return put_in_place(definitions[reference.rpartition("/")[2]], definitions)
        case dict():
            return {name: put_in_place(value, definitions) for name, value in node.items()}
        case list():
            return [put_in_place(value, definitions) for value in node]
    return node


def essence(node: Any) -> Any:
    """A schema without what is said for people, without order, and without being closed."""
    match node:
        case {"properties": dict(properties), "type": "object", **rest}:
            fields = {name: essence(field) for name, field in properties.items()}
            outer = {k: v for k, v in rest.items() if (k, v) != ("additionalProperties", False)}
            return {"type": "object", "properties": fields} | essence(outer)
        case dict():
            return {name: essence(v) for name, v in node.items() if name not in SAID_FOR_PEOPLE}
        case list():
            return sorted((essence(value) for value in node), key=repr)
    return node


def objects(node: Any) -> list[dict[str, Any]]:
    """Every object in a schema that has declared fields."""
    found = []
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            found.append(node)
        found += [part for value in node.values() for part in objects(value)]
    elif isinstance(node, list):
        found += [part for value in node for part in objects(value)]
    return found
