"""How well follow-up deadlines were met, by owner, tier, source or clock (F23). Pure, reads no topic.

Counted from what the pool has said, in any order: an event with the same id counts once, one that
corrects another replaces it, a voided return counts as neither met nor breached, and a deadline that
is said to be met and ended in a return all the same was met by evidence that was retracted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import quantiles

from scorer.contracts.published_pool import (
    FollowUpDueEvent,
    MetEvent,
    PoolEvent,
    ReturnedEvent,
    VoidedEvent,
)
from scorer.domain.followup.outputs import Reason, Stage


class By(StrEnum):
    """What a report is grouped by."""

    OWNER = "owner"
    TIER = "tier"
    SOURCE = "source"
    CLOCK = "clock"


@dataclass(slots=True)
class Row:
    """One group of a report."""

    group: str
    met: int = 0
    breached: int = 0
    voided: int = 0
    reminders: int = 0
    first_response_s: list[float] = field(default_factory=list)

    @property
    def attainment(self) -> float | None:
        """The share of deadlines that were met; None: there were none."""
        ended = self.met + self.breached
        return self.met / ended if ended else None

    def speed(self, share: float) -> float | None:
        """The quantile of the time to the first response, in seconds; None: there was none."""
        taken = sorted(self.first_response_s)
        if len(taken) < 2:
            return taken[0] if taken else None
        return quantiles(taken, n=100, method="inclusive")[round(share * 100) - 1]


def attainment(events: Iterable[PoolEvent], by: By) -> list[Row]:
    """The groups, the largest first."""
    unique = {event.id: event for event in events}
    corrected = {e.data.corrects for e in unique.values() if isinstance(e, MetEvent)}
    voided = {e.data.returned_id for e in unique.values() if isinstance(e, VoidedEvent)}
    breached = {
        _deadline(e) for e in unique.values() if isinstance(e, ReturnedEvent) and e.id not in voided
    }
    rows: defaultdict[str, Row] = defaultdict(lambda: Row(""))
    for event in unique.values():
        if event.id in corrected or (isinstance(event, MetEvent) and _deadline(event) in breached):
            continue
        row = rows[_group(event, by)]
        if isinstance(event, MetEvent):
            row.met += 1
            if event.data.clock == Reason.FIRST_RESPONSE.value:
                row.first_response_s.append(event.data.took_seconds)
        elif isinstance(event, ReturnedEvent):
            row.voided += event.id in voided
            row.breached += event.id not in voided and event.data.reason != Reason.OWNER_LEFT
        elif isinstance(event, FollowUpDueEvent):
            row.reminders += event.data.stage == Stage.REMINDER
            row.breached += event.data.stage == Stage.EXPIRED
    for name, row in rows.items():
        row.group = name
    return sorted(rows.values(), key=lambda row: (-row.met - row.breached, row.group))


def _deadline(ended: MetEvent | ReturnedEvent) -> tuple[str, str, str, datetime | None]:
    """Which deadline it was: of a lead, an owner's time with it, a clock, and the clock's start."""
    data = ended.data
    return data.lead_id, data.episode, _clock(ended), data.started_at


def _group(event: PoolEvent, by: By) -> str:
    data = event.data
    if by is By.TIER:
        return data.tier.value
    if by is By.SOURCE:
        return data.source_channel or "(not known)"
    if by is By.OWNER:
        owner = data.previous_owner if isinstance(event, ReturnedEvent) else data.owner  # type: ignore[union-attr]
        return owner or "(nobody)"
    return _clock(event)


def _clock(event: PoolEvent) -> str:
    """The clock that ran out or was met, or why the lead changed hands."""
    clock = getattr(event.data, "clock", None) or getattr(event.data, "reason", None)
    return str(clock or Reason.OWNER_LEFT)
