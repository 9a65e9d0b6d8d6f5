"""The JSON shape of every output, for those who write it and those who read it. Knows no Kafka client.

msgspec structs in the order in which the fields appear. A field with a default is left out when it
holds it: most lines lost nothing to decay or caps. The published JSON Schemas say the same (tested).
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct

from scorer.contracts.wire import Instant
from scorer.domain.outputs import CauseKind, FireMode, LineKind, Tier

SCORE_CHANGED: Final = "leadscorer.score.changed.v1"
TIER_CROSSED: Final = "leadscorer.tier.crossed.v1"
SCORES_TOPIC: Final = "leads.scores.v1"
TIERS_TOPIC: Final = "leads.tiers.v1"


class LineShape(Struct, gc=False, omit_defaults=True):
    """One line of an explanation; the points of all lines add up to the score."""

    kind: LineKind
    dimension: str
    name: str
    points: float
    count: int = 0
    decayed: float = 0
    cut: float = 0


class CauseShape(Struct, gc=False, omit_defaults=True):
    """What moved the score: an event with its identity, or time."""

    kind: CauseKind
    source: str | None = None
    id: str | None = None
    what: str | None = None


class ModelShape(Struct, gc=False):
    """The model that was in force."""

    version: str
    hash: str


class WhyShape(Struct, gc=False):
    """One plain sentence in each language."""

    en: str
    zh: str


class ScoreData(Struct, gc=False, omit_defaults=True):
    """`data` of a change of score."""

    lead_id: str
    score: float
    previous_score: float | None
    tier: Tier
    dimensions: dict[str, float]
    all_time: float
    lines: list[LineShape]
    cause: CauseShape
    next_tier: Tier | None
    next_tier_at: Instant | None
    model: ModelShape
    grid: str | None = None
    changes: int = 1
    first_score: float | None = None


class CrossingData(Struct, gc=False, omit_defaults=True, rename={"from_": "from"}):
    """`data` of a crossing from one tier to another."""

    lead_id: str
    from_: Tier
    to: Tier
    direction: Literal["up", "down"]
    score_before: float
    score: float
    cause: CauseShape
    first_time: bool
    reached: int
    fires: list[FireMode]
    seconds_in_previous: float
    dimensions: dict[str, float]
    lines: list[LineShape]
    why: WhyShape
    next_tier: Tier | None
    next_tier_at: Instant | None
    model: ModelShape
    grid: str | None = None


class Published(Struct, gc=False, omit_defaults=True, kw_only=True):
    """The CloudEvents attributes of an output."""

    specversion: str
    source: str
    id: str
    time: Instant
    subject: str
    datacontenttype: str
    dataschema: str
    traceparent: str | None = None


class ScoreEvent(Published, gc=False, kw_only=True, tag_field="type", tag=SCORE_CHANGED):
    """A whole event of `leads.scores.v1`."""

    data: ScoreData


class CrossingEvent(Published, gc=False, kw_only=True, tag_field="type", tag=TIER_CROSSED):
    """A whole event of `leads.tiers.v1`."""

    data: CrossingData


_READER: Final[msgspec.json.Decoder[ScoreEvent | CrossingEvent]] = msgspec.json.Decoder(
    ScoreEvent | CrossingEvent
)


def read_output(value: bytes) -> ScoreEvent | CrossingEvent:
    """An output as a subscriber sees it. Raises `msgspec.DecodeError` for anything else."""
    return _READER.decode(value)


def dataschema(event_type: str) -> str:
    """The URI of the published schema of a type: the `$id` in `schemas/<type>.schema.json`."""
    return f"urn:leadscorer:schema:{event_type.removeprefix('leadscorer.')}"
