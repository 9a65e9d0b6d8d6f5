"""The page of the command line, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import typer

from scorer.cli.exits import MEANING
from scorer.cli.main import app
from scorer.reference.markdown import MADE, table

_PAGE: Final = f"""{MADE}# The command line

`lead-scorer COMMAND --help` says the same at the terminal. Every command that reads has `--json`. There is no colour
and no progress bar off a terminal. Errors end with what to do next, on stderr.

"""


def cli_page() -> str:
    """Every command with its arguments and options, and the exit codes."""
    root = typer.main.get_command(app)
    sections = [_section(name, command) for name, command in _commands(root, "lead-scorer")]
    codes = [(str(code.value), meaning) for code, meaning in MEANING.items()]
    exits = (
        "## Exit codes\n\nOf all commands but `run`, which has [more](exit-codes.md).\n\n"
        + table(("code", "meaning"), codes)
    )
    return "\n".join((_PAGE + _section("lead-scorer", root), *sections, exits))


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _section(name: str, command: Any) -> str:
    parameters = [_parameter(each) for each in command.params if not getattr(each, "hidden", False)]
    arguments = " ".join(each[0].strip("`") for each in parameters if not each[0].startswith("`-"))
    help_text = (command.help or "").strip()
    heading = f"## {name} {arguments}".rstrip() + f"\n\n{help_text}\n"
    if not parameters:
        return heading
    return heading + "\n" + table(("parameter", "default", "meaning"), parameters)


def _parameter(parameter: Any) -> Sequence[str]:
    option = parameter.param_type_name == "option"
    names = ", ".join((*parameter.opts, *parameter.secondary_opts))
    name = names if option else (parameter.metavar or parameter.name.upper())
    if option and not parameter.is_flag:
        name += f" {parameter.metavar or parameter.display_type.upper()}"
    default = "required" if parameter.required else _default(parameter.default)
    return f"`{name}`", default, parameter.help or ""


def _default(value: object) -> str:
    if value is None or value is False or value in ((), []) or callable(value):
        return ""
    return f"`{value}`"
