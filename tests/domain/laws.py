"""What must hold of every lead: the checks, without a source of cases."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scorer.domain.events import LeadEvent
from scorer.domain.explain import Explanation, explain
from scorer.domain.fold import advance, fold
from scorer.domain.model import SECOND_US
from scorer.domain.outputs import LineKind, Output, ScoreChanged, Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from tests.domain.cases import Case
from tests.domain.oracle import Doubtful, Oracle, Situation

SCORE_ERROR: Final = 0.005 + 1e-7
"""Half a cent of rounding, and the noise of two different sums of floats."""


@dataclass(slots=True)
class Told:
    """A story folded in order, to its end."""

    state: LeadState
    outputs: list[Output]


def tell(plan: Plan, events: Iterable[LeadEvent], end_us: int | None = None) -> Told:
    """Fold events in the order in which they are given, then let time pass."""
    state = LeadState(plan.hash)
    outputs: list[Output] = []
    for event in events:
        outputs += fold(state, event, plan).outputs
    if end_us is not None:
        outputs += advance(state, "lead", plan, end_us)
    return Told(state, outputs)


def cents(points: float) -> Decimal:
    """Points as they are printed."""
    return Decimal(repr(points))


def assert_adds_up(e: Explanation | ScoreChanged | TierCrossed) -> None:
    """Lines = score and dimensions = score, to the cent, in decimals."""
    score = cents(e.score)
    assert sum((cents(line.points) for line in e.lines), Decimal(0)) == score
    outside = sum((cents(line.points) for line in e.lines if not line.dimension), Decimal(0))
    assert sum(map(cents, e.dimensions.values()), Decimal(0)) + outside == score
    for line in e.lines:
        assert round(line.points, 2) == line.points
        assert line.decayed >= 0.0
        assert line.cut >= 0.0


def assert_within_caps(plan: Plan, e: Explanation) -> None:
    """No cap of a rule, group, dimension or the total is passed by more than rounding."""
    slack = 0.01 * (len(e.lines) + 1)
    total = plan.model.total
    assert total.min <= e.score <= total.max
    for dimension in plan.dimensions:
        low, high = min(dimension.min, dimension.floor), max(dimension.max, dimension.floor)
        assert low - slack <= e.dimensions[dimension.id] <= high + slack
    for line in e.lines:
        if line.kind is LineKind.RULE:
            rule = plan.rules[line.name]
            assert rule.cap_min - slack <= line.points <= rule.cap_max + slack


def assert_ids_unique(outputs: Sequence[Output]) -> None:
    ids = [output.id for output in outputs]
    assert len(ids) == len(set(ids))


class Crossings:
    """The tier of a lead as a step function of time, as its crossings tell it."""

    def __init__(self, outputs: Iterable[Output]) -> None:
        self.all = [o for o in outputs if isinstance(o, TierCrossed)]
        self.times = [o.time_us for o in self.all]

    def tier_at(self, t: int) -> Tier:
        index = bisect_right(self.times, t)
        return self.all[index - 1].to_tier if index else Tier.COLD

    def near(self, t: int) -> bool:
        """Whether a crossing lies within a second."""
        return any(abs(t - time) <= SECOND_US for time in self.times)

    def assert_chain(self) -> None:
        """Each crossing starts where the one before it ended, and none is empty or goes back."""
        tier, time = Tier.COLD, 0
        for crossing in self.all:
            assert crossing.from_tier is tier
            assert crossing.to_tier is not tier
            assert crossing.time_us >= time
            tier, time = crossing.to_tier, crossing.time_us


def assert_no_crossing_missed_or_invented(case: Case, told: Told) -> bool:
    """The fold's tiers are the oracle's wherever either of them changes.

    False: the case is too near to a bound for two sums of floats to agree.
    """
    crossings = Crossings(told.outputs)
    crossings.assert_chain()
    try:
        wrong = _disagreement(case, crossings)
    except Doubtful:
        return False
    assert wrong is None
    return True


def _disagreement(case: Case, crossings: Crossings) -> tuple[int, Tier, Tier] | None:
    """An instant at which fold and oracle differ, with both of their tiers."""
    oracle = Oracle(case.model, case.events)
    near = {t + d for t in crossings.times for d in (-SECOND_US, -1_000, 0, 1_000, SECOND_US)}
    evidence = {e.time_us for e in oracle.events}
    for t, tier in oracle.trajectory([*(t for t in near if t <= case.end_us), case.end_us]):
        if (t in evidence or not crossings.near(t)) and crossings.tier_at(t) is not tier:
            return t, crossings.tier_at(t), tier
    return None


def assert_scores_agree(case: Case, told: Told, instants: Sequence[int]) -> None:
    """The score of every output, and of some instants after the last, is the oracle's.

    For stories in order and without retractions: an output cannot know what is retracted later.
    """
    oracle = Oracle(case.model, case.events)
    waiting = list(oracle.events)
    situation = Situation()
    for output in told.outputs:
        by_time = output.cause.id is None
        while waiting and waiting[0].time_us < output.time_us:
            oracle.add(situation, waiting.pop(0))
        while (
            not by_time
            and waiting
            and _key(waiting[0])
            <= (
                output.time_us,
                output.cause.source,
                output.cause.id,
            )
        ):
            oracle.add(situation, waiting.pop(0))
        exact = oracle.exact(situation, output.time_us)
        assert abs(exact - output.score) <= SCORE_ERROR, (output.time_us, exact, output.score)
    if told.state.head.created_us is not None:
        plan = Plan(case.model)
        for t in instants:
            shown = explain(told.state.head, plan, t)
            assert_adds_up(shown)
            assert_within_caps(plan, shown)
            exact = oracle.score_at(t)
            assert abs(exact - shown.score) <= SCORE_ERROR, (t, exact, shown.score)


def assert_stands_alike(plan: Plan, one: LeadState, other: LeadState, t: int) -> None:
    """Two states from different histories say the same about the lead."""
    a, b = one.head, other.head
    assert a.created_us == b.created_us
    assert a.tier is b.tier
    assert a.base is b.base
    assert a.tier_since == b.tier_since
    assert a.reached == b.reached
    assert one.next == other.next
    if a.created_us is not None:
        assert explain(a, plan, t) == explain(b, plan, t)


def _key(event: LeadEvent) -> tuple[int, str, str]:
    return event.time_us, event.source, event.id
