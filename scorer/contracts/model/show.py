"""A model as tables of words, in the order in which a person reads it.

Pure data: the command line prints the sections as tables, or as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf
from pathlib import Path as FilePath
from typing import NamedTuple

from scorer.contracts.model.build import build
from scorer.contracts.model.file import load_document
from scorer.contracts.model.follow_up_show import LIMIT_COLUMNS, limit_rows, policy_rows
from scorer.contracts.model.rule_build import labels
from scorer.contracts.model.scalars import format_duration
from scorer.contracts.model.shape import Document
from scorer.domain.model import (
    AttributeRule,
    BehaviourRule,
    Decay,
    DecayKind,
    Limit,
    LimitKind,
    Model,
    Silence,
)

Row = tuple[str, ...]


class Section(NamedTuple):
    """One table: its title, the names of its columns, its rows. Every cell is text."""

    title: str
    columns: Row
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, object]:
        """The section with its rows as objects."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows}


def show(source: FilePath | str) -> list[Section]:
    """The tables of a model (path, shipped name or text). Raises `ModelError`."""
    document, _ = load_document(source)
    model = build(document)
    sections = [
        Section("Model", ("key", "value"), tuple(_head(document, model))),
        Section("Tiers", ("tier", "score", "left"), tuple(_tiers(model))),
        Section("Dimensions", ("dimension", "min", "max", "silence"), tuple(_dimensions(model))),
        *_rules(model),
        Section("Fast track", ("behaviour", "tier at least", "for"), tuple(_tracks(model))),
        Section("Groups", ("group", "dimension", "min", "max", "rules"), tuple(_groups(model))),
        Section("Follow-up limits", LIMIT_COLUMNS, tuple(limit_rows(model.follow_up))),
        Section("Follow-up", ("key", "value"), tuple(policy_rows(model.follow_up))),
        Section("Grid", ("axis", "dimensions", "bands"), tuple(_grid(model))),
        Section("Behaviours", ("behaviour", "by", "en", "zh"), tuple(_behaviours(document))),
        Section(
            "Weights", ("weight", "points"), tuple((n, _n(v)) for n, v in model.weights.items())
        ),
    ]
    return [section for section in sections if section.rows]


def _head(document: Document, model: Model) -> Iterator[Row]:
    yield "name", model.name
    yield "version", model.version
    yield "hash", model.hash
    if document.description:
        yield "description", document.description
    yield "time zone", document.timezone
    yield "score", f"{_n(model.total.min)} to {_n(model.total.max)}"
    history = model.history
    yield "history", f"{format_duration(history.for_us)}, {history.events} events"
    if model.publish.min_delta or model.publish.coalesce_us:
        coalesce = format_duration(model.publish.coalesce_us)
        yield "publish", f"changes of {_n(model.publish.min_delta)} and more, one per {coalesce}"
    if model.pauses:
        days = sum(end - start for start, end in model.pauses) // 86_400_000_000
        yield "holidays", f"{days} days without decay"


def _tiers(model: Model) -> Iterator[Row]:
    tiers = model.tiers
    dwell = f", after {format_duration(tiers.min_dwell_us)}" if tiers.min_dwell_us else ""
    margin = tiers.leave_margin
    yield "hot", f"above {_n(tiers.hot_above)}", f"at {_n(tiers.hot_above - margin)}{dwell}"
    yield "warm", f"from {_n(tiers.warm_from)}", f"under {_n(tiers.warm_from - margin)}{dwell}"
    yield "cold", "below", ""
    yield "disqualified", "whatever", ", ".join(r.id for r in model.rules if r.disqualify == "hard")


def _dimensions(model: Model) -> Iterator[Row]:
    for dimension in model.dimensions:
        yield dimension.id, _n(dimension.min), _n(dimension.max), silence_words(dimension.silence)


def _rules(model: Model) -> Iterator[Section]:
    columns = ("rule", "points", "when", "decay", "limits", "caps", "reason", "原因")
    for dimension in model.dimensions:
        rows = tuple(_rule(rule) for rule in model.rules if rule.dimension == dimension.id)
        yield Section(f"Rules of {dimension.id}", columns, rows)


def _rule(rule: AttributeRule | BehaviourRule) -> Row:
    hard = rule.disqualify == "hard"
    points = f"{rule.points:+g}" if rule.points or not hard else ""
    if rule.disqualify:
        points = f"{points} {rule.disqualify}".strip()
    decay = limits = ""
    if isinstance(rule, BehaviourRule):
        decay, limits = decay_words(rule.decay), ", ".join(_limit(limit) for limit in rule.limits)
    caps = [
        f"{name} {_n(cap)}"
        for name, cap in (("min", rule.min), ("max", rule.max))
        if not isinf(cap)
    ]
    if rule.group:
        caps.append(f"group {rule.group}")
    when = _trigger(rule)
    return rule.id, points, when, decay, limits, ", ".join(caps), rule.label_en, rule.label_zh


def _trigger(rule: AttributeRule | BehaviourRule) -> str:
    if isinstance(rule, AttributeRule):
        return (" or " if rule.any_of else " and ").join(c.text for c in rule.conditions)
    names = " or ".join(sorted(rule.on))
    if rule.streak is None:
        return names
    resets = ", ".join(sorted(rule.streak.reset_by))
    again = ", each further one again" if rule.streak.repeat else ""
    return f"{rule.streak.length} × {names} in a row{again}" + (
        f", reset by {resets}" if resets else ""
    )


def decay_words(decay: Decay) -> str:
    """A decay in words, such as "half every 14d"."""
    span = format_duration(decay.span_us)
    match decay.kind:
        case DecayKind.NONE:
            return ""
        case DecayKind.HALF_LIFE:
            return f"halves in {span}"
        case DecayKind.LINEAR:
            return f"to zero in {span}"
        case DecayKind.STEP:
            return f"loses {decay.lose:.0%} every {span}"
        case DecayKind.EXPIRES:
            return f"expires in {span}"


def _limit(limit: Limit) -> str:
    match limit.kind:
        case LimitKind.ROLLING:
            return f"{limit.count} within any {format_duration(limit.window_us)}"
        case LimitKind.CALENDAR_DAY:
            return f"{limit.count} per calendar day"
        case LimitKind.ONCE:
            return "once"
        case LimitKind.ONCE_PER_OBJECT:
            return "once per object"


def silence_words(silence: Silence | None) -> str:
    """What silence takes, in words; empty without silence."""
    if silence is None:
        return ""
    after = format_duration(silence.after_us)
    if silence.half_life_us:
        return f"after {after} halves in {format_duration(silence.half_life_us)}, down to {_n(silence.floor)}"
    every = format_duration(silence.every_us)
    return f"after {after} loses {_n(silence.lose)} every {every}, down to {_n(silence.floor)}"


def _tracks(model: Model) -> Iterator[Row]:
    for track in model.fast_tracks:
        yield " or ".join(sorted(track.behaviours)), str(track.tier), format_duration(track.for_us)


def _groups(model: Model) -> Iterator[Row]:
    for group in model.groups:
        members = ", ".join(rule.id for rule in model.rules if rule.group == group.id)
        yield group.id, group.dimension, _n(group.min), _n(group.max), members


def _grid(model: Model) -> Iterator[Row]:
    if model.grid is None:
        return
    for name, axis in (("first", model.grid.first), ("second", model.grid.second)):
        bands = ", ".join(
            f"{label} the rest" if isinf(bound) else f"{label} from {_n(bound)}"
            for label, bound in axis.bands
        )
        yield name, " + ".join(axis.dimensions), bands


def _behaviours(document: Document) -> Iterator[Row]:
    for name, entry in document.behaviours.items():
        yield name, entry.by, *labels(entry.label, name)


def _n(number: float) -> str:
    return "" if isinf(number) else f"{number:.10g}"
