"""`lead-scorer config`: the settings in force. Shows no secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="The settings in force.")


@app.callback()
def config() -> None:
    """The settings in force."""


@app.command()
def show(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what differs from the defaults.")
    ] = False,
) -> None:
    """Every setting with its value and the variable that sets it; secrets are hidden."""
    from scorer.cli import show as page
    from scorer.cli.session import session
    from scorer.settings import Settings, effective

    values = dict(_flat(effective(session(ctx).settings)))
    defaults = dict(_flat(effective(Settings.model_construct())))
    if changed:
        values = {name: value for name, value in values.items() if value != defaults.get(name)}
    if as_json:
        page.json_page(values)
        return
    rows = [
        (
            _variable(name),
            "" if value is None else value,
            "" if value == defaults.get(name) else "set",
        )
        for name, value in values.items()
    ]
    page.out().print(page.table(["variable", "value", ""], rows))


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _variable(name: str) -> str:
    return "LEADSCORER_" + name.upper().replace(".", "__")
