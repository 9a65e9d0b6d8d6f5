"""`lead-scorer import`: leads from a CSV. Knows how to report, leaves the reading to `scorer.importing`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.importing.importer import Importer


def import_file(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="Any CSV: delimiter, encoding and header are found out."
        ),
    ],
    mapping: Annotated[
        Path | None, typer.Option("--map", "-m", help="What the columns mean (YAML).")
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Write a first mapping instead of importing.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where --suggest writes; else stdout.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Model whose words --suggest maps to; else that of the settings."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, send nothing.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Instant (RFC 3339) of a newer export of the same leads."),
    ] = None,
    bad_rows: Annotated[
        Path | None,
        typer.Option("--bad-rows", help="Write the bad rows there as CSV, with line and reason."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON on stdout.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Let --suggest overwrite.")] = False,
) -> None:
    """Import leads: first `--suggest -o map.yaml`, then `--map map.yaml`.

    Importing a file again changes nothing: ids of events come from what the rows say. Bad rows are
    listed and do not stop the good ones (exit code 3).
    """
    from scorer.cli.failures import Failure
    from scorer.cli.session import session

    now = session(ctx)
    if suggest:
        _suggest(now, file, output, model or now.settings.model, force)
    elif mapping is None:
        raise Failure(
            "what the columns mean is not said",
            f"lead-scorer import {file} --suggest -o map.yaml   then read it, and run with --map map.yaml",
            Exit.USAGE,
        )
    else:
        _import(now, file, mapping, as_of, dry_run, bad_rows, as_json)


def _suggest(now: Session, file: Path, output: Path | None, model: str, force: bool) -> None:
    from scorer.cli import show
    from scorer.cli.failures import Failure
    from scorer.contracts.model.file import load_model
    from scorer.importing.files import suggest_mapping

    if output is not None and output.exists() and not force:
        raise Failure(f"{output} exists", "give another name, or --force", Exit.USAGE)
    text, made = suggest_mapping(file, load_model(model), now_us=now.now_us())
    if output is None:
        show.line(text.rstrip("\n"))
    else:
        output.write_text(text, encoding="utf-8")
    for warning in made.warnings:
        show.err().print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
    if made.dialect.encoding_guessed:
        show.err().print(
            f"warning: the file is not UTF-8; read as {made.dialect.encoding}, a guess",
            style="yellow",
            soft_wrap=True,
        )
    used = len(made.attributes) + len(made.behaviours) + len(made.outcomes)
    show.note(
        f"{made.rows:,} rows: {used} columns used, {len(made.ignore)} left out, each with its reason"
    )
    if output:
        show.note(f"→ read {output}, then: lead-scorer import {file} --map {output} --dry-run")


def _import(
    now: Session,
    file: Path,
    mapping: Path,
    as_of: str | None,
    dry_run: bool,
    bad_rows: Path | None,
    as_json: bool,
) -> None:
    import asyncio

    from scorer.cli.import_report import report, write_bad_rows
    from scorer.cli.publishing import Checker, instant_of
    from scorer.importing.files import open_import

    as_of_us = instant_of(as_of) if as_of else None
    importer = open_import(
        file, mapping, now_us=now.now_us(), as_of_us=as_of_us, check=Checker(now.now_us())
    )
    asyncio.run(_send(now, importer, dry_run, file.stat().st_size))
    if bad_rows:
        write_bad_rows(bad_rows, importer)
    report(importer, dry_run=dry_run, as_json=as_json, written=bad_rows)
    if importer.report.bad:
        raise typer.Exit(Exit.BAD_ROWS)


async def _send(now: Session, importer: Importer, dry_run: bool, size_bytes: int) -> None:
    """All good rows, in batches, with a progress bar on a terminal."""
    from contextlib import AsyncExitStack

    from scorer.cli.import_report import progress
    from scorer.cli.publishing import BATCH
    from scorer.contracts.compose import compose
    from scorer.contracts.records import Message

    async with AsyncExitStack() as stack:
        send = None if dry_run else await stack.enter_async_context(now.broker.sending())
        advance = stack.enter_context(progress(importer, size_bytes))
        batch: list[Message] = []
        for events in importer.run():
            batch += map(compose, events)
            if len(batch) >= BATCH:
                if send:
                    await send(batch)
                batch = []
                advance()
        if send and batch:
            await send(batch)
