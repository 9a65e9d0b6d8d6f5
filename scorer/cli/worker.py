"""`lead-scorer run`: the workers. Knows which process to become, knows no Faust."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    stage: Annotated[
        str | None,
        typer.Option("--stage", help="Run only this stage, in this process; else all, supervised."),
    ] = None,
) -> None:
    """Score leads until stopped: one process a stage, restarted when one fails.

    SIGTERM and Ctrl-C finish what is begun, commit and end with exit code 0 in less than 10 s.
    """
    from scorer.settings import Settings

    settings = Settings()
    if stage is None:
        from topologies.supervisor import supervise

        raise typer.Exit(supervise(settings))
    from topologies.worker import run_stage

    raise typer.Exit(run_stage(settings, stage))
