"""What the live view knows: the newest word on every lead. Knows no terminal, no Kafka, no clock."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from scorer.domain.outputs import Tier

TREND_SAMPLES: Final = 24
CROSSINGS_KEPT: Final = 200
LOOKED_AT: Final = 2_000
"""Leads whose scores are kept moving between records; more would take the CPU from the worker."""


class Scored(NamedTuple):
    """One record of leads.scores.v1, as far as the view shows it."""

    lead_id: str
    time_us: int
    score: float
    tier: Tier
    next_tier: Tier | None
    next_tier_us: int | None
    cause: str = ""  # the behaviour, the attributes, or what time did


class Crossed(NamedTuple):
    """One record of leads.tiers.v1, as far as the view shows it."""

    lead_id: str
    time_us: int
    from_tier: Tier
    to_tier: Tier
    score: float
    cause: str
    why: str


class PoolMove(StrEnum):
    """What the pool says of a lead, as far as the view shows it."""

    AT_RISK = "at_risk"
    RETURNED = "returned"
    VOIDED = "voided"
    HANDED_OVER = "handed_over"


class Pooled(NamedTuple):
    """One record of leads.pool.v1, as far as the view shows it."""

    lead_id: str
    time_us: int
    move: PoolMove
    owner: str
    clock: str  # that is at risk, or has expired


class Owed(NamedTuple):
    """The next deadline of a lead. The order is that in which they are due."""

    due_us: int
    lead_id: str
    clock: str
    owner: str


class Outlook(NamedTuple):
    """What a lead is worth at an instant, and where it goes if nothing happens."""

    score: float
    next_tier: Tier | None
    next_tier_us: int | None


@dataclass(slots=True)
class Row:
    """A lead on the board. `score` is as of the last `look`, `trend` its recent samples."""

    lead_id: str
    score: float
    tier: Tier
    next_tier: Tier | None = None
    next_tier_us: int | None = None
    why: str = ""
    crossed_us: int | None = None
    trend: deque[float] = field(default_factory=lambda: deque(maxlen=TREND_SAMPLES))


@dataclass(slots=True)
class Board:
    """Collects what the topics say. Everything shown is a function of it and of the time."""

    rows: dict[str, Row] = field(default_factory=dict)
    crossings: deque[Crossed] = field(default_factory=lambda: deque(maxlen=CROSSINGS_KEPT))
    happenings: deque[Crossed | Pooled] = field(
        default_factory=lambda: deque(maxlen=CROSSINGS_KEPT)
    )
    owed: dict[str, Owed] = field(default_factory=dict)
    crossing_count: int = 0
    returned: int = 0
    published: int = 0
    dead_letters: int = 0
    events_per_second: float = 0.0

    def scored(self, news: Scored) -> None:
        row = self.rows.get(news.lead_id)
        if row is None:
            row = self.rows[news.lead_id] = Row(news.lead_id, news.score, news.tier)
        row.score, row.tier = news.score, news.tier
        row.next_tier, row.next_tier_us = news.next_tier, news.next_tier_us

    def crossed(self, news: Crossed) -> None:
        self.crossings.appendleft(news)
        self.happenings.appendleft(news)
        self.crossing_count += 1
        if news.lead_id in self.rows:
            self.rows[news.lead_id].crossed_us = news.time_us

    def pooled(self, news: Pooled) -> None:
        self.happenings.appendleft(news)
        self.returned += news.move is PoolMove.RETURNED

    def owes(self, lead_id: str, owed: Owed | None) -> None:
        """Remember the next deadline of a lead."""
        if owed is None:
            self.owed.pop(lead_id, None)
        else:
            self.owed[lead_id] = owed

    def next_owed(self) -> Owed | None:
        """What is due next of all."""
        return min(self.owed.values(), default=None)

    def erased(self, lead_id: str) -> None:
        self.rows.pop(lead_id, None)

    def look(self, outlook: Callable[[str], Outlook | None]) -> None:
        """Refresh what time, or evidence that left the score as it was, has moved since."""
        rows = self.rows.values() if len(self.rows) <= LOOKED_AT else self.ranked()[:LOOKED_AT]
        for row in rows:
            now = outlook(row.lead_id)
            if now is not None:
                row.score, row.next_tier, row.next_tier_us = now

    def tell(self, leads: int, why_now: Callable[[str], str]) -> None:
        """Refresh the reasons of the best leads, which are all that is seen."""
        for row in self.ranked()[:leads]:
            row.why = why_now(row.lead_id)

    def sample(self) -> None:
        """Remember the present scores as one more point of every trend."""
        for row in self.rows.values():
            row.trend.append(row.score)

    def ranked(self) -> list[Row]:
        """Best first; the disqualified at the end, whatever their points."""
        return sorted(
            self.rows.values(),
            key=lambda row: (row.tier is Tier.DISQUALIFIED, -row.score, row.lead_id),
        )

    def counts(self) -> Counter[Tier]:
        return Counter(row.tier for row in self.rows.values())

    def latest(self, limit: int) -> Iterable[Crossed | Pooled]:
        return islice(self.happenings, limit)
