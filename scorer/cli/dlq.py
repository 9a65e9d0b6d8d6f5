"""`lead-scorer dlq`: what was rejected and why, and how it gets another chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scorer.cli.exits import Exit

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.contracts.dead_letters import DeadLetter
    from scorer.contracts.records import Record

app = typer.Typer(
    no_args_is_help=True, help="Dead letters: records that could not be read, and why."
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("list")
def list_letters(
    ctx: typer.Context,
    reason: Annotated[str | None, typer.Option("--reason", help="Only of this reason.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="The latest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The latest dead letters, and how many there are of each reason."""
    import asyncio
    from collections import Counter

    from scorer.cli import show
    from scorer.cli.session import session

    letters = asyncio.run(_all(session(ctx)))
    counts = Counter(letter.reason for _, letter in letters)
    shown = [pair for pair in letters if reason in (None, pair[1].reason)][-limit:]
    if as_json:
        for record, letter in shown:
            show.json_line(as_row(record, letter))
        return
    rows = [
        (
            place(record),
            show.when(letter.timestamp_ms * 1000),
            letter.reason,
            letter.detail,
            _from(letter),
        )
        for record, letter in shown
    ]
    show.out().print(show.table(["place", "arrived (UTC)", "reason", "detail", "from"], rows))
    show.note(
        f"{len(letters):,} dead letters"
        + "".join(f"; {n:,} {name}" for name, n in counts.most_common())
    )
    if rows:
        show.note("→ `lead-scorer dlq show PLACE` prints one as it was received")


@app.command("show")
def show_letter(
    ctx: typer.Context,
    where: Annotated[
        str, typer.Argument(metavar="PLACE", help="PARTITION@OFFSET, as `dlq list` prints it.")
    ],
    as_json: AsJson = False,
) -> None:
    """One dead letter: why, from where, and its bytes as they were received."""
    import asyncio

    from scorer.cli import show
    from scorer.cli.failures import Failure
    from scorer.cli.session import session

    found = next(
        (pair for pair in asyncio.run(_all(session(ctx))) if place(pair[0]) == where), None
    )
    if found is None:
        raise Failure(
            f"there is no dead letter at {where!r}",
            "take a place from `lead-scorer dlq list`",
            Exit.NOT_FOUND,
        )
    record, letter = found
    if as_json:
        show.json_page(
            as_row(record, letter)
            | {"value": _text(record.value), "headers": [[k, _text(v)] for k, v in letter.headers]}
        )
        return
    show.line(f"reason    {letter.reason}: {letter.detail}")
    show.line(f"from      {_from(letter)}, arrived {show.when(letter.timestamp_ms * 1000)} UTC")
    show.line(f"rejected  by {letter.app} {letter.version}")
    show.line(f"key       {_text(record.key)}")
    for name, content in letter.headers:
        show.line(f"header    {name}: {_text(content)}")
    show.line(
        f"value     {len(record.value or b''):,} bytes"
        + (f" (left out: {', '.join(letter.omitted)})" if letter.omitted else "")
    )
    show.line(_text(record.value) or "")


@app.command()
def redrive(
    ctx: typer.Context,
    reason: Annotated[str | None, typer.Option("--reason", help="Only of this reason.")] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", help="Only what came from this topic.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only what arrived then or later (ISO 8601)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send dead letters to their topics again, byte for byte, once the cause is mended.

    Safe to repeat: an event that was scored meanwhile is recognised by its (source, id) and changes nothing.
    What is rejected again becomes a dead letter again.
    """
    import asyncio

    from scorer.cli import show
    from scorer.cli.redriving import Wanted, chosen, send_again
    from scorer.cli.session import session

    here = session(ctx)
    wanted = Wanted.of(reason, topic, since)
    letters = [letter for _, letter in asyncio.run(_all(here))]
    picked = chosen(letters, wanted, here.settings.topics.prefix)
    if not dry_run:
        asyncio.run(send_again(here, picked.messages))
    if as_json:
        show.json_page(
            {"sent": not dry_run, "topics": picked.topics, "doubled": picked.doubled, "omitted": picked.omitted}
        )  # fmt: skip
        return
    word = "would be sent" if dry_run else "sent"
    show.line(f"{len(picked.messages):,} of {len(letters):,} dead letters {word} again")
    for name, count in picked.topics.items():
        show.line(f"  {count:,} to {name}")
    if picked.doubled:
        show.note(f"{picked.doubled:,} are copies of another one and count once")
    if picked.omitted:
        show.note(
            f"{picked.omitted:,} were too large to be kept whole "
            "→ publish them again from their source: `lead-scorer dlq list` names topic and offset"
        )
    if picked.messages and not dry_run:
        show.note("→ `lead-scorer dlq list` shows what is rejected again")


@app.command()
def erase(
    ctx: typer.Context,
    leads: Annotated[
        list[str] | None, typer.Argument(metavar="[LEAD]...", help="Leads to erase.")
    ] = None,
    erased: Annotated[
        bool,
        typer.Option("--erased", help="All leads that were erased: for a job that runs every day."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the dead letters about leads out of their topic, for good.

    A log can only be cut at its front: the other letters of the partitions concerned are written again
    at the end first, so their places change. Needs the rights of the role `eraser`.
    """
    import asyncio

    from scorer.cli import show
    from scorer.cli.erasing import erase_letters, erased_leads
    from scorer.cli.failures import Failure
    from scorer.cli.session import session

    if bool(leads) == erased:
        raise Failure("say which leads", "either LEAD… or --erased", Exit.USAGE)
    here = session(ctx)
    asyncio.run(here.broker.may_erase(every_erased=erased, dry_run=dry_run))
    named = asyncio.run(erased_leads(here)) if erased else set(leads or ())
    done = asyncio.run(erase_letters(here, named, dry_run=dry_run))
    if as_json:
        show.json_page(done._asdict() | {"erased": not dry_run})
        return
    word = "would be erased" if dry_run else "erased"
    show.line(f"{done.letters:,} dead letters about {done.leads:,} leads {word}")
    if done.copied:
        show.note(f"{done.copied:,} others have new places; `lead-scorer dlq list` shows them")


async def _all(session: Session) -> list[tuple[Record, DeadLetter]]:
    from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC, parse_dead_letter

    letters = []
    async for record in session.broker.read([DEAD_LETTERS_TOPIC]):
        if (letter := parse_dead_letter(record)) is not None:
            letters.append((record, letter))
    return sorted(letters, key=lambda pair: pair[0].timestamp)


def place(record: Record) -> str:
    """Where a dead letter lies in its topic."""
    return f"{record.partition}@{record.offset}"


def as_row(record: Record, letter: DeadLetter) -> dict[str, Any]:
    """A dead letter without its payload."""
    return {
        "place": place(record), "reason": letter.reason, "detail": letter.detail, "topic": letter.topic,
        "partition": letter.partition, "offset": letter.offset, "timestamp_ms": letter.timestamp_ms,
        "key": _text(record.key), "app": letter.app, "version": letter.version,
    }  # fmt: skip


def _from(letter: DeadLetter) -> str:
    return f"{letter.topic}/{letter.partition}@{letter.offset}"


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "backslashreplace")
