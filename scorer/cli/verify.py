"""`lead-scorer verify`: an independent referee over everything that was read and written."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.verify.verdict import Verdict


class Stage(StrEnum):
    """What can be judged."""

    SCORING = "scoring"
    POOL = "pool"


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
        float,
        typer.Option(
            "--grace", min=0, help="Seconds that a crossing or a deadline may be overdue."
        ),
    ] = 10.0,
    slack: Annotated[
        float,
        typer.Option(
            "--slack",
            min=0,
            help="Seconds by which clocks of brokers, workers and open transactions of publishers may differ.",
        ),
    ] = 60.0,
    stage: Annotated[
        list[Stage] | None, typer.Option("--stage", help="Only this stage; may be given again.")
    ] = None,
    examples: Annotated[
        int, typer.Option("--examples", min=0, help="So many examples of each kind of fault.")
    ] = 5,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            min=1,
            help="So many partitions at a time, each by a process of its own; about 1 GB each.",
        ),
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Fold all inputs of each stage anew and compare outputs, states and dead letters: nothing missing, nothing twice, nothing wrong.

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
    verdicts: dict[str, Verdict] = {}
    with show.err().status("reading the topics") as status:
        for each in stage or list(Stage):

            def progress(done: int, of: int, name: str = each.value) -> None:
                status.update(f"{name}: {done:,} of {of:,} records judged")

            judging = judge(now.settings, now_us, limits, progress, stage=each.value, jobs=jobs)
            verdicts[each.value] = asyncio.run(judging)
    right = all(verdict.right for verdict in verdicts.values())
    if as_json:
        show.json_page({"right": right} | {name: v.as_json() for name, v in verdicts.items()})
    else:
        for name, verdict in verdicts.items():
            print_verdict(name, verdict)
    raise typer.Exit(Exit.OK if right else Exit.PROBLEMS)


def print_verdict(stage: str, verdict: Verdict) -> None:
    """The verdict on a stage as a person reads it."""
    from scorer.cli import show
    from scorer.verify.verdict import UNJUDGED_MEANING, Fault, Subject

    show.line(
        f"{stage}: {verdict.records:,} input records of {verdict.leads:,} leads folded anew; compared "
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
            f"no worker is running; for {verdict.waiting:,} leads something is due and waits for one"
            " → `lead-scorer run`"
        )
    if verdict.right:
        show.line(f"{stage} is right: everything is there, once, and as the inputs give it")
    else:
        show.line(
            f"{stage} is WRONG → look at the examples with `lead-scorer explain LEAD`; if the settings here are "
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
