"""What is counted while the pool stage works. Knows the names of measures, decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from scorer.domain.followup.fold import Status
from scorer.domain.followup.table import Move
from scorer.domain.followup.telling import Step

_STATUS: Final = {
    Status.DUPLICATE: ("events_duplicate",),
    Status.SETTLED: ("events_late",),
    Status.FORGOTTEN: ("events_forgotten",),
    Status.LATE: ("events_out_of_order",),
    Status.HELD: ("events_held",),
}
_ENDS: Final = {
    Move.MEET: "met",
    Move.EXPIRE: "breached",
    Move.END: "cancelled",
    Move.UNDO: "voided",
}


class PoolMeasures:
    """Counts since the last call of `drain`, and the worst lateness."""

    __slots__ = ("_counts", "_worst")

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._worst: dict[tuple[str, ...], float] = {}

    def drain(self) -> Mapping[tuple[str, ...], float]:
        """What was counted since the last call."""
        counts = {**self._counts, **self._worst}
        self._counts, self._worst = Counter(), {}
        return counts

    def rejected(self, reason: str) -> None:
        """A record became a dead letter."""
        self._counts["events_rejected", reason] += 1

    def folded(self, status: Status) -> None:
        """What became of an event."""
        if status in _STATUS:
            self._counts[_STATUS[status]] += 1

    def step(self, step: Step) -> None:
        """A transition of a deadline, or what an owner's leaving brought."""
        if step.clock is None:
            self._counts["owner_departures",] += 1
        elif step.move is Move.ARM:
            self._counts["deadlines_armed", step.clock] += 1
        elif step.move is Move.REMIND:
            self._counts["follow_up_reminders", step.clock] += 1
        elif step.move in _ENDS:
            end = _ENDS[step.move]
            self._counts["deadlines_ended", step.clock, end] += 1
            if step.output is not None and end in ("met", "breached"):
                tier = step.output.about.tier
                self._counts["follow_up_attainment", step.clock, tier, end] += 1

    def late(self, step: Step, until_us: int) -> None:
        """Something was said at a tick: how long after its instant."""
        if step.output is not None:
            late_s = max(until_us - step.output.about.time_us, 0) / 1_000_000
            key = ("deadline_lateness_seconds",)
            self._worst[key] = max(late_s, self._worst.get(key, 0.0))
