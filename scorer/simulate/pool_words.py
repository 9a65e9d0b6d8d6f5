"""What the pool says, in words: short ones for a table, exact ones for an expectation. Prints nothing."""

from __future__ import annotations

from typing import NamedTuple

from scorer.contracts.instants import to_us
from scorer.contracts.published_pool import (
    FollowUpDueEvent,
    HandedOverEvent,
    MetEvent,
    PoolEvent,
    ReturnedEvent,
    VoidedEvent,
)
from scorer.domain.followup.outputs import Stage
from scorer.simulate.moments import Calendar


class Exact(NamedTuple):
    """What an expectation can name."""

    kind: str
    by: tuple[str, ...]  # the first is the usual word
    to: str | None

    @property
    def words(self) -> str:
        """As a story writes it."""
        return f"{self.kind} by {self.by[0]}" + (f" to {self.to}" if self.to else "")


def exact(event: PoolEvent) -> Exact:
    """The words of an expectation that the event meets."""
    match event:
        case FollowUpDueEvent():
            return Exact("follow_up_due", (event.data.clock,), event.data.to)
        case ReturnedEvent():
            return Exact("returned_to_pool", (event.data.reason,), event.data.pool)
        case VoidedEvent():
            return Exact("return_voided", (event.data.evidence.what,), event.data.owner)
        case MetEvent():
            return Exact("follow_up_met", (event.data.clock, event.data.by), event.data.owner)
        case HandedOverEvent():
            return Exact("handed_over", (event.data.previous_owner,), event.data.owner)


def brief(event: PoolEvent) -> str | None:
    """A line of the table of what happened; None for what the step before it says already."""
    match event:
        case FollowUpDueEvent():
            data = event.data
            passed = data.stage is Stage.EXPIRED
            what = "has passed" if passed else f"reminder {data.number} of {data.of}"
            return f"{data.clock}: {what}, to {data.to}"
        case ReturnedEvent():
            return f"{event.data.reason}: back to {event.data.pool or 'the pool'}"
        case VoidedEvent():
            return f"return voided by {event.data.evidence.what}"
        case _:
            return None


def why(event: PoolEvent, calendar: Calendar) -> str:
    """The numbers behind it: limit, start, due, what came late."""
    match event:
        case FollowUpDueEvent() | MetEvent():
            data = event.data
            started, due = (
                calendar.words(to_us(data.started_at)),
                calendar.words(to_us(data.due_at)),
            )
            took = f"{span(event.data.took_seconds)} of " if isinstance(event, MetEvent) else ""
            return f"{took}{span(data.limit_seconds)} since {started}, due {due}"
        case ReturnedEvent():
            return _why_returned(event, calendar)
        case VoidedEvent():
            evidence, due_at = event.data.evidence, event.data.next_due_at
            then = f"; next due {calendar.words(to_us(due_at))}" if due_at else ""
            return f"{evidence.what} of {calendar.words(to_us(evidence.at))} came after it{then}"
        case HandedOverEvent():
            return f"held since {calendar.words(to_us(event.data.held_since))}"


def _why_returned(event: ReturnedEvent, calendar: Calendar) -> str:
    data = event.data
    if data.started_at is None or data.limit_seconds is None:
        return f"{data.previous_owner} is gone, {_returns(data.return_count)}"
    started, due = calendar.words(to_us(data.started_at)), calendar.words(to_us(data.due_at))
    last = data.last_touch_at
    touched = f"last touch {calendar.words(to_us(last))}" if last else "no touch"
    return (
        f"{span(data.limit_seconds)} since {started}, due {due}; {touched} by "
        f"{data.previous_owner}, {_returns(data.return_count)}"
    )


def _returns(count: int) -> str:
    return "first return" if count == 1 else f"return {count}"


def span(seconds: float) -> str:
    """`2d 4h`: the two largest units."""
    left, parts = round(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return " ".join(parts[:2]) or "0s"
