"""`lead-scorer tail`: scores, crossings and dead letters as they come."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from scorer.contracts.records import Record


CAUSE_CHARS: Final = 40


class Feed(StrEnum):
    """What can be followed."""

    SCORES = "scores"
    TIERS = "tiers"
    DEAD_LETTERS = "dead-letters"


def tail(
    ctx: typer.Context,
    feed: Annotated[Feed, typer.Argument(help="What to follow.")] = Feed.TIERS,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with the oldest record.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Go on, or stop at the present end.")
    ] = True,
    tier: Annotated[
        str | None, typer.Option("--tier", help="Only leads that are, or become, of this tier.")
    ] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Only this lead.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, as published.")
    ] = False,
) -> None:
    """Follow scores, tier crossings or dead letters until Ctrl-C."""
    import asyncio
    import contextlib

    from scorer.cli.publishing import one_word
    from scorer.domain.outputs import Tier

    if tier:
        one_word(tier, [each.value for each in Tier])
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_tail(ctx, feed, follow, from_beginning, tier, lead, as_json))


async def _tail(
    ctx: typer.Context,
    feed: Feed,
    follow: bool,
    from_beginning: bool,
    tier: str | None,
    lead: str | None,
    as_json: bool,
) -> None:
    from scorer.cli import show
    from scorer.cli.session import session

    now = session(ctx)
    topic = f"leads.{feed}.v1"
    from_end = follow and not from_beginning
    if from_end:
        show.note(
            f"following {now.settings.topic(topic)}; Ctrl-C ends, --from-beginning shows what was before"
        )
    async for record in now.broker.read([topic], follow=follow, from_end=from_end):
        if lead is not None and record.key != lead.encode():
            continue
        if feed is Feed.DEAD_LETTERS:
            _dead_letter(record, as_json)
        else:
            _output(record, tier, as_json)


def _output(record: Record, tier: str | None, as_json: bool) -> None:
    import orjson

    from scorer.cli import scores, show

    said = scores.read(record)
    if said is None:
        if record.value is None and tier is None and not as_json:
            show.line(f"{(record.key or b'').decode(errors='replace')}: erased")
        return
    now_in = said.data.tier if isinstance(said, scores.ScoreEvent) else said.data.to
    if tier and now_in != tier:
        return
    if as_json:
        show.json_line(orjson.loads(record.value or b"null"))
        return
    show.out().print(
        _score_line(said) if isinstance(said, scores.ScoreEvent) else _crossing_line(said),
        soft_wrap=True,
    )


def _score_line(said: Any) -> Any:  # ScoreEvent → rich.text.Text, imported late
    from rich.text import Text

    from scorer.cli import show

    data = said.data
    before = (
        "new"
        if data.previous_score is None
        else show.points(round(data.score - data.previous_score, 2))
    )
    text = Text.assemble(
        (show.when(said.time), "dim"),
        f"  {data.lead_id}  ",
        (f"{data.score:6.2f}", "bold"),
        f" {before:>7}  ",
    )
    text.append_text(show.tier_text(data.tier))
    return text.append(f"  {data.cause.what or data.cause.kind}", style="dim")


def _crossing_line(said: Any) -> Any:  # CrossingEvent → rich.text.Text, imported late
    from rich.text import Text

    from scorer.cli import show

    data = said.data
    arrow = "▲" if data.direction == "up" else "▼"
    text = Text.assemble(
        (show.when(said.time), "dim"),
        f"  {data.lead_id}  ",
        (arrow, "green" if arrow == "▲" else "red"),
        " ",
    )
    text.append_text(show.tier_text(data.from_)).append(" → ").append_text(show.tier_text(data.to))
    cause = (data.cause.what or data.cause.kind)[:CAUSE_CHARS]
    return (
        text.append(f"  {data.score_before:.2f} → {data.score:.2f}  ")
        .append(f"{cause}  ", style="dim")
        .append(data.why.en)
    )


def _dead_letter(record: Record, as_json: bool) -> None:
    from scorer.cli import show
    from scorer.cli.dlq import as_row
    from scorer.contracts.dead_letters import parse_dead_letter

    letter = parse_dead_letter(record)
    if letter is None:
        return
    if as_json:
        show.json_line(as_row(record, letter))
    else:
        at = show.when(letter.timestamp_ms * 1000)
        show.line(
            f"{at}  {letter.topic}/{letter.partition}@{letter.offset}  {letter.reason}: {letter.detail}"
        )
