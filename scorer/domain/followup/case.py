"""The follow-up case of one lead: who has it, since when, and which clocks run. Knows no history.

A case is what remains of all evidence up to an instant. Folding the same evidence in canonical order
always yields the same case, whatever arrived when and however often the time was told.
"""

from __future__ import annotations

from typing import Any, Final

from mypy_extensions import mypyc_attr

from scorer.domain.followup.policy import Clock
from scorer.domain.followup.table import State
from scorer.domain.outputs import Tier

TOUCHES_KEPT: Final = 5
"""Of the latest touches the next owner reads; all are counted."""


@mypyc_attr(acyclic=True)
class Run:
    """One clock that runs. Mutable, because a touch or a tier moves its deadline."""

    __slots__ = ("due_us", "left_us", "next", "sent", "since_us", "span_us", "start_us")

    def __init__(self, start_us: int, span_us: int, due_us: int) -> None:
        self.start_us = start_us
        self.span_us = span_us  # the limit that it was given, in the time that it counts
        self.due_us = due_us
        self.since_us = start_us  # when `due_us` was set: no reminder comes before
        self.sent = 0  # bit n: reminder n was said
        self.left_us: int | None = None  # it stands still, with so much left
        self.next: Any = None  # what it does next by itself; None: to be worked out (`clocks`)

    @property
    def state(self) -> State:
        return State.WARNED if self.sent else State.ARMED

    def copy(self) -> Run:
        """An independent run with the same content."""
        twin = Run(self.start_us, self.span_us, self.due_us)
        twin.since_us, twin.sent, twin.left_us = self.since_us, self.sent, self.left_us
        twin.next = self.next
        return twin


@mypyc_attr(acyclic=True)
class Case:
    """Everything that the deadlines of one lead depend on."""

    __slots__ = (
        "closed",
        "created_us",
        "dead",
        "done",
        "episode",
        "flags",
        "floor_us",
        "last_touch_us",
        "owner",
        "pool",
        "returned_id",
        "returns",
        "runs",
        "score",
        "since_us",
        "source_channel",
        "tier",
        "touch_log",
        "touches",
        "touches_total",
        "why_en",
        "why_zh",
    )

    def __init__(self) -> None:
        self.created_us: int | None = None
        self.source_channel: str | None = None
        self.floor_us = 0  # what was due while follow-up was off is said at this instant
        self.owner: str | None = None
        self.pool: str | None = None
        self.episode = ""  # of the present owner, or of the present stay in the pool
        self.since_us = 0  # when the episode began
        self.closed = False  # won: nothing runs until the lead is reopened
        self.dead = False  # in the dead pool
        self.returns = 0
        self.returned_id: str | None = None  # the return that brought it to where it is now
        self.touches = 0  # in this episode
        self.touches_total = 0
        self.last_touch_us: int | None = None  # in this episode
        self.touch_log: list[list[Any]] = []  # [time, kind, by], of all episodes, latest last
        self.tier: Tier = Tier.COLD  # as scoring begins
        self.score: float | None = None
        self.why_en = ""
        self.why_zh = ""
        self.flags: list[str] = []  # exemptions that are in force, sorted
        self.done: list[str] = []  # clocks that have had their end in this episode
        self.runs: dict[Clock, Run] = {}

    def copy(self) -> Case:
        """An independent case with the same content."""
        twin = Case()
        twin.created_us, twin.source_channel = self.created_us, self.source_channel
        twin.floor_us, twin.owner, twin.pool = self.floor_us, self.owner, self.pool
        twin.episode, twin.since_us = self.episode, self.since_us
        twin.closed, twin.dead = self.closed, self.dead
        twin.returns, twin.returned_id = self.returns, self.returned_id
        twin.touches, twin.touches_total = self.touches, self.touches_total
        twin.last_touch_us = self.last_touch_us
        twin.touch_log = [list(touch) for touch in self.touch_log]
        twin.tier, twin.score = self.tier, self.score
        twin.why_en, twin.why_zh = self.why_en, self.why_zh
        twin.flags, twin.done = list(self.flags), list(self.done)
        twin.runs = {clock: run.copy() for clock, run in self.runs.items()}
        return twin
