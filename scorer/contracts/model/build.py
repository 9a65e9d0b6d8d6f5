"""Document → domain `Model`. Knows both types; knows no YAML."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scorer.contracts.model.follow_up_build import follow_up
from scorer.contracts.model.rule_build import high, labels, low, rule
from scorer.contracts.model.section_shape import (
    AxisEntry,
    CalendarEntry,
    DaysEntry,
    DimensionEntry,
    GridEntry,
    SilenceEntry,
)
from scorer.contracts.model.shape import Document
from scorer.domain import model as domain
from scorer.domain.outputs import Tier


def build(document: Document) -> domain.Model:
    """The model. The document must have passed `model_names.refusals`."""
    zone = ZoneInfo(document.timezone)
    tiers, history, publish = document.tiers, document.history, document.publish
    content = content_hash(document)
    return domain.Model(
        name=document.name,
        version=document.version,
        hash=content,
        dimensions=tuple(_dimension(name, d) for name, d in document.dimensions.items()),
        rules=tuple(rule(document, index) for index in range(len(document.rules))),
        groups=tuple(
            domain.Group(name, g.dimension, low(g.min), high(g.max))
            for name, g in document.groups.items()
        ),
        total=domain.Bounds(document.total.min, high(document.total.max)),
        tiers=domain.Tiers(tiers.hot.above, tiers.warm.from_, tiers.leave_margin, tiers.min_dwell),
        fast_tracks=tuple(
            domain.FastTrack(frozenset(f.behaviour), Tier(f.tier), f.for_)
            for f in document.fast_track
        ),
        by_rep=frozenset(name for name, b in document.behaviours.items() if b.by == "rep"),
        behaviours=frozenset(document.behaviours),
        grid=_grid(document.grid) if document.grid else None,
        history=domain.History(history.for_, history.events),
        publish=domain.Publish(publish.min_delta, publish.coalesce, publish.cooldown),
        outcomes=domain.Outcomes(frozenset(document.outcomes.disqualify_on)),
        time_zone=zone,
        pauses=_pauses(document.calendar, zone),
        hold_pauses_decay=document.hold.pauses_decay,
        weights=dict(document.weights),
        follow_up=(
            follow_up(document.follow_up, zone, document.version, content)
            if document.follow_up
            else None
        ),
    )


def content_hash(document: Document) -> str:
    """16 hex digits of what the file says. Comments, format, key order and defaults do not count.

    The order of dimensions and rules does: explanations are shown in it.
    """
    content = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    content["dimensions"] = list(content["dimensions"].items())
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _dimension(name: str, entry: DimensionEntry) -> domain.Dimension:
    silence = _silence(entry.silence) if entry.silence else None
    label_en, label_zh = labels(entry.label, name)
    return domain.Dimension(name, entry.min, entry.max, entry.floor, silence, label_en, label_zh)


def _silence(entry: SilenceEntry) -> domain.Silence:
    return domain.Silence(
        after_us=entry.after,
        lose=entry.lose or 0.0,
        every_us=entry.every or 0,
        half_life_us=entry.half_life or 0,
        floor=entry.floor,
    )


def _grid(entry: GridEntry) -> domain.Grid:
    return domain.Grid(_axis(entry.first), _axis(entry.second))


def _axis(entry: AxisEntry) -> domain.GridAxis:
    bands = tuple(
        (label, -domain.UNBOUNDED if bound == "rest" else float(bound))
        for label, bound in entry.bands.items()
    )
    return domain.GridAxis(tuple(entry.dimensions), bands)


def _pauses(calendar: CalendarEntry, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """[midnight, midnight) of the holidays in the zone, joined where they touch, in order."""
    if not calendar.pauses_decay:
        return ()
    spans = sorted(
        (day.from_, day.to) if isinstance(day, DaysEntry) else (day, day)
        for day in calendar.holidays
    )
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        begin = datetime(first.year, first.month, first.day, tzinfo=zone)
        end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
        start_us, end_us = int(begin.timestamp()) * 1_000_000, int(end.timestamp()) * 1_000_000
        if joined and start_us <= joined[-1][1]:
            start_us, end_us = joined[-1][0], max(end_us, joined.pop()[1])
        joined.append((start_us, end_us))
    return tuple(joined)
