"""What a lead can reach under a model: which conditions can hold, how high and low a score can be.

Knows the rules, tries no lead. Attributes are tried with every value that makes a difference to some
condition (each threshold, one value between two thresholds, each text, an unknown one); behaviours
count as often as their limits let them. Where it cannot be exact it errs towards "reachable": it
never calls dead what lives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import inf, prod
from typing import Final, NamedTuple

from scorer.contracts.model.condition_shape import AllEntry, AnyEntry, ConditionEntry
from scorer.contracts.model.rule_shape import AttributeRuleEntry
from scorer.contracts.model.shape import Document
from scorer.domain.events import AttributeValue
from scorer.domain.model import AttributeRule, BehaviourRule, LimitKind, Model

TRIES: Final = 50_000  # combinations of values tried; beyond it a bound is taken instead
_PATTERNS: Final = 6  # patterns of one attribute that are combined in all 2^6 ways


class Range(NamedTuple):
    """From the least to the most, both reachable or beyond reach."""

    low: float
    high: float

    def __add__(self, other: object) -> Range:
        assert isinstance(other, Range)
        return Range(self.low + other.low, self.high + other.high)

    def within(self, low: float, high: float) -> Range:
        """Cut to bounds."""
        return Range(min(max(self.low, low), high), min(max(self.high, low), high))


@dataclass(frozen=True, slots=True)
class SomeText:
    """A text of which only this is known: which patterns it satisfies, which number it spells."""

    satisfies: frozenset[tuple[str, str]]
    number: float | None = None


Try = AttributeValue | SomeText | None
Bucket = tuple[str, str | None]  # dimension, group


@dataclass(frozen=True, slots=True)
class Reach:
    """What was found out about a model."""

    total: Range
    dimensions: Mapping[str, Range]
    never: frozenset[str]  # rules whose condition cannot hold
    always: frozenset[str]  # rules whose condition holds for every lead, whatever is known


def reach(document: Document, model: Model) -> Reach:
    """Try the rules of a model."""
    tests = _tests(document, model)
    tries = _tries(tests)
    never = {t.rule.id for t in tests if _outcomes(t, tries) == {False}}
    always = {t.rule.id for t in tests if _outcomes(t, tries) == {True}}
    buckets: dict[Bucket, Range] = defaultdict(lambda: Range(0.0, 0.0))
    for found in (*_attribute_ranges(tests, tries), *_behaviour_ranges(model)):
        buckets[found[0]] += found[1]
    groups = {group.id: group for group in model.groups}
    sums: dict[str, Range] = {d.id: Range(0.0, 0.0) for d in model.dimensions}
    for (dimension, name), bounds in buckets.items():
        group = groups.get(name or "")
        sums[dimension] += bounds.within(group.min, group.max) if group else bounds
    shown = {d.id: sums[d.id].within(d.min, d.max) for d in model.dimensions}
    total = sum(shown.values(), Range(0.0, 0.0)).within(model.total.min, model.total.max)
    return Reach(total, shown, frozenset(never), frozenset(always))


class _Test(NamedTuple):
    rule: AttributeRule
    entries: tuple[ConditionEntry, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(sorted({entry.attribute for entry in self.entries}))

    def holds(self, values: Mapping[str, Try]) -> bool:
        results = (
            _holds(condition.holds, entry, values[entry.attribute])
            for condition, entry in zip(self.rule.conditions, self.entries, strict=True)
        )
        return any(results) if self.rule.any_of else all(results)


def _tests(document: Document, model: Model) -> list[_Test]:
    tests = []
    for entry, rule in zip(document.rules, model.rules, strict=True):
        if isinstance(entry, AttributeRuleEntry) and isinstance(rule, AttributeRule):
            when = entry.when
            listed = (
                when.all
                if isinstance(when, AllEntry)
                else when.any
                if isinstance(when, AnyEntry)
                else [when]
            )
            tests.append(_Test(rule, tuple(listed)))
    return tests


def _holds(holds: object, entry: ConditionEntry, value: Try) -> bool:
    if not isinstance(value, SomeText):
        return bool(holds(value))  # type: ignore[operator]
    if entry.operator in ("matches", "contains"):
        return (entry.operator, str(entry.value)) in value.satisfies
    if entry.operator in ("exists", "missing"):
        return entry.operator == "exists"
    if value.number is None:
        return entry.operator in ("not_equals", "not_in")
    return bool(holds(value.number))  # type: ignore[operator]


def _tries(tests: Iterable[_Test]) -> dict[str, list[Try]]:
    by_attribute: dict[str, list[ConditionEntry]] = defaultdict(list)
    for test in tests:
        for entry in test.entries:
            by_attribute[entry.attribute].append(entry)
    return {name: _values_of(entries) for name, entries in by_attribute.items()}


def _values_of(entries: Iterable[ConditionEntry]) -> list[Try]:
    """Every value of one attribute that makes a difference to one of its conditions."""
    numbers: set[float] = set()
    texts: set[str] = set()
    patterns: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.operator in ("matches", "contains"):
            patterns.add((entry.operator, str(entry.value)))
        for value in entry.value if isinstance(entry.value, list) else [entry.value]:
            if isinstance(value, str):
                texts.add(value)
            elif isinstance(value, float):
                numbers.add(value)
    steps = sorted(numbers)
    between = [(low + high) / 2 for low, high in pairwise(steps)]
    outside = [steps[0] - 1, steps[-1] + 1] if steps else [0.0]
    numeric = [*steps, *between, *outside]
    sizes = range(len(patterns) + 1) if len(patterns) <= _PATTERNS else (0, 1, len(patterns))
    some = [
        SomeText(frozenset(chosen), number)
        for size in sizes
        for chosen in combinations(sorted(patterns), size)
        for number in (None, *numeric)
    ]
    return [None, True, False, *numeric, *sorted(texts), *some]


def _outcomes(test: _Test, tries: Mapping[str, list[Try]]) -> set[bool]:
    names = test.attributes
    if prod(len(tries[name]) for name in names) > TRIES:
        return {True, False}
    return {
        test.holds(dict(zip(names, values, strict=True)))
        for values in product(*(tries[name] for name in names))
    }


def _attribute_ranges(
    tests: list[_Test], tries: Mapping[str, list[Try]]
) -> Iterator[tuple[Bucket, Range]]:
    """Per set of rules that share attributes, and bucket: the least and the most they can give."""
    for related in _related(tests):
        names = sorted({name for test in related for name in test.attributes})
        points = {t.rule.id: min(max(t.rule.points, t.rule.min), t.rule.max) for t in related}
        places = {t.rule.id: (t.rule.dimension, t.rule.group) for t in related}
        if prod(len(tries[name]) for name in names) > TRIES:
            for rule_id, value in points.items():
                yield places[rule_id], Range(min(value, 0.0), max(value, 0.0))
            continue
        found: dict[Bucket, set[float]] = defaultdict(set)
        for values in product(*(tries[name] for name in names)):
            held = dict(zip(names, values, strict=True))
            sums: dict[Bucket, float] = dict.fromkeys(places.values(), 0.0)
            for test in related:
                if test.holds(held):
                    sums[places[test.rule.id]] += points[test.rule.id]
            for bucket, value in sums.items():
                found[bucket].add(value)
        for bucket, results in found.items():
            yield bucket, Range(min(results), max(results))


def _related(tests: Iterable[_Test]) -> list[list[_Test]]:
    """Rules that share an attribute, directly or through others: they exclude each other or not."""
    clusters: list[tuple[set[str], list[_Test]]] = []
    for test in tests:
        names, members = set(test.attributes), [test]
        apart = []
        for cluster in clusters:
            if cluster[0] & names:
                names |= cluster[0]
                members = cluster[1] + members
            else:
                apart.append(cluster)
        clusters = [*apart, (names, members)]
    return [members for _, members in clusters]


def _behaviour_ranges(model: Model) -> Iterator[tuple[Bucket, Range]]:
    for rule in model.rules:
        if isinstance(rule, BehaviourRule) and rule.points:
            once = any(limit.kind is LimitKind.ONCE for limit in rule.limits)
            most = rule.points if once else inf if rule.points > 0 else -inf
            bounds = Range(min(most, 0.0), max(most, 0.0)).within(rule.min, rule.max)
            yield (rule.dimension, rule.group), bounds
