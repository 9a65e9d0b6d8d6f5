"""`lead-scorer status`: what runs, what waits, what is wrong. Prints, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.cli.foretold import Foretold, Next
    from scorer.cli.standing import Standing
    from scorer.transport.progress import Group


def status(
    ctx: typer.Context,
    leads: Annotated[
        bool | None,
        typer.Option(
            "--leads/--no-leads",
            help="Read the topics to count leads and name who is next, or do neither. Without: ask "
            "the workers on this machine, and read the topics if they do not have all partitions.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Workers, lag, tiers, what is due next, unknown behaviours and dead letters at a glance."""
    import asyncio

    from scorer.cli import show
    from scorer.cli.session import session
    from scorer.cli.standing import Count, standing

    now = session(ctx)
    count = Count.CHEAPLY if leads is None else Count.BY_NAME if leads else Count.NO
    found = asyncio.run(standing(now, count))
    if as_json:
        show.json_page(found.as_json())
        return
    for name, text, remedy in _rows(found, now.now_us()):
        show.line(f"{name:20}{text}")
        if remedy:
            show.note(f"{'':20}→ {remedy}")


def _rows(it: Standing, now_us: int) -> Iterator[tuple[str, str, str]]:
    """(what, how it is, what to do about it)."""
    for group in it.groups:
        yield _group(group)
        yield from _waiting(group)
    for worker in it.workers:
        state = "ready" if worker.ready else f"waiting {worker.waiting or ''}".rstrip()
        said = f"{state}, version {worker.version}, model {worker.model} {worker.model_hash}"
        yield worker.url.removeprefix("http://"), said, ""
    if it.leads:
        yield from _coming(it.leads, now_us)
    names = ", ".join(f"{name} {count:,}" for name, count in it.unknown_behaviours.items())
    remedy = "add them to `behaviours` in the model, or correct the publisher" if names else ""
    yield "unknown behaviours", names or "none among the recent ones", remedy
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in it.dead_letters.items())
    remedy = "lead-scorer dlq list" if reasons else ""
    yield "dead letters", reasons or "none", remedy


def _coming(it: Foretold, now_us: int) -> Iterator[tuple[str, str, str]]:
    yield "leads", ", ".join(f"{count:,} {tier}" for tier, count in it.tiers.items()), ""
    for name, coming, runbook in (
        ("next crossing", it.crossing, "CrossingsLate"),
        ("next deadline", it.deadline, "DeadlinesLate"),
    ):
        waits = f"; {coming.waiting:,} due and waiting" if coming.waiting else ""
        remedy = f"if it grows: docs/runbooks/{runbook}.md" if coming.waiting else ""
        yield name, _when(coming, now_us) + waits, remedy


def _when(it: Next, now_us: int) -> str:
    """`lead-7 turns cold at 2026-11-22 09:30:00 UTC, in 3 d 4 h`."""
    from scorer.cli import show
    from scorer.contracts.instants import to_us

    if it.at is None:
        return "none: time alone changes nothing"
    at = datetime.fromisoformat(it.at)
    if to_us(at) == 0:
        return "now: the model is new to some leads"
    left_us = to_us(at) - now_us
    who = f"{it.lead} {it.what} at " if it.lead else ""
    span = f"in {show.span(left_us)}" if left_us > 0 else f"{show.span(left_us)} ago"
    return f"{who}{show.when(at)} UTC, {span}"


def _group(group: Group) -> tuple[str, str, str]:
    count = len(group.members)
    hosts = ", ".join(sorted({member.host for member in group.members}))
    said = (
        f"{count} worker{'' if count == 1 else 's'} ({group.state}{', ' + hosts if hosts else ''})"
    )
    return f"stage {group.stage}", said, "" if count else "lead-scorer run"


def _waiting(group: Group) -> Iterator[tuple[str, str, str]]:
    lag = sum(each.records for each in group.lags)
    places = [
        f"{each.topic}/{each.partition} {each.records:,}" for each in group.lags if each.records
    ]
    more = f" … and {len(places) - 5} more" if len(places) > 5 else ""
    said = f"{lag:,} records" + (f": {', '.join(places[:5])}{more}" if places else "")
    yield "  waiting", said, ""
