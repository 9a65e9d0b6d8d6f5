"""`lead-scorer report`: figures from what was published. Reads topics, keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.contracts.published_pool import PoolEvent
    from scorer.engine.attainment import Row

app = typer.Typer(no_args_is_help=True, help="Figures from what was published.")


@app.callback()
def reports() -> None:
    """Figures from what was published."""


@app.command()
def followups(
    ctx: typer.Context,
    by: Annotated[str, typer.Option("--by", help="owner, tier, source or clock.")] = "owner",
    since: Annotated[
        str | None, typer.Option("--since", metavar="SPAN", help="Only the last 7d, 24h, …")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Deadlines met and breached, and the time to the first response: what the topic still holds."""
    import asyncio

    from scorer.cli import show
    from scorer.cli.publishing import member
    from scorer.cli.session import session
    from scorer.engine.attainment import By, attainment

    grouped = member(By, by)
    now = session(ctx)
    from_us = now.now_us() - _span(since) if since else 0
    rows = attainment(asyncio.run(_said(now, from_us)), grouped)
    if as_json:
        for row in rows:
            show.json_line(_plain(row))
        return
    if not rows:
        show.note("nothing was said about follow-up yet → has the model a `follow_up` section?")
        return
    cells = [
        (
            row.group, str(row.met), str(row.breached), _share(row.attainment), str(row.voided),
            str(row.reminders), _time(row.speed(0.5)), _time(row.speed(0.9)),
        )
        for row in rows
    ]  # fmt: skip
    columns = [
        by,
        "met",
        "breached",
        "attained",
        "voided",
        "reminders",
        "first response p50",
        "p90",
    ]
    show.out().print(show.table(columns, cells, right=columns[1:]))


async def _said(now: Session, from_us: int) -> list[PoolEvent]:
    import msgspec

    from scorer.contracts.instants import to_us
    from scorer.contracts.published_pool import POOL_TOPIC, read_pool_output

    events: list[PoolEvent] = []
    async for record in now.broker.read([POOL_TOPIC]):
        if record.value is None:
            continue
        try:
            event = read_pool_output(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if to_us(event.time) >= from_us:
            events.append(event)
    return events


def _span(text: str) -> int:
    from pydantic_core import PydanticCustomError

    from scorer.cli.exits import Exit
    from scorer.cli.failures import Failure
    from scorer.contracts.model.scalars import parse_duration

    try:
        return parse_duration(text)
    except PydanticCustomError:
        raise Failure(f"--since {text} is no span", "write such as 7d or 24h", Exit.USAGE) from None


def _plain(row: Row) -> dict[str, object]:
    return {
        "group": row.group, "met": row.met, "breached": row.breached, "attainment": row.attainment,
        "voided": row.voided, "reminders": row.reminders,
        "first_response_p50_seconds": row.speed(0.5), "first_response_p90_seconds": row.speed(0.9),
    }  # fmt: skip


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _time(seconds: float | None) -> str:
    from scorer.cli import show

    return "" if seconds is None else show.span(round(seconds * 1_000_000))
