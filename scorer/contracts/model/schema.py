"""The JSON Schema of a model file, made of the shape: editors complete and check from it.

python -m scorer.contracts.model.schema     write scorer/models/model.schema.json anew
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from scorer.contracts.model.shape import Document

FILE: Final = "model.schema.json"
_WITHOUT_VALUE: Final = ("exists", "missing")
_WITH_LIST: Final = ("in", "not_in")
_WITH_NUMBER: Final = ("at_least", "at_most")
_WITH_TEXT: Final = ("contains", "matches")


def model_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a model file."""
    schema: dict[str, Any] = _plain(Document.model_json_schema(by_alias=True))
    schema["$defs"]["ConditionEntry"]["allOf"] = _values_by_operator()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lead scorer model",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def schema_text() -> str:
    """The file as it is kept."""
    return json.dumps(model_schema(), indent=2, ensure_ascii=False) + "\n"


def _plain(node: Any) -> Any:
    """Without null (a key without a value is refused), and without the discriminators of OpenAPI."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {k: _plain(v) for k, v in node.items() if not (k == "default" and v is None)}
    if isinstance(kept.get("title"), str):
        del kept["title"]
    choices = kept.get("anyOf")
    if isinstance(choices, list) and "default" not in kept and "description" in kept:
        choices = [choice for choice in choices if choice != {"type": "null"}]
        if len(choices) == 1:
            return {**choices[0], **{k: v for k, v in kept.items() if k != "anyOf"}}
        kept["anyOf"] = choices
    return kept


def _values_by_operator() -> list[dict[str, Any]]:
    """What `value` must be, for each operator: said here, since an editor can show it at once."""
    scalar = {"type": ["string", "number", "boolean"]}
    listed = {"type": "array", "items": scalar, "minItems": 1}
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    wanted: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        (_WITH_LIST, listed),
        (("between",), pair),
        (_WITH_NUMBER, {"type": "number"}),
        (_WITH_TEXT, {"type": "string", "minLength": 1}),
        (("equals", "not_equals"), scalar),
    ]
    clauses: list[dict[str, Any]] = [
        {
            "if": {"properties": {"operator": {"enum": list(operators)}}},
            "then": {"required": ["value"], "properties": {"value": value}},
        }
        for operators, value in wanted
    ]
    without = {"if": {"properties": {"operator": {"enum": list(_WITHOUT_VALUE)}}}}
    return [*clauses, {**without, "then": {"properties": {"value": False}}}]


def main() -> None:
    """Write the file anew."""
    target = Path(str(files("scorer.models"))) / FILE
    target.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
