"""Every `lead-scorer …` that is written down somewhere is a command, with options that it has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from scorer.cli.main import app

ROOT = Path(__file__).parents[2]
ROOT_COMMAND: Any = typer.main.get_command(app)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [
    path
    for folder in ("scorer", "topologies", "schemas")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".yaml"}
]
INLINE = re.compile(r"`lead-scorer ([^`\n]+)`")
LINE = re.compile(r"^(?:docker compose run --rm cli|lead-scorer) (.+)$", re.MULTILINE)


def faults(written: str) -> list[str]:
    """What does not exist in a command as it is written; `…`, `FILE` and the like are arguments."""
    command, found = ROOT_COMMAND, []
    for word in shlex.split(written.partition("#")[0].replace("…", ""), comments=False):
        if word.startswith("-") and word != "-":
            options = {
                name for each in command.params for name in (*each.opts, *each.secondary_opts)
            }
            if word.partition("=")[0] not in options | {"--help", "-h"}:
                found.append(f"{command.name} has no option {word}")
        elif hasattr(command, "commands"):
            for name in word.split("|"):
                if name not in command.commands and name != "COMMAND":
                    found.append(f"no command {name}")
            command = command.commands.get(word.split("|")[0])
            if command is None:
                break
    return found


def test_a_command_that_does_not_exist_is_found() -> None:
    assert faults("explain lead-42") == []
    assert faults("explode lead-42") == ["no command explode"]
    assert faults("explain lead-42 --loudly") == ["explain has no option --loudly"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_documentation_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    written = INLINE.findall(text) + LINE.findall(text)
    assert {each: faults(each) for each in written if faults(each)} == {}


def test_commands_that_messages_recommend_exist() -> None:
    wrong = {}
    for path in SOURCES:
        for each in INLINE.findall(path.read_text("utf-8")):
            if "{" not in each and faults(each):
                wrong[f"{path.relative_to(ROOT)}: {each}"] = faults(each)
    assert wrong == {}


def test_commands_of_the_containers_exist() -> None:
    compose = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
    for service in compose["services"].values():
        if service.get("image") == "lead-scorer:local" and "entrypoint" not in service:
            assert faults(" ".join(service.get("command", ["run"]))) == []
