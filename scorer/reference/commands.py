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
    context = command.context_class(command)
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = " ".join(_argument(each) for each in shown if each.param_type_name == "argument")
    heading = f"## {name} {arguments}".rstrip() + f"\n\n{(command.help or '').strip()}\n"
    if not shown:
        return heading
    rows = [_parameter(each, context) for each in shown]
    return heading + "\n" + table(("parameter", "default", "meaning"), rows)


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required else f"[{name}]"


def _parameter(parameter: Any, context: Any) -> Sequence[str]:
    """Name, default and meaning of one argument or option."""
    kind = parameter.display_type(context).strip("<>")
    default = "required" if parameter.required else _default(parameter.default)
    if parameter.param_type_name == "argument":
        choices = f" ({kind})" if "|" in kind else ""
        return (
            f"`{parameter.metavar or parameter.name.upper()}`{choices}",
            default,
            parameter.help or "",
        )
    names = ", ".join((*parameter.opts, *parameter.secondary_opts))
    if parameter.is_flag:
        return (
            f"`{names}`",
            f"`{parameter.opts[0]}`" if parameter.default else "",
            parameter.help or "",
        )
    return f"`{names} {parameter.metavar or _KINDS.get(kind, kind)}`", default, parameter.help or ""


_KINDS: Final = {
    "str": "TEXT",
    "list[str]": "TEXT",
    "int": "N",
    "int range": "N",
    "float": "NUMBER",
    "float range": "NUMBER",
    "path": "PATH",
    "file": "PATH",
}


def _default(value: object) -> str:
    if value is None or value in ((), []) or callable(value):
        return ""
    return f"`{getattr(value, 'value', value)}`"
