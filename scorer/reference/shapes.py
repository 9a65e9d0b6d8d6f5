"""JSON Schema → tables that people read: every key, whether it must be there, its values, its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scorer.reference.markdown import table

Schema = Mapping[str, Any]
_HEAD: Final = ("key", "must be there", "values", "meaning")


def keys(schema: Schema, root: Schema | None = None) -> str:
    """A table of the properties of one object."""
    root = root or schema
    required = schema.get("required", ())
    rows = [
        (
            f"`{name}`",
            "yes" if name in required else _default(part),
            _values(part, root),
            _said(part),
        )
        for name, part in schema.get("properties", {}).items()
    ]
    return table(_HEAD, rows)


def entries(schema: Schema, names: Mapping[str, str]) -> Iterator[str]:
    """A section for each part of a language: `names` gives its heading by the name of its definition."""
    for part, heading in names.items():
        entry = schema["$defs"][part]
        yield f"## {heading}\n\n{_first_line(entry)}\n\n{keys(entry, schema)}"


def _values(part: Schema, root: Schema) -> str:
    """What may be written, in a few words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        target = root.get("$defs", {}).get(name, {})
        return _values(target, root) if "enum" in target else "keys of its own"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    options = part.get("anyOf") or part.get("oneOf")
    if options:
        said = (_values(option, root) for option in options if option.get("type") != "null")
        return " or ".join(dict.fromkeys(said))
    return _typed(part, root)


def _typed(part: Schema, root: Schema) -> str:
    kind = part.get("type", "any value")
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        return " or ".join(_WORDS.get(str(each), str(each)) for each in kind if each != "null")
    if kind == "array":
        return f"list of {_values(part.get('items', {}), root)}"
    return f"{_WORDS.get(kind, kind)}{_bounds(part)}"


_BEYOND_READERS: Final = 10**12  # a bound that only protects arithmetic
_WORDS: Final = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "object": "mapping",
}


def _bounds(part: Schema) -> str:
    if part.get("format") == "date-time":
        return ", RFC 3339 with a time zone"
    if "maxLength" in part:
        return f", at most {part['maxLength']} characters"
    low, high = part.get("minimum"), part.get("maximum")
    if high is not None and high >= _BEYOND_READERS:
        return ""
    if low is not None and high is not None:
        return f", {low:,} to {high:,}"
    return f", at least {low:,}" if low is not None else ""


def _default(part: Schema) -> str:
    default = part.get("default")
    if default in (None, "", [], {}) or isinstance(default, dict):
        return "no"
    return f"no: `{default if isinstance(default, str) else json.dumps(default)}`"


def _said(part: Schema) -> str:
    return str(part.get("description", ""))


def _first_line(entry: Schema) -> str:
    return str(entry.get("description", "")).partition("\n\n")[0]
