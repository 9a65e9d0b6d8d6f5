"""`lead-scorer deadlines`: what is due next. Reads the states of the pool stage, changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.engine.pool_account import FollowUp, Running


def deadlines(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option("--owner", help="Only leads of this owner.")] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", help="hot, warm, cold or disqualified.")
    ] = None,
    clock: Annotated[
        str | None, typer.Option("--clock", help="first_response, next_follow_up, …")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="At most so many; 0: all.")
    ] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow-up deadlines by due instant: which lead, which clock, whose."""
    import asyncio

    from scorer.cli import show
    from scorer.cli.publishing import one_word
    from scorer.cli.session import session
    from scorer.domain.followup.policy import Clock
    from scorer.domain.outputs import Tier

    if tier:
        one_word(tier, [each.value for each in Tier])
    if clock:
        one_word(clock, [each.value for each in Clock])
    now = session(ctx)
    found = [
        (lead, running)
        for lead in asyncio.run(_all(now))
        for running in lead.clocks
        if running.due_us is not None
        and owner in (None, lead.owner)
        and tier in (None, lead.tier)
        and clock in (None, running.clock)
    ]
    found.sort(key=lambda each: (each[1].due_us or 0, each[0].lead_id))
    shown = found[:limit] if limit else found
    if as_json:
        for lead, running in shown:
            show.json_line(_row(lead, running))
        return
    if not found:
        show.note(
            "no deadline runs → is `lead-scorer run` running, has the model a `follow_up` section, "
            "and has anything been assigned?"
        )
        return
    _print(shown, now.now_us())
    show.note(f"{len(shown):,} of {len(found):,} deadlines")


async def _all(now: Session) -> list[FollowUp]:
    """The follow-up of every lead, from the changelog of the pool stage."""
    from scorer.cli.cases import cases
    from scorer.contracts.model.file import load_model
    from scorer.contracts.pool_codec import decode_follow_up
    from scorer.engine.pool import nobody_is_held
    from scorer.engine.pool_account import follow_up

    model = load_model(now.settings.model)
    policy = model.follow_up or nobody_is_held(model)
    at_us = now.now_us()
    return [
        follow_up(decode_follow_up(state), key.decode(), policy, at_us)
        for key, (_, state) in (await cases(now)).items()
    ]


def _print(shown: list[tuple[FollowUp, Running]], now_us: int) -> None:
    from scorer.cli import show

    rows = [
        (
            show.when(running.due_us or 0),
            show.span((running.due_us or 0) - now_us),
            lead.lead_id,
            running.clock,
            lead.owner or "",
            show.tier_text(lead.tier),
            running.state,
            running.why,
        )
        for lead, running in shown
    ]
    columns = ["due (UTC)", "in", "lead", "clock", "owner", "tier", "state", "why"]
    show.out().print(show.table(columns, rows, right=["in"], short="why"))


def _row(lead: FollowUp, running: Running) -> dict[str, object]:
    from scorer.contracts.instants import to_datetime

    return {
        "due_at": to_datetime(running.due_us or 0), "lead_id": lead.lead_id, "clock": running.clock,
        "owner": lead.owner, "tier": lead.tier, "state": running.state, "why": running.why,
        "started_at": to_datetime(running.start_us), "touches": lead.touches, "returns": lead.returns,
    }  # fmt: skip
