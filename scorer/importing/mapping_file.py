"""Reads a mapping file, and says with line and column what is wrong in it. Knows YAML."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from scorer.contracts.model.problems import dotted, one_of
from scorer.importing.errors import MappingProblem
from scorer.importing.mapping import Mapping

Texts = str | list["Texts"] | dict[str, "Texts"]
Place = tuple[str | int, ...]
MAX_DEPTH: Final = 12  # the language nests 5 deep; YAML aliases can nest for ever


def load_mapping(path: Path) -> Mapping:
    """The mapping in a file; raises `MappingProblem` with every mistake and its place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingProblem(
            f"cannot read the mapping {path}: {error}",
            "let `lead-scorer import FILE --suggest -o map.yaml` write one",
        ) from error
    return parse_mapping(text, str(path))


def parse_mapping(text: str, file: str = "<mapping>") -> Mapping:
    """The mapping in a text. All scalars are read as text: `1.0: won` is about the cell "1.0"."""
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise MappingProblem(f"{where}: not YAML: {error.problem}", "correct the line") from error
    lines: dict[Place, str] = {}
    data = _texts(root, (), lines, file) if root is not None else {}
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        problems = [
            _problem(file, lines, item["loc"], item["msg"], item["type"]) for item in error.errors()
        ]
        raise MappingProblem(
            "\n".join(dict.fromkeys(problems)),
            "correct these lines; the keys are in docs/reference/import.md",
        ) from None


def _texts(node: Node, place: Place, lines: dict[Place, str], file: str) -> Texts:
    """Nodes as text, lists and dictionaries; remembers where each stood, refuses doubled keys."""
    where = f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"
    lines[place] = where
    if len(place) > MAX_DEPTH:
        raise MappingProblem(f"{file}:{where}: nested too deeply", "write it without YAML aliases")
    if isinstance(node, SequenceNode):
        return [
            _texts(item, (*place, number), lines, file) for number, item in enumerate(node.value)
        ]
    if not isinstance(node, MappingNode):
        return "" if str(node.tag).endswith(":null") else str(node.value)
    result: dict[str, Texts] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        if key in result:
            line = key_node.start_mark.line + 1
            raise MappingProblem(f"{file}:{line}: `{key}` is there twice", "keep one of the two")
        result[key] = _texts(value, (*place, key), lines, file)
        lines[(*place, key)] = f"{key_node.start_mark.line + 1}:{key_node.start_mark.column + 1}"
    return result


def _problem(
    file: str, lines: dict[Place, str], location: Iterable[int | str], said: str, kind: str
) -> str:
    place = tuple(location)
    known = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in lines), ())
    message = said.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        message = f"unknown key; {one_of(_keys_near(place[:-1]), place[-1])}"
    elif kind == "missing":
        message = "is missing"
    return f"{file}:{lines.get(known, '1:1')}: {dotted(known if kind != 'missing' else place)}: {message}"


def _keys_near(place: Place) -> list[str]:
    """The keys that the part at this place may have."""
    model: type[BaseModel] = Mapping
    for step in place:
        if isinstance(step, str) and step in model.model_fields:
            found = _part_in(model.model_fields[step].annotation)
            model = found or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _part_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _part_in(inner):
            return found
    return None
