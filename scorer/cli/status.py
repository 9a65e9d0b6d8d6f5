"""`lead-scorer status`: what runs, what waits, what is wrong. Prints, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.cli.standing import Standing
    from scorer.transport.progress import Group


def status(
    ctx: typer.Context,
    leads: Annotated[
        bool, typer.Option("--leads/--no-leads", help="Count leads: reads the whole scores topic.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Workers, lag, tiers, the next crossing, unknown behaviours and dead letters at a glance."""
    import asyncio

    from scorer.cli import show
    from scorer.cli.session import session
    from scorer.cli.standing import standing

    found = asyncio.run(standing(session(ctx), with_leads=leads))
    if as_json:
        show.json_page(found.as_json())
        return
    for name, text, remedy in _rows(found):
        show.line(f"{name:20}{text}")
        if remedy:
            show.note(f"{'':20}→ {remedy}")


def _rows(it: Standing) -> Iterator[tuple[str, str, str]]:
    """(what, how it is, what to do about it)."""
    from scorer.cli import show

    for group in it.groups:
        yield _group(group)
        yield from _waiting(group)
    for worker in it.workers:
        state = "ready" if worker.ready else f"waiting {worker.waiting or ''}".rstrip()
        said = f"{state}, version {worker.version}, model {worker.model} {worker.model_hash}"
        yield worker.url.removeprefix("http://"), said, ""
    if it.leads:
        tiers = ", ".join(f"{count:,} {tier}" for tier, count in it.leads.tiers.items())
        yield "leads", tiers, ""
        if it.leads.next_at:
            at = show.when(datetime.fromisoformat(it.leads.next_at))
            coming = f"{it.leads.next_lead} turns {it.leads.next_tier} at {at} UTC"
            yield "next crossing", coming, ""
    names = ", ".join(f"{name} {count:,}" for name, count in it.unknown_behaviours.items())
    remedy = "add them to `behaviours` in the model, or correct the publisher" if names else ""
    yield "unknown behaviours", names or "none among the recent ones", remedy
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in it.dead_letters.items())
    remedy = "lead-scorer dlq list" if reasons else ""
    yield "dead letters", reasons or "none", remedy


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
