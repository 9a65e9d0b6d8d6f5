"""A story file → `Told`, or every problem of it with line and column. The door to the language."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path as FilePath

from pydantic import ValidationError

from scorer.contracts.model.build import build
from scorer.contracts.model.file import check_source, load_model
from scorer.contracts.model.problems import ModelError, Path, Problem
from scorer.contracts.model.refusals import faults_of
from scorer.contracts.model.source import SHIPPED, Source, parse_source
from scorer.domain.model import Model
from scorer.simulate.errors import StoryError
from scorer.simulate.shape import Story
from scorer.simulate.telling import Told, tell


def scenarios() -> dict[str, FilePath]:
    """The stories that come with the product, by name: each shows one trap."""
    folder = FilePath(str(files("scorer.simulate").joinpath("scenarios")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_story(path: FilePath, model: str | None = None) -> Told:
    """The story in a file; `model` takes the place of the one that it names.

    Raises `StoryError` or `ModelError`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        remedy = "give the path of a story, or the name of one: lead-scorer simulate --list"
        said = getattr(error, "strerror", None) or str(error)
        raise StoryError(
            str(path), [Problem(str(path), 1, 1, "", f"cannot be read: {said}", remedy)]
        ) from None
    return parse_story(text, str(path), path.parent, model)


def parse_story(
    text: str, file: str = "<story>", folder: FilePath | None = None, model: str | None = None
) -> Told:
    """The story in a text."""
    try:
        read = parse_source(file, text)
    except ModelError as error:
        raise StoryError(file, error.problems) from None
    try:
        story = Story.model_validate(read.data)
    except ValidationError as error:
        faults = faults_of(error, read.data)
        found = [read.problem(f.path, f.message, f.remedy, at_key=f.at_key) for f in faults]
        raise StoryError(file, (*read.problems, *found)) from None
    if read.problems:
        raise StoryError(file, read.problems)
    chosen = load_model(model) if model else _model(story, read, folder or FilePath())
    told, wrong = tell(story, chosen)
    if wrong:
        raise StoryError(file, [read.problem(*each) for each in wrong])
    return told


def _model(story: Story, read: Source, folder: FilePath) -> Model:
    if isinstance(story.model, dict):
        return build(check_source(_part(read, "model"))[0])
    return load_model(story.model if story.model in SHIPPED else folder / story.model)


def _part(read: Source, key: str) -> Source:
    """A part of a file as a source of its own, whose problems still have the lines of the file."""

    def inner(places: dict[Path, tuple[int, int]]) -> dict[Path, tuple[int, int]]:
        return {path[1:]: place for path, place in places.items() if path[:1] == (key,)}

    assert isinstance(read.data, dict)
    return Source(read.file, read.data[key], inner(read.keys), inner(read.values))
