"""`lead-scorer demo`: everything on this machine, for a look. Leaves the work to `scorer.demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    seed: Annotated[
        int, typer.Option("--seed", help="Another story; the same seed tells the same one.")
    ] = 7,
    leads: Annotated[
        int, typer.Option("--leads", min=1, help="Leads who arrive in four simulated weeks.")
    ] = 60,
    speed: Annotated[
        float, typer.Option("--speed", min=0.001, help="Simulated hours in a real second.")
    ] = 6.0,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="End by itself after so many.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Lines instead of a live view; so anyway off a terminal."),
    ] = False,
    lang: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
    model: Annotated[
        str, typer.Option("--model", help="A shipped model, or the path of a YAML file.")
    ] = "default",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Your own leads instead of invented ones.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="What the columns of --csv mean; else suggested.")
    ] = None,
) -> None:
    """Score invented people on an embedded broker, live in this terminal. Ctrl-C leaves nothing behind."""
    from scorer.cli.publishing import member
    from scorer.demo.show import Options, run
    from scorer.demo.words import Lang

    options = Options(
        seed=seed, leads=leads, speed=speed, seconds=seconds, plain=plain,
        lang=member(Lang, lang), model=model, csv=csv, mapping=mapping,
    )  # fmt: skip
    raise typer.Exit(run(options))
