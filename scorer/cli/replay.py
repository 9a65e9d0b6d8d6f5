"""`lead-scorer replay`: the input topics folded once more, into an application of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.settings import Settings

_LOOK_S: Final = 0.5
_STOP_S: Final = 15.0
_TERMINATED: Final = 128 + signal.SIGTERM


def replay(
    app: Annotated[
        str, typer.Option("--app", metavar="NEW", help="Name of the fresh application.")
    ],
    outputs: Annotated[
        bool,
        typer.Option("--outputs", help="Publish scores and crossings again, with the same ids."),
    ] = False,
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Go on as a worker when the end is reached.")
    ] = False,
) -> None:
    """Fold everything that the input topics still hold into a fresh application, beside the running one.

    Its states lie in a changelog of its own; nothing is published unless asked for. Ends when the
    end of the inputs is reached. To look at a lead afterwards: LEADSCORER_APP=NEW lead-scorer explain LEAD.
    """
    import asyncio

    from scorer.cli import show
    from scorer.cli.failures import Failure
    from scorer.settings import Settings
    from scorer.transport import admin

    here = Settings()
    if app == here.app:
        raise Failure(
            f"{app!r} is the application that runs here",
            "give the replay a name of its own, such as --app again",
            Exit.USAGE,
        )
    there = Settings.model_validate(
        here.model_dump() | {"app": app, "outputs": {"publish": outputs}, "web": {"enabled": False}}
    )
    asyncio.run(admin.apply(there))
    show.note(f"replaying into {app!r}, {'with' if outputs else 'without'} outputs")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that the worker ends, too
    worker = _start(there)
    try:
        if keep_running:
            raise typer.Exit(worker.wait())
        folded = asyncio.run(_until_read(there, worker))
    finally:
        worker.terminate()
        worker.wait(_STOP_S)
    for stage, records in folded.items():
        show.line(f"{stage}: {records:,} records folded into {app!r}")
    show.note(f"→ LEADSCORER_APP={app} lead-scorer explain LEAD, or … run to go on with it")


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    """A supervised worker with these settings."""
    import os

    from scorer.settings import environment

    code = "from scorer.cli.main import run; run()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "run"], env={**os.environ, **environment(settings)}
    )


async def _until_read(settings: Settings, worker: subprocess.Popen[bytes]) -> dict[str, int]:
    """Wait for the ends that the inputs have now; the number of records before them, by stage."""
    import asyncio

    from scorer.cli.failures import Failure
    from scorer.transport.progress import group
    from scorer.transport.topics import STAGES

    before = [await group(settings, stage) for stage in STAGES]
    ends = {(g.stage, lag.topic, lag.partition): lag.end for g in before for lag in g.lags}
    waiting = {each.stage: sum(lag.records for lag in each.lags) for each in before}
    while True:
        now = [await group(settings, stage) for stage in STAGES]
        left = [
            lag
            for each in now
            for lag in each.lags
            if lag.committed < ends[each.stage, lag.topic, lag.partition]
        ]
        if not left:
            return waiting
        if worker.poll() is not None:
            raise Failure(
                f"the replay ended with exit code {worker.returncode}",
                "read its log above; what it has folded is kept, start it again",
            )
        await asyncio.sleep(_LOOK_S)
