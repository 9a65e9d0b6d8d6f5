"""What is counted while the pool stage works. Knows the names of measures, decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scorer.domain.followup.clocks import REMIND
from scorer.domain.followup.fold import Status
from scorer.domain.followup.table import Move
from scorer.domain.followup.telling import ARM, Step

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
        self._counts: dict[tuple[str, ...], float] = {}
        self._worst: dict[tuple[str, ...], float] = {}

    def drain(self) -> Mapping[tuple[str, ...], float]:
        """What was counted since the last call."""
        counts = {**self._counts, **self._worst}
        self._counts, self._worst = {}, {}
        return counts

    def rejected(self, reason: str) -> None:
        """A record became a dead letter."""
        self._count(("events_rejected", reason))

    def folded(self, status: Status) -> None:
        """What became of an event."""
        if status in _STATUS:
            self._count(_STATUS[status])

    def step(self, step: Step) -> None:
        """A transition of a deadline, or what an owner's leaving brought."""
        clock, move = step.clock, step.move
        if clock is None:
            self._count(("owner_departures",))
        elif move is ARM:
            self._count(("deadlines_armed", clock))
        elif move is REMIND:
            self._count(("follow_up_reminders", clock))
        elif move in _ENDS:
            end = _ENDS[move]
            self._count(("deadlines_ended", clock, end))
            if step.output is not None and end in ("met", "breached"):
                self._count(("follow_up_attainment", clock, step.output.about.tier, end))

    def _count(self, key: tuple[str, ...]) -> None:
        self._counts[key] = self._counts.get(key, 0) + 1

    def late(self, step: Step, until_us: int) -> None:
        """Something was said at a tick: how long after its instant."""
        if step.output is not None:
            late_s = max(until_us - step.output.about.time_us, 0) / 1_000_000
            key = ("deadline_lateness_seconds",)
            self._worst[key] = max(late_s, self._worst.get(key, 0.0))
