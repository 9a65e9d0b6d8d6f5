"""What the scorer says about a lead. Knows the meaning of an output, not how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, final

if TYPE_CHECKING:
    from scorer.domain.line import Line


class Tier(StrEnum):
    """How ready to buy. The order of `RANK` is the order of the sales floor."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    DISQUALIFIED = "disqualified"


RANK: Final = {Tier.DISQUALIFIED: -1, Tier.COLD: 0, Tier.WARM: 1, Tier.HOT: 2}


class FireMode(StrEnum):
    """How often a subscriber wants to hear that a lead reached a tier (T8)."""

    EVERY = "every"
    ONCE_PER_LEAD = "once_per_lead"
    ONCE_PER_EPISODE = "once_per_episode"  # anew after each time it left, but for a cooldown


class CauseKind(StrEnum):
    """Why a score or a tier moved."""

    EVIDENCE = "evidence"
    DECAY = "decay"
    SILENCE = "silence"
    MODEL = "model"
    RETRACTION = "retraction"
    EXPIRY = "expiry"


class Cause(NamedTuple):
    """What moved the score: an event with its identity, or the passing of time."""

    kind: CauseKind
    source: str | None = None
    id: str | None = None
    what: str | None = None  # the behaviour, the attributes, the outcome; or the rule that expired


class LineKind(StrEnum):
    RULE = "rule"  # a contribution of a rule
    CAP = "cap"  # what the cap of a group, a dimension or the total cut off (or a floor gave)
    SILENCE = "silence"
    ADJUSTMENT = "adjustment"


@final
class ScoreChanged(NamedTuple):
    """The score of a lead moved (or its explanation's tier did)."""

    id: str
    lead_id: str
    time_us: int
    score: float
    previous_score: float | None  # None: the first score of the lead
    tier: Tier
    dimensions: Mapping[str, float]
    all_time: float  # engagement without decay, silence and caps (D7)
    lines: tuple[Line, ...]
    cause: Cause
    next_tier: Tier | None
    next_tier_us: int | None
    model_version: str
    model_hash: str
    grid: str | None = None
    first_score: float | None = None  # of a coalesced run of changes: the score it began with
    changes: int = 1  # how many changes this event stands for
    traceparent: str | None = None


class TierCrossed(NamedTuple):
    """The tier of a lead changed, at exactly `time_us`."""

    id: str
    lead_id: str
    time_us: int
    from_tier: Tier
    to_tier: Tier
    score_before: float
    score: float
    cause: Cause
    first_time: bool  # the lead never was in `to_tier` before
    reached: int  # how many times it has reached `to_tier`, this one included
    fires: tuple[FireMode, ...]  # the modes in which a subscriber should act on this crossing
    in_previous_us: int  # how long it was in `from_tier`
    dimensions: Mapping[str, float]
    lines: tuple[Line, ...]
    why_en: str  # one plain sentence from the largest reasons
    why_zh: str
    next_tier: Tier | None
    next_tier_us: int | None
    model_version: str
    model_hash: str
    grid: str | None = None
    traceparent: str | None = None


Output = ScoreChanged | TierCrossed
