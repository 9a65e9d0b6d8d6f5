"""YAML text → plain data, with the line and column of every key and value.

Knows YAML 1.2 and where a model comes from (a path, a text, a shipped name); knows no model.
The text is composed into nodes and read from there: a loader's ready dictionaries have dropped
duplicate keys and positions, which are half of a good error message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from scorer.contracts.model.problems import ModelError, Path, Problem, dotted, one_of

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
"""What a document is made of once positions are set aside. Keys are always text."""

SHIPPED: Final = ("default", "education")
MAX_BYTES: Final = 1_000_000  # a model of 5,000 rules; beyond it somebody passed the wrong file
MAX_DEPTH: Final = 30  # the language nests 7 deep; YAML aliases can nest for ever
MAX_NODES: Final = 200_000  # aliases of aliases multiply ("billion laughs")
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Source:
    """A model file as read: its data, and where each part of it stands."""

    file: str
    data: Plain
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)  # of the key, or of the item
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # what could be read but must not stay: doubled keys, tags

    def problem(self, path: Path, message: str, remedy: str, *, at_key: bool = False) -> Problem:
        """A problem at a path; steps that are not in the file (a default, the index of a single
        item that may be a list) are left out.
        """
        known: Path = ()
        places = self.keys if at_key else self.values
        for step in path:
            known = (*known, step) if (*known, step) in places else known
        line, column = places.get(known, self.values.get((), (1, 1)))
        return Problem(self.file, line, column, dotted(known), message, remedy)


def read_source(source: FilePath | str) -> Source:
    """Read a path, a shipped name (`default`) or a YAML text (anything with a line break)."""
    return parse_source(*_text_of(source))


def parse_source(file: str, text: str) -> Source:
    """A YAML text, and the name of the file that it stands in for messages."""
    if len(text) > MAX_BYTES:
        problem = Problem(file, 1, 1, "", f"is larger than {MAX_BYTES:,} bytes", "split the rules")
        raise ModelError(file, [problem])
    reader = _Reader(file)
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except (YAMLError, RecursionError, ValueError) as error:
        raise ModelError(file, [_syntax(file, error)]) from None
    if not isinstance(node, MappingNode):
        problem = Problem(file, 1, 1, "", "the file is no mapping of keys", "start with `name: …`")
        raise ModelError(file, [problem])
    data = reader.plain(node, ())
    return Source(file, data, reader.keys, reader.values, tuple(reader.problems))


def shipped_text(name: str) -> str:
    """The text of a model that comes with the product."""
    return files("scorer.models").joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def _text_of(source: FilePath | str) -> tuple[str, str]:
    if isinstance(source, str) and "\n" in source:
        return "<text>", source
    if str(source) in SHIPPED:
        return f"{source}.yaml", shipped_text(str(source))
    try:
        with FilePath(source).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        return str(source), raw.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = f"give the path of a model in YAML (UTF-8), or {one_of(SHIPPED, source)}"
        raise ModelError(
            str(source), [Problem(str(source), 1, 1, "", f"cannot be read: {reason}", remedy)]
        ) from None


def _syntax(file: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = error.problem if isinstance(error, MarkedYAMLError) else str(error).partition("\n")[0]
    remedy = "check the indentation, and put text that contains `: `, `#`, `[` or `{` in quotes"
    return Problem(file, line, column, "", f"this is not YAML: {said}", remedy)


class _Reader:
    """Turns nodes into plain data; notes positions and everything that the language refuses."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def plain(self, node: Node, path: Path) -> Plain:
        self.values[path] = _place(node)
        if len(path) > MAX_DEPTH or len(self.values) > MAX_NODES:
            self._refuse(node, path, "is nested too deeply", "write it out without YAML aliases")
            raise ModelError(self.file, self.problems)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self.keys[(*path, index)] = _place(item)
                items.append(self.plain(item, (*path, index)))
            return items
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> Plain:
        result: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            if key in result:
                first = self.keys[(*path, key)][0]
                message = f"`{key}` is already there, in line {first}"
                self._refuse(key_node, (*path, key), message, "keep one of the two")
                continue
            self.keys[(*path, key)] = _place(key_node)
            result[key] = self.plain(value_node, (*path, key))
        return result

    def _scalar(self, node: Node, path: Path) -> Plain:
        text = str(node.value)
        try:
            match str(node.tag).removeprefix(_TAG):
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    return int(text.replace("_", ""), 0 if text.lstrip("+-")[1:2].isalpha() else 10)
                case "float":
                    return _finite(text)
                case "str" | "timestamp":
                    return text
        except (ValueError, OverflowError):
            self._refuse(node, path, f"`{text}` is no usable number", "write it in digits: 12.5")
            return 0
        self._refuse(node, path, f"the tag `{node.tag}` is not allowed", "remove the tag")
        return text

    def _refuse(self, node: Node, path: Path, message: str, remedy: str) -> None:
        line, column = _place(node)
        self.problems.append(Problem(self.file, line, column, dotted(path), message, remedy))


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _finite(text: str) -> float:
    number = float(text.replace("_", ""))
    if not math.isfinite(number):
        raise ValueError(text)
    return number
