"""The scoring model as the fold uses it. Knows rules and bounds; refuses to know YAML.

`scorer.contracts.model.file` reads the user's file into these types; nothing else builds them
outside tests. Durations are microseconds (`_us`), points are points, instants are µs since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from scorer.domain.events import AttributeValue
from scorer.domain.followup.policy import FollowUpPolicy
from scorer.domain.outputs import Tier

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
UNBOUNDED: Final = float("inf")


class DecayKind(StrEnum):
    NONE = "none"
    HALF_LIFE = "half_life"
    LINEAR = "linear"
    STEP = "step"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True)
class Decay:
    """How the weight of one occurrence falls with its age (semantics: section 3)."""

    kind: DecayKind = DecayKind.NONE
    span_us: int = 0  # the half-life, the time to zero, the lifetime, or the length of a step
    lose: float = 0.0  # of a step: the share of the points lost at each, 0..1


class LimitKind(StrEnum):
    ONCE = "once"
    ONCE_PER_OBJECT = "once_per_object"
    ROLLING = "rolling"  # `count` within any `window_us`, rolling from the event
    CALENDAR_DAY = "calendar_day"  # `count` within a calendar day of the model's time zone


@dataclass(frozen=True, slots=True)
class Limit:
    kind: LimitKind
    count: int = 1
    window_us: int = 0


@dataclass(frozen=True, slots=True)
class Streak:
    """Points only when `of` happened `length` times in a row, not interrupted by `reset_by`."""

    length: int
    reset_by: frozenset[str] = frozenset()
    repeat: bool = False  # each further one gives the points again


class Disqualify(StrEnum):
    HARD = "hard"  # locks the tier to `disqualified`
    SOFT = "soft"  # a large negative rule, listed as a disqualifier


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one attribute. `holds(None)` is asked when the attribute is unknown."""

    attribute: str
    holds: Callable[[AttributeValue | None], bool]
    text: str  # as written, for explanations: "industry in [software, finance]"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is common to all rules. `points` are before decay, limits and caps."""

    id: str
    dimension: str
    points: float
    group: str | None = None
    min: float = -UNBOUNDED
    max: float = UNBOUNDED
    disqualify: Disqualify | None = None
    label_en: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class AttributeRule(Rule):
    """State, not increments: the points are there while the conditions hold."""

    conditions: tuple[Condition, ...] = ()
    any_of: bool = False  # one condition suffices; else all must hold


@dataclass(frozen=True, slots=True)
class BehaviourRule(Rule):
    """Weighs each counted occurrence of its behaviours by its decay."""

    on: frozenset[str] = frozenset()
    decay: Decay = Decay()
    limits: tuple[Limit, ...] = ()
    streak: Streak | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What silence takes from a dimension: `lose` points each `every_us`, or a half-life."""

    after_us: int
    lose: float = 0.0
    every_us: int = 0
    half_life_us: int = 0  # > 0: this form instead of `lose`
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    min: float = -UNBOUNDED
    max: float = UNBOUNDED


@dataclass(frozen=True, slots=True)
class Dimension:
    id: str
    min: float
    max: float
    floor: float = 0.0  # decay and silence never take the dimension below it
    silence: Silence | None = None
    label_en: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A cap shared by several rules of one dimension."""

    id: str
    dimension: str
    min: float = -UNBOUNDED
    max: float = UNBOUNDED


@dataclass(frozen=True, slots=True)
class FastTrack:
    """A raised hand: lifts the tier, never the score, for a time."""

    behaviours: frozenset[str]
    tier: Tier
    for_us: int


@dataclass(frozen=True, slots=True)
class Tiers:
    """Bounds on the rounded score, and what keeps a lead from flapping between them."""

    hot_above: float = 70.0
    warm_from: float = 30.0
    leave_margin: float = 2.0
    min_dwell_us: int = 0  # a tier is not left downwards sooner than this


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One axis of the grid: the sum of some dimensions, cut into labelled bands, best first."""

    dimensions: tuple[str, ...]
    bands: tuple[tuple[str, float], ...]  # (label, from), descending; the last from is -inf


@dataclass(frozen=True, slots=True)
class Grid:
    """Two axes, labels such as A1 … C3: fit first, engagement second."""

    first: GridAxis
    second: GridAxis


@dataclass(frozen=True, slots=True)
class History:
    """How much evidence stays in a lead's state one by one, so that order cannot matter."""

    for_us: int = 30 * DAY_US
    events: int = 200


@dataclass(frozen=True, slots=True)
class Publish:
    """When a change of score is worth an event."""

    min_delta: float = 0.0
    coalesce_us: int = 0  # > 0: at most one score event per lead in this time, first and last kept
    cooldown_us: int = 0  # of `once_per_episode`: a tier reached anew sooner than this is not told


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What outcomes do to scoring."""

    disqualify_on: frozenset[str] = frozenset({"disqualified"})


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that turns evidence into a score and a tier."""

    name: str
    version: str
    hash: str  # of the content; travels on every output
    dimensions: tuple[Dimension, ...]
    rules: tuple[AttributeRule | BehaviourRule, ...]
    groups: tuple[Group, ...] = ()
    total: Bounds = Bounds(0.0, UNBOUNDED)
    tiers: Tiers = Tiers()
    fast_tracks: tuple[FastTrack, ...] = ()
    by_rep: frozenset[str] = frozenset()  # behaviours that a rep performs: they break no silence
    behaviours: frozenset[str] = frozenset()  # the catalogue: every name that the model knows
    grid: Grid | None = None
    history: History = History()
    publish: Publish = Publish()
    outcomes: Outcomes = Outcomes()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    pauses: tuple[tuple[int, int], ...] = ()  # [from, to) in which nothing decays: holidays
    hold_pauses_decay: bool = True  # while a lead is paused, its decay and its silence stand still
    weights: Mapping[str, float] = field(default_factory=dict)  # named constants, for display
    follow_up: FollowUpPolicy | None = None  # None: nobody is held to anything
