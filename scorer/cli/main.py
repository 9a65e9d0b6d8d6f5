"""`lead-scorer`: the command line. Knows the commands by name; each lives in a module of its own.

Commands import what they need when they run, so that `--help` takes a tenth of a second.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from scorer.cli import (
    config,
    deadlines,
    demo,
    dlq,
    doctor,
    explain,
    imports,
    leads,
    model,
    publish,
    replay,
    report,
    simulate,
    status,
    tail,
    topics,
    trace,
    verify,
    worker,
)
from scorer.cli.exits import Exit

BROKERS: Final = "LEADSCORER_KAFKA__BOOTSTRAP_SERVERS"


class Commands(TyperGroup):
    """Turns an expected error of a command into one line with a remedy, and its exit code."""

    def invoke(self, ctx: Any) -> Any:  # typer's own type is private
        """Run the command."""
        from scorer.cli.failures import explained, tell

        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `lead-scorer tail | head`: the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.OK) from None
        except KeyboardInterrupt:
            raise typer.Exit(Exit.INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, typer.Exit | typer.Abort) or (known := explained(error)) is None:
                raise
            message, code = known
            tell(message)
            raise typer.Exit(code) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a traceback must not print a password
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Events about leads in, explained scores and tier crossings out.",
    epilog="Every setting is an environment variable: `lead-scorer config show`. Begin with `lead-scorer demo`.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from scorer import __version__

        typer.echo(f"lead-scorer {__version__}")
        raise typer.Exit


@app.callback()
def options(
    brokers: Annotated[
        str | None,
        typer.Option(
            "--brokers", "-b", metavar="HOST:PORT,…", help=f"Kafka to talk to; else {BROKERS}."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Events about leads in, explained scores and tier crossings out."""
    import logging

    # What the client has to say is in our own errors; `run` sets its own logs up.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    if brokers:
        os.environ[BROKERS] = brokers  # so that the processes of `run` and `demo` see it too


START, LOOK, FEED, CARE = "Start", "Look", "Feed", "Take care"

app.command(name="demo", rich_help_panel=START)(demo.demo)
app.command(name="run", rich_help_panel=START)(worker.run)
app.add_typer(topics.app, name="topics", rich_help_panel=START)
app.add_typer(publish.app, name="publish", rich_help_panel=FEED)
app.command(name="import", rich_help_panel=FEED)(imports.import_file)
app.command(name="status", rich_help_panel=LOOK)(status.status)
app.command(name="list", rich_help_panel=LOOK)(leads.list_leads)
app.command(name="explain", rich_help_panel=LOOK)(explain.explain)
app.command(name="deadlines", rich_help_panel=LOOK)(deadlines.deadlines)
app.add_typer(report.app, name="report", rich_help_panel=LOOK)
app.command(name="tail", rich_help_panel=LOOK)(tail.tail)
app.command(name="trace", rich_help_panel=LOOK)(trace.trace)
app.command(name="simulate", rich_help_panel=LOOK)(simulate.simulate)
app.add_typer(dlq.app, name="dlq", rich_help_panel=CARE)
app.command(name="replay", rich_help_panel=CARE)(replay.replay)
app.command(name="verify", rich_help_panel=CARE)(verify.verify)
app.add_typer(model.app, name="model", rich_help_panel=CARE)
app.add_typer(config.app, name="config", rich_help_panel=CARE)
app.command(name="doctor", rich_help_panel=CARE)(doctor.doctor)


def run() -> None:
    """The console script."""
    app()
