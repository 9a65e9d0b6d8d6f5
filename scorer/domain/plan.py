"""The model laid out for the fold: what each behaviour and attribute sets in motion.

Knows the model; refuses to know any lead. Built once per model, shared by all lanes of a process.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Final

from librt.vecs import vec

from scorer.domain.events import AttributeValue
from scorer.domain.model import (
    AttributeRule,
    BehaviourRule,
    Condition,
    DecayKind,
    Disqualify,
    Limit,
    LimitKind,
    Model,
    Silence,
    Streak,
)
from scorer.domain.outputs import Tier
from scorer.domain.regions import Region, stay_region

NO_GROUP: Final = -1
SUMMED: Final = (DecayKind.NONE, DecayKind.HALF_LIFE)
"""Decays whose weights can be kept as one number; the others keep one item per live occurrence."""

TEXTS_KEPT: Final = 1_024
"""Values of an attribute of which a condition remembers what it said of them."""


class Check:
    """A condition that remembers what it said: the same few values come again and again."""

    __slots__ = ("_condition", "_of_text", "attribute")

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self.attribute = condition.attribute
        self._of_text: dict[str, bool] = {}

    def holds(self, value: AttributeValue | None) -> bool:
        """Whether the condition holds of a value; None: of an unknown one."""
        if type(value) is not str:
            return self._condition.holds(value)
        known = self._of_text.get(value)
        if known is None:
            known = self._condition.holds(value)
            if len(self._of_text) >= TEXTS_KEPT:
                self._of_text.clear()
            self._of_text[value] = known
        return known


class LimitPlan:
    """One limit of a rule."""

    __slots__ = ("count", "kind", "window_us")

    def __init__(self, limit: Limit) -> None:
        self.kind: LimitKind = limit.kind
        self.count: int = limit.count
        self.window_us: int = limit.window_us


class RulePlan:
    """One rule with its places resolved: indices instead of names, floats instead of optionals."""

    __slots__ = (
        "any_of",
        "cap_max",
        "cap_min",
        "checks",
        "conditions",
        "decay",
        "dimension",
        "group",
        "hard",
        "id",
        "label_en",
        "label_zh",
        "lifetime_us",
        "limits",
        "lose",
        "points",
        "positive",
        "span_us",
        "streak",
        "summed",
    )

    def __init__(self, rule: AttributeRule | BehaviourRule, dimension: int, group: int) -> None:
        self.id = rule.id
        self.points = float(rule.points)
        self.positive = rule.points >= 0
        self.cap_min, self.cap_max = rule.min, rule.max
        self.dimension, self.group = dimension, group
        self.hard = rule.disqualify is Disqualify.HARD
        self.label_en, self.label_zh = rule.label_en or rule.id, rule.label_zh or rule.id
        self.decay, self.span_us, self.lose = DecayKind.NONE, 0, 0.0
        self.limits: list[LimitPlan] = []
        self.streak: Streak | None = None
        self.conditions: tuple[Condition, ...] = ()
        self.checks: list[Check] = []
        self.any_of = False
        if isinstance(rule, BehaviourRule):
            self.decay, self.span_us, self.lose = (
                rule.decay.kind,
                rule.decay.span_us,
                rule.decay.lose,
            )
            self.limits, self.streak = [LimitPlan(one) for one in rule.limits], rule.streak
        else:
            self.conditions, self.any_of = rule.conditions, rule.any_of
            self.checks = [Check(condition) for condition in rule.conditions]
            # A rule that holds or not has one value: its cap can be applied here.
            self.points = min(max(self.points, rule.min), rule.max)
        self.summed = self.decay in SUMMED
        self.lifetime_us: int | None = self._lifetime_us()

    def _lifetime_us(self) -> int | None:
        """How long an occurrence of a rule with items weighs anything; None: for ever."""
        if self.decay is DecayKind.STEP:
            if self.lose <= 0:
                return None
            steps = 1
            while 1.0 - steps * self.lose > 0.0:
                steps += 1
            return steps * self.span_us
        return self.span_us


class SilencePlan:
    """The silence of one dimension."""

    __slots__ = ("after_us", "dimension", "every_us", "floor", "half_life_us", "lose")

    def __init__(self, silence: Silence, floor: float, dimension: int) -> None:
        self.dimension = dimension
        self.after_us: int = silence.after_us
        self.half_life_us: int = silence.half_life_us
        self.every_us: int = silence.every_us
        self.lose: float = silence.lose
        # Neither decay nor silence takes a dimension below its own floor.
        self.floor: float = max(silence.floor, floor)


class BehaviourPlan:
    """What one behaviour sets in motion."""

    __slots__ = ("by_lead", "fast_tracks", "resets", "rules")

    def __init__(self, by_lead: bool) -> None:
        self.by_lead = by_lead
        self.rules: list[RulePlan] = []
        self.resets: list[RulePlan] = []
        self.fast_tracks: list[tuple[Tier, int]] = []


class Plan:
    """A model, ready to fold with."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.hash, self.version = model.hash, model.version
        self.dimensions = model.dimensions
        self.dimension_ids = [d.id for d in model.dimensions]
        self.dimension_index = {d.id: i for i, d in enumerate(model.dimensions)}
        self.groups = model.groups
        group_index = {g.id: i for i, g in enumerate(model.groups)}
        self.group_dimension = [self.dimension_index[g.dimension] for g in model.groups]
        self.group_lows = vec[float]([g.min for g in model.groups])
        self.group_highs = vec[float]([g.max for g in model.groups])
        self.rules: dict[str, RulePlan] = {}
        self.attribute_rules: list[RulePlan] = []
        for rule in model.rules:
            group = group_index[rule.group] if rule.group else NO_GROUP
            placed = RulePlan(rule, self.dimension_index[rule.dimension], group)
            self.rules[rule.id] = placed
            if isinstance(rule, AttributeRule):
                self.attribute_rules.append(placed)
        self.hard_attributes = [r.id for r in self.attribute_rules if r.hard]
        self.hard_behaviours = [
            r.id for r in self.rules.values() if r.hard and r.id not in self.hard_attributes
        ]
        self.by_attribute = self._by_attribute()
        self.behaviours = self._behaviours(model)
        # Copied for every evaluation: `zeros[:]`.
        self.zeros = vec[float]([0.0] * len(model.dimensions))
        self.sheet = vec[float]([0.0] * (len(model.dimensions) + 1))  # the last of no dimension
        self.line_dimensions = [*self.dimension_ids, ""]
        self.group_zeros = vec[float]([0.0] * len(model.groups))
        self.hot_above: float = model.tiers.hot_above
        self.warm_from: float = model.tiers.warm_from
        self.leave_margin: float = model.tiers.leave_margin
        self.grid, self.history, self.time_zone = model.grid, model.history, model.time_zone
        self.min_delta: float = model.publish.min_delta
        self.coalesce_us: int = model.publish.coalesce_us
        self.cooldown_us: int = model.publish.cooldown_us
        self.min_dwell_us: int = model.tiers.min_dwell_us
        fit = {rule.dimension for rule in self.attribute_rules}
        self.fit_dimensions = [d.id for i, d in enumerate(model.dimensions) if i in fit]
        self.fit_reach: float = sum(d.max for d in model.dimensions if d.id in self.fit_dimensions)
        self.stay: dict[str, Region] = {
            tier.value: stay_region(model, tier, dwelling=False) for tier in Tier
        }
        self.total_min: float = model.total.min
        self.total_max: float = model.total.max
        self.lows = vec[float]([d.min for d in model.dimensions])
        self.highs = vec[float]([d.max for d in model.dimensions])
        self.floors = vec[float]([d.floor for d in model.dimensions])
        self.rising = frozenset(
            r.id for r in self.rules.values() if not r.positive and r.decay is not DecayKind.NONE
        )
        self.silence_of: list[SilencePlan | None] = [
            SilencePlan(d.silence, d.floor, i) if d.silence else None
            for i, d in enumerate(model.dimensions)
        ]
        self.silences: list[SilencePlan] = [s for s in self.silence_of if s is not None]
        self.pauses = model.pauses
        self._pause_starts = [start for start, _ in model.pauses]
        self._paused_before = [0, *accumulate(end - start for start, end in model.pauses)]

    def _by_attribute(self) -> dict[str, list[RulePlan]]:
        table: dict[str, list[RulePlan]] = {}
        for placed in self.attribute_rules:
            for name in dict.fromkeys(c.attribute for c in placed.conditions):
                table.setdefault(name, []).append(placed)
        return table

    def _behaviours(self, model: Model) -> dict[str, BehaviourPlan]:
        names = set(model.behaviours)
        for rule in model.rules:
            if isinstance(rule, BehaviourRule):
                names |= rule.on | (rule.streak.reset_by if rule.streak else frozenset())
        for track in model.fast_tracks:
            names |= track.behaviours
        table = {name: BehaviourPlan(name not in model.by_rep) for name in sorted(names)}
        for rule in model.rules:
            if isinstance(rule, BehaviourRule):
                for name in rule.on:
                    table[name].rules.append(self.rules[rule.id])
                for name in rule.streak.reset_by if rule.streak else ():
                    table[name].resets.append(self.rules[rule.id])
        for track in model.fast_tracks:
            for name in track.behaviours:
                table[name].fast_tracks.append((track.tier, track.for_us))
        return table

    def paused_before(self, time_us: int) -> int:
        """How much of the time before `time_us` was holiday, in which nothing decays (µs)."""
        i = bisect_right(self._pause_starts, time_us)
        if i == 0:
            return 0
        start, end = self.pauses[i - 1]
        return self._paused_before[i - 1] + min(time_us, end) - start

    def after_pauses(self, lead_time_us: int) -> int:
        """The inverse of `t - paused_before(t)`: the first instant that has this lead time."""
        time_us = lead_time_us
        for start, end in self.pauses:
            if time_us <= start:
                break
            time_us += end - start
        return time_us
