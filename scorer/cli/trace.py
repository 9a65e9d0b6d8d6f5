"""`lead-scorer trace`: one event through every step, without a broker. Made for learning and for doubts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.cli.tracing import Step


def trace(
    ctx: typer.Context,
    event: Annotated[
        Path,
        typer.Option(
            "--event",
            help="A CloudEvent as JSON; of several lines (JSONL) the last is traced, the others come before. - is stdin.",
        ),
    ],
    model: Annotated[str | None, typer.Option("--model", help="Else that of the settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The steps as JSON.")] = False,
) -> None:
    """Walk an event through decode, state, fold, explanation, outputs and bytes, as a worker would."""
    from scorer.cli import show
    from scorer.cli.failures import Failure
    from scorer.cli.session import session
    from scorer.cli.tracing import walk
    from scorer.contracts.model.file import load_model

    now = session(ctx)
    try:
        text = sys.stdin.buffer.read() if str(event) == "-" else event.read_bytes()
    except OSError as error:
        raise Failure(
            f"cannot read {event}: {error.strerror}",
            "give a file with one CloudEvent as JSON",
            Exit.USAGE,
        ) from error
    steps, rejected = walk(text, load_model(model or now.settings.model), now.now_us())
    if as_json:
        show.json_page([step._asdict() for step in steps])
    else:
        for number, step in enumerate(steps, 1):
            _print(number, step)
    if rejected:
        raise typer.Exit(Exit.PROBLEMS)


def _print(number: int, step: Step) -> None:
    from rich.text import Text

    from scorer.cli import show

    console = show.out()
    console.print(Text.assemble((f"{number}. {step.title}", "bold"), (f"   {step.where}", "dim")))
    console.print(Text(f"   {step.says}", style="dim italic"), soft_wrap=True)
    for line in step.lines:
        console.print(Text(f"   {line}"), soft_wrap=True)
    console.print()
