"""A second opinion on scores and tiers: all evidence kept, everything recomputed, nothing summed up.

Written from docs and semantics alone. It shares the model and the events with the product and not one
line of arithmetic: occurrences stay one by one with their weights, pauses are measured as a union of
intervals, streaks and limits are counted by looking back, tiers are found by halving time wherever the
score could have left its tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple

from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Created,
    Hold,
    LeadEvent,
    Outcome,
    Retraction,
)
from scorer.domain.model import (
    AttributeRule,
    BehaviourRule,
    Decay,
    DecayKind,
    Dimension,
    Disqualify,
    Limit,
    LimitKind,
    Model,
)
from scorer.domain.outputs import Tier

RANK: Final = {Tier.COLD: 0, Tier.WARM: 1, Tier.HOT: 2}
DOUBT: Final = 1e-10
"""Points. So near to a bound two honest sums of floats may fall on different sides of it."""
FINEST_US: Final = 1_000
"""A visit to a tier that is shorter than this is none."""
MOST_HALVINGS: Final = 5_000
"""Of one stretch. A score that crawls along a bound for longer is left undecided, and counted."""


@dataclass(slots=True)
class Occurrence:
    """One counted occurrence of a behaviour rule; `weight` is what silence has left of it."""

    time_us: int
    object: str | None
    weight: float = 1.0


@dataclass(slots=True)
class Situation:
    """How things stand after some evidence, without any score."""

    seen: list[LeadEvent] = field(default_factory=list)
    created_us: int | None = None
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    counted: dict[str, list[Occurrence]] = field(default_factory=dict)
    last_act_us: int = 0
    holds: list[tuple[int, int | None]] = field(default_factory=list)
    locked: bool = False
    lowest: dict[str, float] = field(default_factory=dict)  # how far below its floor points took it
    untouched: bool = True


@dataclass(slots=True)
class Standing:
    """A lead's tier by score and as shown, with the instants of entering."""

    base: Tier = Tier.COLD
    base_since_us: int = 0
    shown: Tier = Tier.COLD


class Doubtful(Exception):
    """The score is so near to a bound that floats decide."""


class When(NamedTuple):
    """The instants at which the parts of a score are looked at. All the same: the score itself."""

    gains: int  # what gives points, which only fades
    losses: int  # what takes points, which is only forgiven
    silence: int  # which only takes

    @classmethod
    def at(cls, t: int) -> When:
        return cls(t, t, t)


def canonical(events: Iterable[LeadEvent]) -> list[LeadEvent]:
    """The evidence that counts, in its order: no doubles, nothing retracted, no retractions."""
    unique = {(e.source, e.id): e for e in events}
    gone = {(e.body.source, e.body.id) for e in unique.values() if isinstance(e.body, Retraction)}
    kept = [e for key, e in unique.items() if key not in gone]
    kept = [e for e in kept if not isinstance(e.body, Retraction)]
    return sorted(kept, key=lambda e: (e.time_us, e.source, e.id))


class Oracle:
    """One lead under one model, all of its evidence known from the start."""

    def __init__(self, model: Model, events: Iterable[LeadEvent]) -> None:
        self.model = model
        self.rules = {rule.id: rule for rule in model.rules}
        known = set(model.behaviours)
        for rule in model.rules:
            if isinstance(rule, BehaviourRule):
                known |= rule.on | (rule.streak.reset_by if rule.streak else frozenset())
        for track in model.fast_tracks:
            known |= track.behaviours
        self.known = known
        self.named = {
            c.attribute for r in model.rules if isinstance(r, AttributeRule) for c in r.conditions
        }
        self.events = [e for e in canonical(events) if self._means_something(e)]

    # --- time ---------------------------------------------------------------------------------

    def lead_time(self, s: Situation, t: int) -> int:
        """`t` less every moment before it that was holiday or hold."""
        spans = list(self.model.pauses)
        if self.model.hold_pauses_decay:
            spans += [(start, t if end is None else end) for start, end in s.holds]
        still, reached = 0, -(10**30)
        for start, end in sorted(spans):
            begins, ends = max(start, reached), min(end, t)
            if ends > begins:
                still += ends - begins
                reached = ends
        return t - still

    def age(self, s: Situation, since: int, t: int) -> int:
        return self.lead_time(s, t) - self.lead_time(s, since)

    def on_hold(self, s: Situation) -> bool:
        return bool(s.holds) and s.holds[-1][1] is None

    # --- points -------------------------------------------------------------------------------

    def holds_true(self, rule: AttributeRule, s: Situation) -> bool:
        tests = [c.holds(s.attributes.get(c.attribute)) for c in rule.conditions]
        # Of a lead without any evidence nothing holds, not even that something is unknown.
        return not s.untouched and (any(tests) if rule.any_of else all(tests))

    def raw(self, rule: AttributeRule | BehaviourRule, s: Situation, when: When) -> float:
        """points × Σ weight × decay(age), before the rule's cap."""
        if isinstance(rule, AttributeRule):
            return rule.points if self.holds_true(rule, s) else 0.0
        t = when.gains if rule.points > 0.0 else when.losses
        return rule.points * sum(
            o.weight * decay(rule.decay, self.age(s, o.time_us, t))
            for o in s.counted.get(rule.id, [])
        )

    def contribution(self, rule: AttributeRule | BehaviourRule, s: Situation, when: When) -> float:
        return clamp(self.raw(rule, s, when), rule.min, rule.max)

    def earned(self, d: Dimension, s: Situation, when: When) -> float:
        """The dimension after the caps of its rules and groups, before its own."""
        alone = [r for r in self.model.rules if r.dimension == d.id and r.group is None]
        value = sum(self.contribution(r, s, when) for r in alone)
        for group in self.model.groups:
            if group.dimension == d.id:
                members = [r for r in self.model.rules if r.group == group.id]
                value += clamp(
                    sum(self.contribution(r, s, when) for r in members), group.min, group.max
                )
        return value

    def shown(self, d: Dimension, s: Situation, when: When) -> float:
        """The dimension as shown: capped, kept from decaying below its floor, less silence."""
        value = clamp(self.earned(d, s, when), d.min, d.max)
        if value < d.floor:
            value = max(value, s.lowest.get(d.id, d.floor))
        return value - self.silence_loss(d, s, value, when.silence)

    def silence_loss(self, d: Dimension, s: Situation, value: float, t: int) -> float:
        if d.silence is None or s.created_us is None:
            return 0.0
        floor = max(d.silence.floor, d.floor)
        quiet = self.age(s, s.last_act_us, t) - d.silence.after_us
        if quiet <= 0 or value <= floor:
            return 0.0
        if d.silence.half_life_us:
            return float((value - floor) * (1.0 - 0.5 ** (quiet / d.silence.half_life_us)))
        return min((quiet // d.silence.every_us) * d.silence.lose, value - floor)

    def adjustments(self, s: Situation, t: int) -> float:
        given = [e.body for e in s.seen if isinstance(e.body, Adjustment)]
        return sum(a.points for a in given if a.expires_us is None or t < a.expires_us)

    def exact(self, s: Situation, t: int) -> float:
        """The score before rounding."""
        return self._total(s, When.at(t), t)

    def between(self, s: Situation, a: int, b: int) -> tuple[float, float]:
        """What the score is at least and at most from `a` to `b`, if no adjustment ends in between.

        Each part only falls or only rises, and everything above them is monotone in each.
        """
        return self._total(s, When(b, a, b), a), self._total(s, When(a, b, a), a)

    def _total(self, s: Situation, when: When, t: int) -> float:
        total = sum(self.shown(d, s, when) for d in self.model.dimensions)
        return clamp(total + self.adjustments(s, t), self.model.total.min, self.model.total.max)

    # --- evidence -----------------------------------------------------------------------------

    def situation_at(self, t: int) -> Situation:
        """After all evidence at or before `t`."""
        s = Situation()
        for event in self.events:
            if event.time_us <= t:
                self.add(s, event)
        return s

    def score_at(self, t: int) -> float:
        return self.exact(self.situation_at(t), t)

    def add(self, s: Situation, event: LeadEvent) -> None:
        """Let one more piece of evidence count. In place."""
        body, t = event.body, event.time_us
        now = When.at(t)
        shown = {d.id: self.shown(d, s, now) for d in self.model.dimensions}
        capped = {d.id: clamp(self.earned(d, s, now), d.min, d.max) for d in self.model.dimensions}
        if isinstance(body, Behaviour):
            self._behaviour(s, body, t)
        elif isinstance(body, Created):
            self._created(s, body, t)
        elif isinstance(body, AttributesChanged):
            s.attributes.update(body.set)
            for name in body.unset:
                s.attributes.pop(name, None)
        elif isinstance(body, Hold):
            if body.paused and not self.on_hold(s):
                s.holds.append((t, None))
            elif not body.paused and self.on_hold(s):
                s.holds[-1] = (s.holds[-1][0], t)
        elif isinstance(body, Outcome):
            if body.kind in self.model.outcomes.disqualify_on:
                s.locked = True
            elif body.kind == "reopened":
                s.locked = False
        s.seen.append(event)
        first, s.untouched = s.untouched, False
        for d in self.model.dimensions:
            value = clamp(self.earned(d, s, now), d.min, d.max)
            given = value if first else shown[d.id] + value - capped[d.id]
            s.lowest[d.id] = min(max(value, given), d.floor)

    def _means_something(self, event: LeadEvent) -> bool:
        """Whether the model looks at such evidence at all."""
        body = event.body
        if isinstance(body, Behaviour):
            return body.name in self.known
        if isinstance(body, AttributesChanged):
            return not self.named.isdisjoint({*body.set, *body.unset})
        if isinstance(body, Outcome):
            return body.kind in self.model.outcomes.disqualify_on or body.kind == "reopened"
        return True

    def _created(self, s: Situation, body: Created, t: int) -> None:
        if s.created_us is None:
            s.created_us = s.last_act_us = t
        s.attributes.update(body.attributes)

    def _behaviour(self, s: Situation, body: Behaviour, t: int) -> None:
        if body.name not in self.model.by_rep:
            self._fold_silence(s, t)
            s.last_act_us = t
        for rule in self.model.rules:
            if isinstance(rule, BehaviourRule) and body.name in rule.on:
                done = s.counted.setdefault(rule.id, [])
                if self._in_streak(rule, s) and not any(
                    self._beyond(limit, done, t, body.object) for limit in rule.limits
                ):
                    done.append(Occurrence(t, body.object))

    def _in_streak(self, rule: BehaviourRule, s: Situation) -> bool:
        """Whether the occurrence that comes now gives points, by looking back to the last reset."""
        if rule.streak is None:
            return True
        run = 1
        for event in reversed(s.seen):
            if isinstance(event.body, Behaviour):
                if event.body.name in rule.streak.reset_by:
                    break
                run += event.body.name in rule.on
        return run == rule.streak.length or (run > rule.streak.length and rule.streak.repeat)

    def _beyond(self, limit: Limit, done: Sequence[Occurrence], t: int, about: str | None) -> bool:
        if limit.kind is LimitKind.ONCE:
            return bool(done)
        if limit.kind is LimitKind.ONCE_PER_OBJECT:
            return any((o.object or "") == (about or "") for o in done)
        if limit.kind is LimitKind.ROLLING:
            return sum(t - o.time_us < limit.window_us for o in done) >= limit.count
        return sum(self._day(o.time_us) == self._day(t) for o in done) >= limit.count

    def _day(self, t: int) -> object:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t)
        return instant.astimezone(self.model.time_zone).date()

    def _fold_silence(self, s: Situation, t: int) -> None:
        """Points lost stay lost: what behaviours had earned is scaled to what is shown."""
        now = When.at(t)
        for d in self.model.dimensions:
            value = clamp(self.earned(d, s, now), d.min, d.max)
            loss = self.silence_loss(d, s, value, t)
            if loss <= 0.0:
                continue
            effective = self._effective(d, s, now)
            scalable = sum(effective.values())
            if scalable <= 0.0:
                continue
            rest = self.earned(d, s, now) - scalable
            keep = max(value - loss - rest, 0.0) / scalable
            factors = {
                name: points * keep / self.raw(self.rules[name], s, now)
                for name, points in effective.items()
            }
            for name, factor in factors.items():
                for occurrence in s.counted[name]:
                    occurrence.weight *= factor

    def _effective(self, d: Dimension, s: Situation, when: When) -> dict[str, float]:
        """What each behaviour rule's positive points are worth after rule and group caps."""
        worth: dict[str, float] = {}
        for rule in self.model.rules:
            if rule.dimension != d.id or not isinstance(rule, BehaviourRule):
                continue
            if self.raw(rule, s, when) <= 0.0:
                continue
            share = 1.0
            for group in self.model.groups:
                if group.id == rule.group:
                    parts = [
                        self.contribution(r, s, when)
                        for r in self.model.rules
                        if r.group == group.id
                    ]
                    gained = sum(p for p in parts if p > 0.0)
                    taken = sum(p for p in parts if p < 0.0)
                    if gained + taken > group.max:
                        share = (group.max - taken) / gained
            worth[rule.id] = self.contribution(rule, s, when) * share
        return worth

    # --- tiers --------------------------------------------------------------------------------

    def disqualified(self, s: Situation) -> bool:
        hard = [r for r in self.model.rules if r.disqualify is Disqualify.HARD]
        return s.locked or any(
            self.holds_true(r, s) if isinstance(r, AttributeRule) else bool(s.counted.get(r.id))
            for r in hard
        )

    def lifted(self, s: Situation, base: Tier, t: int) -> Tier:
        """The tier by score, or the highest that a raised hand lifts it to."""
        best = base
        for event in s.seen:
            for track in self.model.fast_tracks:
                if isinstance(event.body, Behaviour) and event.body.name in track.behaviours:
                    running = t < event.time_us + track.for_us
                    if running and RANK[track.tier] > RANK[best]:
                        best = track.tier
        return best

    def decide(self, s: Situation, standing: Standing, t: int) -> None:
        """Move the standing to instant `t`. In place."""
        if s.created_us is None or self.on_hold(s):
            return
        if self.disqualified(s):
            standing.shown = Tier.DISQUALIFIED
            return
        exact = self.exact(s, t)
        self._refuse_doubt(exact)
        new = self._new_base(standing, exact, t)
        if new is not standing.base:
            standing.base, standing.base_since_us = new, t
        standing.shown = self.lifted(s, standing.base, t)

    def _new_base(self, standing: Standing, exact: float, t: int) -> Tier:
        """The tier by score that such a score at `t` leads to."""
        new = self.by_score(round(exact, 2), standing.base)
        dwells = t < standing.base_since_us + self.model.tiers.min_dwell_us
        return standing.base if dwells and RANK[new] < RANK[standing.base] else new

    def by_score(self, score: float, current: Tier) -> Tier:
        tiers = self.model.tiers
        hot_until = tiers.hot_above - (tiers.leave_margin if current is Tier.HOT else 0.0)
        warm_until = tiers.warm_from - (tiers.leave_margin if current is Tier.WARM else 0.0)
        if score > hot_until:
            return Tier.HOT
        return Tier.WARM if score >= warm_until else Tier.COLD

    def _refuse_doubt(self, exact: float) -> None:
        tiers = self.model.tiers
        for bound, side in ((tiers.hot_above, 0.005), (tiers.warm_from, -0.005)):
            for margin in (0.0, tiers.leave_margin):
                if abs(exact - (bound - margin + side)) < DOUBT:
                    raise Doubtful(f"{exact} is at the rounding edge of {bound - margin}")

    def trajectory(self, instants: Sequence[int]) -> list[tuple[int, Tier]]:
        """The tier shown at each of some instants, after each evidence, and wherever it may change.

        That is where a fast track, an adjustment or a dwell ends, and where the tier by score changes,
        hidden by a fast track or not. In between nothing changes.
        """
        s, standing = Situation(), Standing()
        found: list[tuple[int, Tier]] = []
        waiting = list(self.events)
        end = max([*instants, *(e.time_us for e in waiting)])
        earlier = 0
        ahead = sorted({*instants, *(e.time_us for e in waiting), *self._ends()})
        while ahead and ahead[0] <= end:
            t = self._first_change(s, standing, earlier, ahead[0])
            if t == ahead[0]:
                heappop(ahead)
            since = standing.base_since_us
            if not (waiting and waiting[0].time_us == t):
                self.decide(s, standing, t)
            while waiting and waiting[0].time_us == t:
                created = s.created_us
                self.add(s, waiting.pop(0))
                if created is None and s.created_us is not None:
                    standing = Standing(base_since_us=t)
                self.decide(s, standing, t)
            if standing.base_since_us != since and self.model.tiers.min_dwell_us:
                heappush(ahead, standing.base_since_us + self.model.tiers.min_dwell_us)
            if s.created_us is not None:
                found.append((t, standing.shown))
            earlier = t
        return found

    def _first_change(self, s: Situation, standing: Standing, after: int, until: int) -> int:
        """When after `after` the tier by score is another, to a millisecond; `until` if it is not.

        For stretches in which nothing happens and nothing ends.
        """
        if s.created_us is None or self.on_hold(s) or self.disqualified(s):
            return until
        pending, halvings = [(after, until)], 0
        while pending:
            a, b = pending.pop()
            if b - a <= FINEST_US:
                trial = Standing(standing.base, standing.base_since_us)
                self.decide(s, trial, b)
                if trial.base is not standing.base:
                    return b
            elif not self._stays(s, standing, a, b):
                middle = (a + b) // 2
                pending += [(middle, b), (a, middle)]
                halvings += 1
                if halvings > MOST_HALVINGS:
                    raise Doubtful(f"the score crawls along a bound at {middle}")
        return until

    def _stays(self, s: Situation, standing: Standing, a: int, b: int) -> bool:
        """Whether the tier by score is sure to be the same from `a` until before `b`.

        The scores that keep a tier have no gap, so the least and the greatest speak for all.
        """
        return all(
            self._new_base(standing, score, a) is standing.base for score in self.between(s, a, b)
        )

    def _ends(self) -> Iterable[int]:
        for event in self.events:
            if isinstance(event.body, Adjustment) and event.body.expires_us is not None:
                yield max(event.body.expires_us, event.time_us)
            for track in self.model.fast_tracks:
                if isinstance(event.body, Behaviour) and event.body.name in track.behaviours:
                    yield event.time_us + track.for_us


def clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def decay(decay: Decay, age_us: int) -> float:
    """What one occurrence of that age weighs (semantics, section 3)."""
    span = decay.span_us
    if decay.kind is DecayKind.HALF_LIFE:
        return float(0.5 ** (age_us / span))
    if decay.kind is DecayKind.LINEAR:
        return max(0.0, 1.0 - age_us / span)
    if decay.kind is DecayKind.STEP:
        return max(0.0, 1.0 - (age_us // span) * decay.lose)
    if decay.kind is DecayKind.EXPIRES:
        return 1.0 if age_us < span else 0.0
    return 1.0
