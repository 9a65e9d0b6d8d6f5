"""Outputs by way of the structs that say how they must look: the plain, slow way to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from scorer.contracts.inputs import SPECVERSION
from scorer.contracts.instants import LAST_US, to_datetime
from scorer.contracts.published import (
    SCORE_CHANGED,
    TIER_CROSSED,
    CauseShape,
    CrossingData,
    CrossingEvent,
    LineShape,
    ModelShape,
    ScoreData,
    ScoreEvent,
    WhyShape,
    dataschema,
)
from scorer.domain.line import Line
from scorer.domain.outputs import Cause, ScoreChanged, Tier, TierCrossed

_RANK: Final = {Tier.DISQUALIFIED: 0, Tier.COLD: 1, Tier.WARM: 2, Tier.HOT: 3}


def as_bytes(event: ScoreChanged | TierCrossed, source: str) -> bytes:
    """The value of its message."""
    scored = isinstance(event, ScoreChanged)
    common: dict[str, Any] = {
        "specversion": SPECVERSION,
        "source": source,
        "id": event.id,
        "time": to_datetime(event.time_us),
        "subject": event.lead_id,
        "datacontenttype": "application/json",
        "dataschema": dataschema(SCORE_CHANGED if scored else TIER_CROSSED),
        "traceparent": event.traceparent,
    }
    if isinstance(event, ScoreChanged):
        return msgspec.json.encode(ScoreEvent(**common, data=_score_data(event)))
    return msgspec.json.encode(CrossingEvent(**common, data=_crossing_data(event)))


def _score_data(event: ScoreChanged) -> ScoreData:
    previous, first = event.previous_score, event.first_score
    return ScoreData(
        event.lead_id,
        _points(event.score),
        None if previous is None else _points(previous),
        event.tier,
        _dimensions(event.dimensions),
        _points(event.all_time),
        [_line(line) for line in event.lines],
        _cause(event.cause),
        event.next_tier,
        _instant(event.next_tier_us),
        ModelShape(event.model_version, event.model_hash),
        event.grid,
        event.changes,
        None if first is None else _points(first),
    )


def _cause(cause: Cause) -> CauseShape:
    kind, source, event_id, what = cause
    return CauseShape(kind, source, event_id, what)


def _crossing_data(event: TierCrossed) -> CrossingData:
    return CrossingData(
        event.lead_id,
        event.from_tier,
        event.to_tier,
        "up" if _RANK[event.to_tier] > _RANK[event.from_tier] else "down",
        _points(event.score_before),
        _points(event.score),
        _cause(event.cause),
        event.first_time,
        event.reached,
        list(event.fires),
        event.in_previous_us / 1_000_000,
        _dimensions(event.dimensions),
        [_line(line) for line in event.lines],
        WhyShape(event.why_en, event.why_zh),
        event.next_tier,
        _instant(event.next_tier_us),
        ModelShape(event.model_version, event.model_hash),
        event.grid,
    )


def _points(points: float) -> float:
    """Points to 0.01, and never -0.0.

    A third of the cost of `round`, which counts at 15 times a score. It differs from `round` in
    exact ties alone, and values rounded before stay as they are.
    """
    return (points * 100 + 0.5) // 1 / 100


def _dimensions(dimensions: Mapping[str, float]) -> dict[str, float]:
    return {name: _points(points) for name, points in dimensions.items()}


def _line(line: Line) -> LineShape:
    return LineShape(
        line.kind,
        line.dimension,
        line.name,
        _points(line.points),
        line.occurrences,
        (_points(line.decayed) or 0) if line.decayed else 0,
        (_points(line.cut) or 0) if line.cut else 0,
    )


def _instant(instant_us: int | None) -> datetime | None:
    """Null also for what lies beyond the calendar: a decay that takes 8,000 years has no date."""
    return None if instant_us is None or instant_us > LAST_US else to_datetime(instant_us)
