"""What a model says about follow-up: limits, touches, exemptions, calendar. Refuses to know YAML.

Durations are microseconds, of real time or of working time as `Limit.working` says; instants are µs
since the epoch. `scorer.contracts.model.follow_up` reads the user's file into these types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from scorer.domain.followup.calendar import WorkingTime
from scorer.domain.outputs import Tier


class Clock(StrEnum):
    """A follow-up timer. The order is that in which clocks that expire together are heard."""

    MAXIMUM_HOLDING = "maximum_holding"
    FIRST_RESPONSE = "first_response"
    NEXT_FOLLOW_UP = "next_follow_up"
    NO_OPPORTUNITY = "no_opportunity"
    NO_DEAL = "no_deal"
    UNASSIGNED = "unassigned"


OWNED: Final = tuple(clock for clock in Clock if clock is not Clock.UNASSIGNED)
"""The clocks of a lead that has an owner: each expires into a return to the pool."""

FOLLOW_UP: Final = (Clock.FIRST_RESPONSE, Clock.NEXT_FOLLOW_UP)
"""The two that are one deadline to a rep: before the first touch, and from touch to touch."""


class Exemption(StrEnum):
    """Why clocks stand still."""

    LOCKED = "locked"
    WON = "won"
    OPEN_OPPORTUNITY = "open_opportunity"
    DISQUALIFIED = "disqualified"
    PAUSED = "paused"


class OnEnd(StrEnum):
    """What a clock does when its exemption ends."""

    CONTINUE = "continue"  # with the time that was left
    RESTART = "restart"  # with its whole limit


class OnChange(StrEnum):
    """What running clocks do when the policy changes (F20)."""

    KEEP = "keep"  # they stay due when they were due
    RESTART = "restart"  # they begin anew, at the change
    RECOMPUTE = "recompute"  # from the same starting points, with the new limits


@dataclass(frozen=True, slots=True)
class Reminder:
    """Somebody hears of a deadline before it comes. Exactly one of the three says when."""

    to: str
    share: float = 0.0  # of the time from the start to the deadline
    before_us: int = 0  # the deadline
    after_us: int = 0  # the start
    risk: bool = False  # marks the lead as at risk


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock runs, by tier. A tier that is not named has no limit."""

    by_tier: Mapping[Tier, int]
    reminders: tuple[Reminder, ...] = ()
    working: bool = False  # counted in working time


@dataclass(frozen=True, slots=True)
class Exempt:
    """Which clocks an exemption stops, for leads of which tiers, and how they go on."""

    clocks: frozenset[Clock] = frozenset(Clock)
    tiers: frozenset[Tier] = frozenset(Tier)
    on_end: OnEnd = OnEnd.CONTINUE


WITHOUT_OPPORTUNITY: Final = Exempt(frozenset({*FOLLOW_UP, Clock.NO_OPPORTUNITY}))
"""An open opportunity is followed up elsewhere; the deal and the holding itself still have limits."""

EXEMPT_BY_DEFAULT: Final[Mapping[Exemption, Exempt]] = {
    exemption: WITHOUT_OPPORTUNITY if exemption is Exemption.OPEN_OPPORTUNITY else Exempt()
    for exemption in Exemption
}


@dataclass(frozen=True, slots=True)
class Pools:
    """Where returned leads go."""

    default: str | None = None
    dead: str | None = None  # after `dead_after` returns a lead goes here, and nobody is reminded
    dead_after: int = 0  # 0: never
    manager: str = "pool_manager"  # who hears that a lead is without an owner for too long


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """Everything that a model says about follow-up."""

    hash: str  # of this policy: scoring rules may change without touching a deadline
    model_version: str
    model_hash: str
    limits: Mapping[Clock, Limit]
    touches: frozenset[str] = frozenset()  # kinds that count; empty: every kind
    by_owner: bool = False  # only touches of the owner count
    exempt: Mapping[Exemption, Exempt] = field(default_factory=lambda: EXEMPT_BY_DEFAULT)
    calendar: WorkingTime | None = None
    daily_minute: int | None = None  # minutes after midnight; None: deadlines are exact
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    on_change: OnChange = OnChange.KEEP
    pools: Pools = Pools()
    enabled: bool = True  # off: nothing expires, and what runs keeps its due instant

    def limit_us(self, clock: Clock, tier: Tier) -> int | None:
        """The limit of a clock for a tier; None: there is none."""
        limit = self.limits.get(clock)
        return None if limit is None else limit.by_tier.get(tier)
