"""What the scorer says → CloudEvents in structured mode. Knows messages, knows no Kafka client.

The same output gives the same bytes, wherever and whenever it is written: replays can be compared
byte by byte. For that reason no message carries a timestamp of its own making: `timestamp_ms` stays
None, the broker stamps the arrival (cards: LogAppendTime), so that retention counts from the day of
publication even when last year's events are replayed. The event time is the attribute `time`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from scorer.contracts.inputs import SPECVERSION
from scorer.contracts.instants import LAST_US, to_datetime
from scorer.contracts.modes import STRUCTURED_JSON
from scorer.contracts.published import (
    SCORE_CHANGED,
    SCORES_TOPIC,
    TIER_CROSSED,
    TIERS_TOPIC,
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
from scorer.contracts.records import Headers, Message
from scorer.domain.outputs import Cause, Line, ScoreChanged, Tier, TierCrossed

_JSON: Final = "application/json"
_HEADERS: Final = (("content-type", STRUCTURED_JSON),)
_SCORE_SCHEMA: Final = dataschema(SCORE_CHANGED)
_TIER_SCHEMA: Final = dataschema(TIER_CROSSED)
_RANK: Final = {Tier.DISQUALIFIED: 0, Tier.COLD: 1, Tier.WARM: 2, Tier.HOT: 3}


class Encoder:
    """Writes outputs. `source` names the application, as CloudEvents wants: `/lead-scorer/<app>`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._json = msgspec.json.Encoder()

    def score_changed(self, event: ScoreChanged) -> Message:
        """A change of score with every line of its explanation."""
        document = ScoreEvent(
            specversion=SPECVERSION,
            source=self._source,
            id=event.id,
            time=to_datetime(event.time_us),
            subject=event.lead_id,
            datacontenttype=_JSON,
            dataschema=_SCORE_SCHEMA,
            traceparent=event.traceparent,
            data=_score_data(event),
        )
        return self._message(SCORES_TOPIC, document)

    def tier_crossed(self, event: TierCrossed) -> Message:
        """A crossing with its direction, its cause and the plain reasons in two languages."""
        document = CrossingEvent(
            specversion=SPECVERSION,
            source=self._source,
            id=event.id,
            time=to_datetime(event.time_us),
            subject=event.lead_id,
            datacontenttype=_JSON,
            dataschema=_TIER_SCHEMA,
            traceparent=event.traceparent,
            data=_crossing_data(event),
        )
        return self._message(TIERS_TOPIC, document)

    def _message(self, topic: str, document: ScoreEvent | CrossingEvent) -> Message:
        headers: Headers = _HEADERS
        if document.traceparent is not None:
            headers = (*_HEADERS, ("traceparent", document.traceparent.encode()))
        key, value = document.subject.encode(), self._json.encode(document)
        return tuple.__new__(Message, (topic, key, value, headers, None, None))


def tombstone(topic: str, lead_id: str) -> Message:
    """The null value that makes compaction forget an erased lead."""
    return Message(topic, lead_id.encode(), None)


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
    kind, dimension, name, points, count, decayed, cut = line
    return LineShape(
        kind,
        dimension,
        name,
        _points(points),
        count,
        (_points(decayed) or 0) if decayed else 0,
        (_points(cut) or 0) if cut else 0,
    )


def _instant(instant_us: int | None) -> datetime | None:
    """Null also for what lies beyond the calendar: a decay that takes 8,000 years has no date."""
    return None if instant_us is None or instant_us > LAST_US else to_datetime(instant_us)
