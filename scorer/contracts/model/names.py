"""What a document must hold true beyond its shape: names that exist, bounds that make sense.

Each check yields (path, message, remedy) and knows nothing of the others. `Known` is what the
whole file defines, also the parts whose shape is wrong: one mistake must not cause ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zoneinfo import available_timezones

from scorer.contracts.model.follow_up_names import follow_up_refusals
from scorer.contracts.model.problems import Path, one_of
from scorer.contracts.model.rule_build import Refused, points_of, rule
from scorer.contracts.model.rule_shape import AttributeRuleEntry, BehaviourRuleEntry, CommonRule
from scorer.contracts.model.section_shape import AxisEntry
from scorer.contracts.model.shape import Document

Refusal = tuple[Path, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The names that the file defines."""

    dimensions: frozenset[str]
    groups: frozenset[str]
    behaviours: frozenset[str]
    weights: frozenset[str]


def refusals(document: Document, known: Known) -> Iterator[Refusal]:
    """Everything that keeps the document from being a model."""
    for check in _CHECKS:
        yield from check(document, known)


def _rules(document: Document, known: Known) -> Iterator[Refusal]:
    first: dict[str, int] = {}
    for index, entry in enumerate(document.rules):
        path: Path = ("rules", index)
        if entry.id in first:
            message = f"the id `{entry.id}` belongs to rules[{first[entry.id]}] already"
            yield (*path, "id"), message, "give each rule an id of its own"
        first.setdefault(entry.id, index)
        yield from _references(entry, path, document, known)
        yield from _soft(entry, path, document)
        if isinstance(entry, BehaviourRuleEntry):
            yield from _behaviours_of(entry, path, known)
        if isinstance(entry, AttributeRuleEntry):
            try:
                rule(document, index)
            except Refused as refused:
                yield refused.path, refused.message, refused.remedy


def _references(
    entry: CommonRule, path: Path, document: Document, known: Known
) -> Iterator[Refusal]:
    yield from _must_exist("dimension", [entry.dimension], known.dimensions, (*path, "dimension"))
    if entry.group is not None:
        place = (*path, "group")
        yield from _must_exist("group", [entry.group], known.groups, place)
        group = document.groups.get(entry.group)
        if group and group.dimension != entry.dimension:
            message = f"the group `{entry.group}` belongs to the dimension `{group.dimension}`"
            yield place, message, "a group holds rules of one dimension; make a second group"
    if isinstance(entry.points, str):
        name = entry.points.removeprefix("-")
        yield from _must_exist("weight", [name], known.weights, (*path, "points"))


def _soft(entry: CommonRule, path: Path, document: Document) -> Iterator[Refusal]:
    if entry.disqualify == "soft" and points_of(entry, document.weights) >= 0:
        remedy = "make the points negative, or write `disqualify: hard`"
        yield (*path, "points"), "a soft disqualifier takes points", remedy


def _behaviours_of(entry: BehaviourRuleEntry, path: Path, known: Known) -> Iterator[Refusal]:
    if entry.on is not None:
        yield from _must_exist("behaviour", entry.on, known.behaviours, (*path, "on"))
    if entry.streak is not None:
        of, reset_by = (*path, "streak", "of"), (*path, "streak", "reset_by")
        yield from _must_exist("behaviour", entry.streak.of, known.behaviours, of)
        yield from _must_exist("behaviour", entry.streak.reset_by, known.behaviours, reset_by)
        for name in set(entry.streak.of) & set(entry.streak.reset_by):
            yield reset_by, f"`{name}` cannot reset the streak that it makes", "remove it here"


def _groups(document: Document, known: Known) -> Iterator[Refusal]:
    for name, group in document.groups.items():
        path = ("groups", name)
        yield from _must_exist(
            "dimension", [group.dimension], known.dimensions, (*path, "dimension")
        )
        yield from _ordered(group.min, group.max, path)


def _dimensions(document: Document, _: Known) -> Iterator[Refusal]:
    for name, dimension in document.dimensions.items():
        path = ("dimensions", name)
        yield from _ordered(dimension.min, dimension.max, path)
        if dimension.floor < dimension.min:
            yield (*path, "floor"), "the floor is below min", f"at least {dimension.min:g}"
        if dimension.silence and dimension.silence.floor > dimension.max:
            place = (*path, "silence", "floor")
            yield place, "the floor is above the dimension's max", f"at most {dimension.max:g}"


def _tiers(document: Document, _: Known) -> Iterator[Refusal]:
    yield from _ordered(document.total.min, document.total.max, ("total",))
    hot, warm = document.tiers.hot.above, document.tiers.warm.from_
    if warm > hot:
        message = f"warm begins at {warm:g}, above hot at {hot:g}"
        yield ("tiers", "warm"), message, f"begin warm at {hot:g} or below"
    elif document.tiers.leave_margin > hot - warm:
        message = f"the margin is wider than warm itself ({hot - warm:g})"
        yield ("tiers", "leave_margin"), message, f"at most {hot - warm:g}"


def _fast_tracks(document: Document, known: Known) -> Iterator[Refusal]:
    for index, entry in enumerate(document.fast_track):
        path: Path = ("fast_track", index, "behaviour")
        yield from _must_exist("behaviour", entry.behaviour, known.behaviours, path)


def _grid(document: Document, known: Known) -> Iterator[Refusal]:
    if document.grid is None:
        return
    for name, axis in (("first", document.grid.first), ("second", document.grid.second)):
        path = ("grid", name)
        yield from _must_exist(
            "dimension", axis.dimensions, known.dimensions, (*path, "dimensions")
        )
        yield from _bands(axis, (*path, "bands"))


def _bands(axis: AxisEntry, path: Path) -> Iterator[Refusal]:
    bounds = list(axis.bands.values())
    numbers = [bound for bound in bounds if not isinstance(bound, str)]
    if not bounds or bounds[-1] != "rest" or len(numbers) != len(bounds) - 1:
        yield path, "the last band, and no other, is the rest", "write {A: 40, B: 20, C: rest}"
    elif any(low >= high for high, low in pairwise(numbers)):
        yield path, "the bands are not in order", "write the best first: {A: 40, B: 20, C: rest}"


def _follow_up(document: Document, _: Known) -> Iterator[Refusal]:
    if document.follow_up is not None:
        yield from follow_up_refusals(document.follow_up)


def _timezone(document: Document, _: Known) -> Iterator[Refusal]:
    zones = available_timezones()
    if document.timezone not in zones:
        near = one_of(zones, document.timezone).partition("? Else")[0]
        remedy = f"{near}?" if near.startswith("did you mean") else "write such as Asia/Shanghai"
        yield ("timezone",), f"there is no time zone `{document.timezone}`", remedy


def _must_exist(
    kind: str, names: Iterable[str], known: frozenset[str], path: Path
) -> Iterator[Refusal]:
    for index, name in enumerate(names):
        if name not in known:
            remedy = one_of(known, name) if known else f"define it under `{kind}s:` first"
            where = path if isinstance(path[-1], int) else (*path, index)
            yield where, f"there is no {kind} `{name}`", remedy


def _ordered(low: float | None, high: float | None, path: Path) -> Iterator[Refusal]:
    if low is not None and high is not None and low > high:
        yield (*path, "max"), f"max {high:g} is below min {low:g}", "swap them"


_CHECKS: Final[tuple[Callable[[Document, Known], Iterator[Refusal]], ...]] = (
    _timezone,
    _dimensions,
    _groups,
    _rules,
    _tiers,
    _fast_tracks,
    _grid,
    _follow_up,
)
