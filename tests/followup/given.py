"""Leads, reps and policies for the tests of follow-up, with defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from scorer.domain.events import (
    Body,
    Created,
    Hold,
    LeadEvent,
    Lock,
    Outcome,
    OutcomeKind,
    Ownership,
    OwnershipChange,
    TierChange,
    Touch,
)
from scorer.domain.followup.calendar import WorkingTime
from scorer.domain.followup.fold import Folded, advance, fold
from scorer.domain.followup.outputs import PoolOutput
from scorer.domain.followup.policy import Clock, FollowUpPolicy, Limit, Reminder
from scorer.domain.followup.state import FollowUpState
from scorer.domain.followup.telling import Step
from scorer.domain.model import SECOND_US, History
from scorer.domain.outputs import Tier

HOUR_US: Final = 3_600 * SECOND_US
DAY_US: Final = 24 * HOUR_US
MINUTE_US: Final = 60 * SECOND_US
UTC: Final = ZoneInfo("UTC")
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
LEAD: Final = "lead-1"
HISTORY: Final = History()


def at(text: str, zone: ZoneInfo = UTC) -> int:
    """`"2026-03-25 10:00"` → µs."""
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    return round(moment.timestamp() * 1_000_000)


def shown(instant_us: int | None, zone: ZoneInfo = UTC) -> str | None:
    """µs → `"2026-03-25 10:00"`."""
    if instant_us is None:
        return None
    return datetime.fromtimestamp(instant_us / 1_000_000, zone).strftime("%Y-%m-%d %H:%M")


def limit(
    span_us: int | None = None, *reminders: Reminder, working: bool = False, **by_tier: int
) -> Limit:
    """The same limit for all tiers, or one for each that is named."""
    spans: Mapping[Tier, int] = {Tier(tier): span for tier, span in by_tier.items()}
    if span_us is not None:
        spans = dict.fromkeys(Tier, span_us)
    return Limit(spans, reminders, working)


def policy(limits: Mapping[str, Limit] | None = None, **changes: Any) -> FollowUpPolicy:
    """A policy with the limits given by the names of their clocks."""
    named = {Clock(name): each for name, each in (limits or {}).items()}
    return FollowUpPolicy("policy", "1", "model", named, **changes)


OFFICE: Final = dict.fromkeys(range(5), ((9 * 60, 18 * 60),))
WITH_BREAK: Final = dict.fromkeys(range(5), ((9 * 60, 12 * 60), (13 * 60, 18 * 60)))


def office(zone: ZoneInfo = UTC, week: Mapping[int, Any] = OFFICE, **days: Any) -> WorkingTime:
    """Monday to Friday, 09:00 to 18:00."""
    return WorkingTime(zone, week, **days)


class Story:
    """One lead, told event by event. Times are texts in UTC; ids count up."""

    def __init__(self, terms: FollowUpPolicy, lead_id: str = LEAD) -> None:
        self.policy = terms
        self.lead_id = lead_id
        self.state = FollowUpState(terms.hash)
        self.steps: list[Step] = []
        self.outputs: list[PoolOutput] = []
        self.count = 0

    def tell(self, when: str | int, body: Body, *, id: str | None = None) -> Sequence[PoolOutput]:
        """An event arrives now, wherever its time lies."""
        self.count += 1
        time_us = when if isinstance(when, int) else at(when)
        event = LeadEvent(self.lead_id, time_us, "crm", id or f"e{self.count}", body)
        return self.take(fold(self.state, event, self.policy, HISTORY))

    def take(self, folded: Folded) -> Sequence[PoolOutput]:
        """Note what was said."""
        self.steps += folded.steps
        self.outputs += folded.outputs
        return folded.outputs

    def created(self, when: str | int, owner: str | None = None) -> Sequence[PoolOutput]:
        return self.tell(when, Created("web", {}, owner))

    def claimed(self, when: str | int, owner: str = "ann") -> Sequence[PoolOutput]:
        return self.tell(when, Ownership(OwnershipChange.CLAIMED, owner))

    def assigned(self, when: str | int, owner: str = "ann") -> Sequence[PoolOutput]:
        return self.tell(when, Ownership(OwnershipChange.ASSIGNED, owner))

    def transferred(self, when: str | int, owner: str) -> Sequence[PoolOutput]:
        return self.tell(when, Ownership(OwnershipChange.TRANSFERRED, owner))

    def released(self, when: str | int) -> Sequence[PoolOutput]:
        return self.tell(when, Ownership(OwnershipChange.RELEASED))

    def touched(
        self, when: str | int, kind: str = "call_answered", by: str | None = None, **more: Any
    ) -> Sequence[PoolOutput]:
        return self.tell(when, Touch(kind, by, **more))

    def outcome(self, when: str | int, kind: str) -> Sequence[PoolOutput]:
        return self.tell(when, Outcome(OutcomeKind(kind)))

    def paused(self, when: str | int, paused: bool = True) -> Sequence[PoolOutput]:
        return self.tell(when, Hold(paused))

    def locked(self, when: str | int, locked: bool = True) -> Sequence[PoolOutput]:
        return self.tell(when, Lock(locked))

    def tier(self, when: str | int, tier: str, score: float = 50.0) -> Sequence[PoolOutput]:
        return self.tell(when, TierChange(Tier(tier), score, "why", "因为"))

    def until(self, when: str | int) -> Sequence[PoolOutput]:
        """The clock comes to an instant."""
        time_us = when if isinstance(when, int) else at(when)
        return self.take(advance(self.state, self.lead_id, self.policy, time_us))

    def due(self, clock: str) -> str | None:
        """When a clock of the lead expires."""
        run = self.state.head.runs.get(Clock(clock))
        return None if run is None else shown(run.due_us)

    @property
    def owner(self) -> str | None:
        return self.state.head.owner


def names(outputs: Iterable[PoolOutput]) -> list[str]:
    """The outputs by the names of their types."""
    return [type(output).__name__ for output in outputs]
