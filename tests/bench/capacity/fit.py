"""Measured figures → the costs of the simulation, and how well it then predicts the other figures.

Fitted to the backlog and to the lowest rate: processor time of an event and of a transaction, median and
99th percentile of a transaction. Everything at a higher rate is a prediction; the throughput follows from
the processor time of an event, unless lanes wait too long for their transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from tests.bench.capacity.figures import Measured, Point
from tests.bench.capacity.simulation import Costs, Load, Outcome, saturation_per_s, simulate

ROUNDS: Final = 4
STEPS: Final = 14
SECONDS: Final = 12.0
CARRY_S: Final = 0.004
"""Publisher's linger and batching, fetch and reader: a few milliseconds that no lane decides."""


class Check(NamedTuple):
    """A figure that was measured and what the simulation says of it."""

    what: str
    measured: float
    simulated: float
    fitted: bool


def costs_of(it: Measured) -> Costs:
    """The costs under which the simulation has the backlog's and the lowest rate's figures."""
    low = it.paced[0]
    batch = it.sizes.batch_records
    costs = Costs(
        event_s=it.backlog.cpu_us_per_event / 1e6,
        transaction_s=1e-3,
        commit_s=low.p50_ms / 2e3,
        commit_p99_s=low.p99_ms / 1e3,
        carry_s=min(CARRY_S, low.p50_ms / 4e3),
        batch_records=batch,
    )
    for _ in range(ROUNDS):
        costs = _bisected(costs, _with_transaction, (0.0, 0.05), _busy, low.cpu_of_a_core, it, low)
        costs = _bisected(costs, _with_commit, (1e-4, 1.0), _median, low.p50_ms, it, low)
        costs = _bisected(costs, _with_tail, (1.0, 40.0), _tail, low.p99_ms, it, low)
        # A full transaction carries its own fixed cost in what a backlog was measured to cost.
        event_s = it.backlog.cpu_us_per_event / 1e6 - costs.transaction_s / batch
        costs = replace(costs, event_s=max(event_s, 1e-6))
    return costs


def checks(it: Measured, costs: Costs) -> list[Check]:
    """Every measured figure beside the simulated one."""
    found = [
        Check(
            "events/s of a backlog",
            it.backlog.events_per_s,
            saturation_per_s(costs, it.partitions, 1, costs.batch_records) * it.backlog.core_share,
            fitted=False,
        )
    ]
    for point in it.paced:
        fitted = point is it.paced[0]
        outcome = _run(costs, it, point)
        at = f"at {point.rate_per_s:,.0f} events/s"
        found.append(Check(f"p50 ms {at}", point.p50_ms, _median(outcome), fitted))
        found.append(Check(f"p99 ms {at}", point.p99_ms, _tail(outcome), fitted))
        found.append(Check(f"share of a core {at}", point.cpu_of_a_core, _busy(outcome), fitted))
    return found


def _run(costs: Costs, it: Measured, point: Point) -> Outcome:
    share = it.backlog.core_share
    return simulate(Load(point.rate_per_s, it.partitions, 1, SECONDS, core_share=share), costs)


def _busy(outcome: Outcome) -> float:
    return outcome.busy


def _median(outcome: Outcome) -> float:
    return outcome.percentile_ms(0.5)


def _tail(outcome: Outcome) -> float:
    return outcome.percentile_ms(0.99)


def _with_transaction(costs: Costs, value: float) -> Costs:
    return replace(costs, transaction_s=value)


def _with_commit(costs: Costs, value: float) -> Costs:
    """Another median; the tail keeps its distance."""
    return replace(costs, commit_s=value, commit_p99_s=value * costs.commit_p99_s / costs.commit_s)


def _with_tail(costs: Costs, times: float) -> Costs:
    return replace(costs, commit_p99_s=costs.commit_s * times)


def _bisected(
    costs: Costs,
    with_: Callable[[Costs, float], Costs],
    between: tuple[float, float],
    figure: Callable[[Outcome], float],
    wanted: float,
    it: Measured,
    point: Point,
) -> Costs:
    """The costs with one of them so that a figure, which rises with it, is as measured."""
    low, high = between
    for _ in range(STEPS):
        middle = (low + high) / 2
        if figure(_run(with_(costs, middle), it, point)) < wanted:
            low = middle
        else:
            high = middle
    return with_(costs, (low + high) / 2)
