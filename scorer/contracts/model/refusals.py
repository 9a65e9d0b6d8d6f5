"""What pydantic found wrong → where it is in the document, said in the words of the language."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from scorer.contracts.model.problems import Path, one_of
from scorer.contracts.model.source import Plain


class Fault(NamedTuple):
    """A part of the document whose shape is wrong."""

    path: Path
    message: str
    remedy: str
    at_key: bool  # the key is wrong, not its value


def faults_of(error: ValidationError, data: Plain) -> list[Fault]:
    """Each error once, at a path that exists in the document."""
    return [_fault(line, data) for line in error.errors(include_url=False)]


def _fault(line: Any, data: Plain) -> Fault:
    loc = tuple(line["loc"])
    path = _resolve(loc, data)
    kind, context = str(line["type"]), line.get("ctx", {})
    at_key = kind == "model_key" or "[key]" in loc
    if "remedy" in context:
        return Fault(path, context["message"], context["remedy"], at_key)
    if kind == "missing":
        return Fault(path, *_missing(str(loc[-1])), at_key)
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return Fault(
            path, f"`{line['input']}` is not known here", one_of(allowed, line["input"]), at_key
        )
    message, remedy = _WORDS.get(kind, (str(line["msg"]), "see docs/reference/model.md"))
    bound = next((context[key] for key in _BOUNDS if key in context), "")
    said = _shown(line["input"])
    return Fault(path, message.format(said=said), remedy.format(bound=bound), at_key)


def _resolve(loc: Path, data: Plain) -> Path:
    """Steps that are in the document. Pydantic adds others: names of variants, the index of a
    single item that was read as a list, a key that is missing.
    """
    path: Path = ()
    node: Any = data
    for step in loc:
        inside_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if inside_list or (isinstance(node, dict) and step in node):
            path, node = (*path, step), node[step]
    return path


def _missing(key: str) -> tuple[str, str]:
    if key == "when":
        return (
            "the rule does not say what it weighs",
            "add `when: {attribute: …}`, `on: <behaviour>` or `streak: {of: …, length: 3}`",
        )
    return f"`{key}` is missing", f"add `{key}: …`"


def _shown(value: object) -> str:
    text = (
        "a mapping"
        if isinstance(value, dict)
        else "a list"
        if isinstance(value, list)
        else str(value)
    )
    return text if len(text) <= 60 else text[:59] + "…"


_BOUNDS: Final = ("ge", "gt", "le", "lt", "min_length", "max_length")
_WORDS: Final = {
    "model_type": ("`{said}` is not a mapping", "write keys and values: {{key: value}}"),
    "model_attributes_type": ("`{said}` is not a mapping", "write keys and values: {{key: value}}"),
    "dict_type": ("`{said}` is not a mapping", "write keys and values: {{key: value}}"),
    "list_type": ("`{said}` is not a list", "write it in brackets: [a, b]"),
    "string_type": ("`{said}` is not a text", "put it in quotes"),
    "bool_type": ("`{said}` is neither true nor false", "write true or false"),
    "int_type": ("`{said}` is not a whole number", "write such as 3"),
    "string_pattern_mismatch": (
        "`{said}` cannot be a name",
        "use letters, digits and _ - . (at most 64), a letter or digit first",
    ),
    "string_too_short": ("the text is empty", "write one"),
    "string_too_long": ("the text is too long", "at most {bound} characters"),
    "too_short": ("it is empty", "give at least {bound}"),
    "greater_than_equal": ("`{said}` is too small", "at least {bound}"),
    "greater_than": ("`{said}` is too small", "more than {bound}"),
    "less_than_equal": ("`{said}` is too large", "at most {bound}"),
    "less_than": ("`{said}` is too large", "less than {bound}"),
}
