"""`lead-scorer verify`: an independent referee over everything that was read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.verify.verdict import Verdict


def verify(
    ctx: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only what was written since: 2026-11-22T09:00Z, or 90m, 2h, 3d ago.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="TIME",
            help="Only what was written before; states are then left out.",
        ),
    ] = None,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Seconds that a crossing may be overdue.")
    ] = 10.0,
    slack: Annotated[
        float,
        typer.Option(
            "--slack",
            min=0,
            help="Seconds by which clocks of brokers, workers and open transactions of publishers may differ.",
        ),
    ] = 60.0,
    examples: Annotated[
        int, typer.Option("--examples", min=0, help="So many examples of each kind of fault.")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Fold all inputs anew and compare outputs, states and dead letters: nothing missing, nothing twice, nothing wrong.

    Reads every topic from its beginning and writes nothing; workers may go on meanwhile.
    """
    import asyncio

    from scorer.cli import show
    from scorer.cli.exits import Exit
    from scorer.cli.session import session
    from scorer.cli.verifying import instant_ms
    from scorer.cli.verifying import verify as judge
    from scorer.verify.referee import Limits

    now = session(ctx)
    now_us = now.now_us()
    limits = Limits(instant_ms(since, now_us), instant_ms(until, now_us), grace, slack, examples)
    with show.err().status("reading the topics") as status:

        def progress(done: int, of: int) -> None:
            status.update(f"{done:,} of {of:,} records judged")

        verdict = asyncio.run(judge(now.settings, now_us, limits, progress))
    if as_json:
        show.json_page(verdict.as_json())
    else:
        print_verdict(verdict)
    raise typer.Exit(Exit.OK if verdict.right else Exit.PROBLEMS)


def print_verdict(verdict: Verdict) -> None:
    """The verdict as a person reads it."""
    from scorer.cli import show
    from scorer.verify.verdict import UNJUDGED_MEANING, Fault, Subject

    show.line(
        f"{verdict.records:,} input records of {verdict.leads:,} leads folded anew; compared "
        f"{verdict.outputs:,} outputs, {verdict.states:,} states, {verdict.dead_letters:,} dead letters"
    )
    rows = [
        (fault.value, *(f"{verdict.faults[fault, subject]:,}" for subject in Subject))
        for fault in Fault
    ]
    columns = ["", "outputs", "states", "dead letters"]
    show.out().print(show.table(columns, rows, right=columns[1:]))
    for why, count in verdict.unjudged.items():
        show.line(f"not judged: {count:,} {UNJUDGED_MEANING[why]}")
    _print_examples(verdict)
    if verdict.lag:
        show.note(
            f"{verdict.lag:,} input records wait for a worker; they are not part of the verdict"
        )
    if not verdict.alive:
        show.note(
            f"no worker is running; {verdict.waiting:,} leads have crossings that wait for one"
            " → `lead-scorer run`"
        )
    if verdict.right:
        show.line("right: everything is there, once, and as the inputs give it")
    else:
        show.line(
            "WRONG → look at the examples with `lead-scorer explain LEAD`; if the settings here are "
            "those of the worker (model, app, future_tolerance_s), keep the topics and report it"
        )


def _print_examples(verdict: Verdict) -> None:
    from scorer.cli import show

    if verdict.examples:
        rows = [
            (
                f"{it.fault} {it.subject}",
                it.key,
                f"{it.topic}/{it.partition}" + ("" if it.offset is None else f"@{it.offset}"),
                it.id or "",
                it.why,
            )
            for it in verdict.examples
        ]
        show.out().print(show.table(["fault", "key", "where", "id", "why"], rows))
