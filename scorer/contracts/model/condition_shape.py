"""The shape of `when`: one condition, or several that must all hold, or of which one must."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import Word, refuse

Operator = Literal[
    "equals",
    "not_equals",
    "in",
    "not_in",
    "at_least",
    "at_most",
    "between",
    "contains",
    "matches",
    "exists",
    "missing",
]


def _plain_value(value: Any) -> Any:
    """Text, number or boolean, or a list of them. 5 and 5.0 are one value, with one hash."""
    if isinstance(value, list):
        return [_plain_value(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    if isinstance(value, str | float | bool):
        return value
    raise refuse(
        "value", "this is no value of an attribute", "write a text, a number, true or false"
    )


_SCALAR = {"type": ["string", "number", "boolean"]}


class ConditionEntry(Entry):
    """A test of one attribute. On an unknown attribute only `missing` holds."""

    attribute: Word = Field(description="Its name, as publishers send it.")
    operator: Operator = Field(description="How it is compared.")
    value: Annotated[
        Any,
        BeforeValidator(_plain_value),
        WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}),
    ] = Field(
        None,
        description="What it is compared with: a list for `in` and `not_in`, [low, high] for "
        "`between`, a pattern for `matches`, nothing for `exists` and `missing`.",
    )


class AllEntry(Entry):
    """Conditions that must all hold."""

    all: Annotated[list[ConditionEntry], Field(min_length=1)] = Field(description="All must hold.")


class AnyEntry(Entry):
    """Conditions of which one must hold."""

    any: Annotated[list[ConditionEntry], Field(min_length=1)] = Field(description="One suffices.")


def _when_kind(value: Any) -> str:
    if not isinstance(value, dict):
        return type(value).__name__ if isinstance(value, Entry) else "ConditionEntry"
    return "AllEntry" if "all" in value else "AnyEntry" if "any" in value else "ConditionEntry"


When = Annotated[
    Annotated[ConditionEntry, Tag("ConditionEntry")]
    | Annotated[AllEntry, Tag("AllEntry")]
    | Annotated[AnyEntry, Tag("AnyEntry")],
    Discriminator(_when_kind),
]
