"""The follow-up part of `explain`: whose a lead is, which clocks run and why. Prints, decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.domain.followup.state import FollowUpState
    from scorer.domain.model import Model
    from scorer.engine.pool_account import FollowUp


def of(now: Session, lead: str, model: Model, at_us: int) -> FollowUp | None:
    """The follow-up of a lead at an instant, from the pool's state; None: the pool knows nothing."""
    from scorer.engine.pool import nobody_is_held
    from scorer.engine.pool_account import follow_up

    state = state_of(now, lead)
    if state is None:
        return None
    return follow_up(state, lead, model.follow_up or nobody_is_held(model), at_us)


def state_of(now: Session, lead: str) -> FollowUpState | None:
    """What the pool's changelog holds of a lead; None: nothing."""
    import asyncio

    from scorer.contracts.pool_codec import decode_follow_up

    raw = asyncio.run(now.broker.state("pool", lead.encode()))
    return None if raw is None else decode_follow_up(raw)


def print_follow_up(it: FollowUp, at_us: int) -> None:
    """Owner, clocks, due instants and reasons."""
    from scorer.cli import show

    show.line("")
    show.line(f"follow-up {_whose(it, at_us)}")
    if it.touches:
        last = f", the last {show.span(at_us - it.last_touch_us)} ago" if it.last_touch_us else ""
        show.line(f"touches   {it.touches} by this owner{last}")
    if it.returns:
        show.line(f"returned  {it.returns} times before")
    if it.exempt:
        show.line(f"exempt    {', '.join(it.exempt)}")
    rows = [
        (
            each.clock,
            show.when(each.due_us) if each.due_us is not None else "",
            show.span(each.due_us - at_us) if each.due_us is not None else "",
            each.state,
            each.why,
        )
        for each in it.clocks
    ]
    if rows:
        show.out().print(
            show.table(["clock", "due (UTC)", "in", "state", "why"], rows, short="why")
        )


def _whose(it: FollowUp, at_us: int) -> str:
    from scorer.cli import show

    since = f"since {show.when(it.since_us)} UTC, {show.span(at_us - it.since_us)}"
    if not it.created:
        return "begins when the lead is created"
    if it.closed:
        return f"ended: won, with {it.owner}" if it.owner else "ended: won"
    if it.owner:
        return f"with {it.owner} {since}"
    return f"in the pool{' ' + it.pool if it.pool else ''} {since}"
