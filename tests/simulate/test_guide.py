"""The page about simulating shows what the commands really do, and its pictures are of today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scorer.cli.exits import Exit
from tests.cli.memory_broker import Desk

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "simulate.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
STORIES = ("story.yaml", "owner.yaml")
PICTURES = {
    "docs/simulate.svg": ("simulate", "a-good-lead-in-the-default-model"),
    "docs/model.svg": ("model", "plot", "default"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stories = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for name, story in zip(STORIES, stories, strict=True):
        (tmp_path / name).write_text(story, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_works(command: str, folder: Path) -> None:
    said = Desk().run(*command.split()[1:])

    assert said.code == Exit.OK, said.out + said.err
    if "--svg" in command:
        assert (folder / command.rsplit(maxsplit=1)[-1]).read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize("story", STORIES)
def test_a_story_of_the_page_ends_as_it_expects(story: str, folder: Path) -> None:
    assert "ok    " in Desk().run("simulate", "--check", story).out


def test_the_output_of_the_page_is_what_the_command_says(folder: Path) -> None:
    said = [line.rstrip() for line in Desk().run("simulate", "owner.yaml").out.splitlines()]
    shown = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

    assert len(shown) == 1
    assert [line for line in shown[0].splitlines() if line not in said] == []


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_documentation_is_as_it_would_be_drawn_now(
    name: str, folder: Path
) -> None:
    Desk().run(*PICTURES[name], "--svg", "now.svg")

    now = (folder / "now.svg").read_text("utf-8")
    command = " ".join(PICTURES[name])
    assert now == (ROOT / name).read_text("utf-8"), (
        f"lead-scorer {command} --svg {name}, and commit"
    )
