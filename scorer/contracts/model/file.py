"""A model file → `Model`, or every problem of it at once. The door to the model language.

model = load_model("default")            # shipped
model = load_model(Path("model.yaml"))   # yours
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Final

from pydantic import ValidationError

from scorer.contracts.model.build import build
from scorer.contracts.model.names import Known, refusals
from scorer.contracts.model.problems import ModelError, Path, Problem
from scorer.contracts.model.refusals import Fault, faults_of
from scorer.contracts.model.shape import Document
from scorer.contracts.model.source import Plain, Source, read_source
from scorer.domain.model import Model

__all__ = ["ModelError", "Problem", "load_document", "load_model"]

_MAPPINGS: Final = ("dimensions", "groups", "behaviours", "weights")
_LISTS: Final = ("rules", "fast_track")


def load_model(source: FilePath | str) -> Model:
    """The model at a path, of a shipped name (`default`, `education`), or in a YAML text.

    Raises `ModelError` with all problems, each with line, column and what to do.
    """
    return build(load_document(source)[0])


def load_document(source: FilePath | str) -> tuple[Document, Source]:
    """The file as it is written, checked, with the positions of everything in it."""
    return check_source(read_source(source))


def check_source(read: Source) -> tuple[Document, Source]:
    """The same of a source that was read already: a file of its own, or a part of another one."""
    problems = list(read.problems)
    faults: list[Fault] = []
    try:
        document: Document | None = Document.model_validate(read.data)
    except ValidationError as error:
        faults = faults_of(error, read.data)
        problems += [read.problem(f.path, f.message, f.remedy, at_key=f.at_key) for f in faults]
        document = None
    for path, message, remedy in _refusals(document, read.data, faults):
        problems.append(read.problem(path, message, remedy))
    if problems or document is None:
        raise ModelError(read.file, problems)
    return document, read


def _refusals(
    document: Document | None, data: Plain, faults: list[Fault]
) -> list[tuple[Path, str, str]]:
    """What is wrong beyond the shape. Entries of wrong shape are left out and the rest is checked
    all the same, so that nobody mends a file in five rounds.
    """
    kept: dict[str, list[int]] = {}
    if document is None:
        sound, kept = _without(data, {_entry_of(fault.path) for fault in faults})
        try:
            document = Document.model_validate(sound)
        except ValidationError:
            return []
    return [
        (_as_written(path, kept), message, remedy)
        for path, message, remedy in refusals(document, _known(data))
    ]


def _entry_of(path: Path) -> Path:
    """The smallest part of the document that makes sense to leave out."""
    in_list = len(path) > 1 and path[0] in _LISTS and isinstance(path[1], int)
    return path[: 2 if in_list or (path and path[0] in _MAPPINGS) else 1]


def _without(data: Plain, wrong: set[Path]) -> tuple[Plain, dict[str, list[int]]]:
    """The data less its wrong entries, and for each list the places of those that stay."""
    if not isinstance(data, dict):
        return data, {}
    sound: dict[str, Plain] = {"name": "nameless", "version": "none"}  # nothing refers to them
    kept: dict[str, list[int]] = {}
    for key, value in data.items():
        if (key,) in wrong:
            continue
        if key in _MAPPINGS and isinstance(value, dict):
            sound[key] = {name: item for name, item in value.items() if (key, name) not in wrong}
        elif key in _LISTS and isinstance(value, list):
            kept[key] = [index for index in range(len(value)) if (key, index) not in wrong]
            sound[key] = [value[index] for index in kept[key]]
        else:
            sound[key] = value
    return sound, kept


def _as_written(path: Path, kept: dict[str, list[int]]) -> Path:
    if len(path) > 1 and isinstance(path[1], int) and path[0] in kept:
        return (path[0], kept[str(path[0])][path[1]], *path[2:])
    return path


def _known(data: Plain) -> Known:
    def names(key: str) -> frozenset[str]:
        section = data.get(key) if isinstance(data, dict) else None
        return frozenset(section) if isinstance(section, dict) else frozenset()

    return Known(names("dimensions"), names("groups"), names("behaviours"), names("weights"))
