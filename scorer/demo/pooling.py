"""What the pool says and stores → what the view shows of it. Knows the formats, knows no terminal."""

from __future__ import annotations

from scorer.contracts.instants import to_us
from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published_pool import (
    FollowUpDueEvent,
    HandedOverEvent,
    PoolEvent,
    ReturnedEvent,
    VoidedEvent,
)
from scorer.demo.board import Owed, Pooled, PoolMove
from scorer.domain.followup.policy import Clock


def pooled(event: PoolEvent) -> Pooled | None:
    """The news in an event; None for what would only fill the screen: reminders without risk, met ones."""
    lead, time_us = event.subject, to_us(event.time)
    if isinstance(event, ReturnedEvent):
        data = event.data
        return Pooled(lead, time_us, PoolMove.RETURNED, data.previous_owner, data.reason.value)
    if isinstance(event, VoidedEvent):
        owner = event.data.owner or ""
        return Pooled(lead, time_us, PoolMove.VOIDED, owner, event.data.reason.value)
    if isinstance(event, HandedOverEvent):
        return Pooled(lead, time_us, PoolMove.HANDED_OVER, event.data.owner, "")
    if isinstance(event, FollowUpDueEvent) and event.data.risk and event.data.owner:
        clock = event.data.clock.value
        return Pooled(lead, time_us, PoolMove.AT_RISK, event.data.owner, clock)
    return None


def owed(lead_id: str, state: bytes | None) -> Owed | None:
    """The next deadline of an owner in a stored state; None: there is none."""
    case = None if state is None else decode_follow_up(state).head
    if case is None or case.owner is None:
        return None
    dues = [
        Owed(run.due_us, lead_id, clock.value, case.owner)
        for clock, run in case.runs.items()
        if run.left_us is None and clock is not Clock.UNASSIGNED
    ]
    return min(dues, default=None)
