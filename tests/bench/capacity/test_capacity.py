"""Laws of the simulation behind docs/capacity.md, and that the page says what its inputs say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.bench.capacity import figures, page
from tests.bench.capacity.figures import Backlog, Measured, Point
from tests.bench.capacity.fit import checks, costs_of
from tests.bench.capacity.simulation import Costs, Load, Outcome, saturation_per_s, simulate
from tests.bench.capacity.sizing import catch_up_s, holding, need

COSTS = Costs(
    event_s=100e-6,
    transaction_s=1e-3,
    commit_s=20e-3,
    commit_p99_s=60e-3,
    carry_s=4e-3,
    batch_records=500,
)
SECONDS = 10.0
SIZES = figures.load().sizes


def run(rate: float, partitions: int = 4, processes: int = 1, costs: Costs = COSTS) -> Outcome:
    return simulate(Load(rate, partitions, processes, SECONDS), costs)


@pytest.mark.parametrize("rate", [50, 2_000, 8_000, 40_000])
def test_what_arrives_is_done_or_waits(rate: float) -> None:
    outcome = run(rate)

    assert outcome.arrived == outcome.done + outcome.waiting
    assert outcome.arrived == pytest.approx(rate * SECONDS, rel=0.1)


@pytest.mark.parametrize("rate", [50, 500, 2_000])
def test_the_core_is_busy_for_what_its_events_and_transactions_cost(rate: float) -> None:
    """The utilisation law."""
    outcome = run(rate)

    work = outcome.arrived * COSTS.event_s + outcome.transactions * COSTS.transaction_s
    assert outcome.busy == pytest.approx(work / SECONDS, rel=0.02)


def test_an_event_waits_for_half_a_transaction_and_takes_part_in_one() -> None:
    """Where the core is idle and no transaction is slow: 1.5 times the cycle of a lane."""
    outcome = run(1_000, costs=replace(COSTS, commit_p99_s=COSTS.commit_s))

    mean_s = sum(outcome.latencies_s) / len(outcome.latencies_s) - COSTS.carry_s
    batch = outcome.arrived / outcome.transactions
    cycle_s = COSTS.commit_s + COSTS.transaction_s + batch * COSTS.event_s
    assert mean_s == pytest.approx(1.5 * cycle_s, rel=0.1)


def test_a_share_of_a_core_does_a_share_of_the_work() -> None:
    half = simulate(Load(30_000, 4, 1, SECONDS, core_share=0.5), COSTS)

    assert half.throughput(SECONDS) == pytest.approx(run(30_000).throughput(SECONDS) / 2, rel=0.1)


def test_no_event_is_faster_than_its_costs() -> None:
    outcome = run(10, costs=replace(COSTS, commit_p99_s=COSTS.commit_s))

    least = COSTS.event_s + COSTS.transaction_s + COSTS.commit_s + COSTS.carry_s
    assert min(outcome.latencies_s) == pytest.approx(least)


def test_an_overloaded_process_does_what_a_full_batch_allows_and_no_more() -> None:
    outcome = run(30_000)

    limit = saturation_per_s(COSTS, 4, 1, COSTS.batch_records)
    assert outcome.throughput(SECONDS) == pytest.approx(limit, rel=0.1)
    assert outcome.busy > 0.9


@pytest.mark.parametrize("rate", [500, 4_000])
def test_more_workers_are_never_slower(rate: float) -> None:
    medians = [run(rate, 8, processes).percentile_ms(0.5) for processes in (1, 2, 4, 8)]

    for fewer, more in pairwise(medians):
        assert more <= fewer * 1.05


def test_more_partitions_never_carry_less() -> None:
    limits = [saturation_per_s(COSTS, n, 1, COSTS.batch_records) for n in (1, 2, 4, 8, 16)]
    done = [run(30_000, n).done for n in (1, 2, 4, 8)]

    assert limits == sorted(limits)
    for fewer, more in pairwise(done):
        assert more >= fewer * 0.97


def test_a_higher_rate_makes_larger_transactions_rather_than_more() -> None:
    slow, fast = run(200), run(4_000)

    assert fast.arrived / fast.transactions > 3 * slow.arrived / slow.transactions


def test_a_run_is_the_same_each_time() -> None:
    assert run(1_000) == run(1_000)


def test_the_fit_finds_the_costs_that_made_the_figures() -> None:
    """Figures of a simulated machine, so that the answer is known."""
    points = tuple(
        Point(rate, o.percentile_ms(0.5), o.percentile_ms(0.99), o.busy)
        for rate in (500, 2_000)
        for o in [simulate(Load(rate, 4, 1, 12.0), COSTS)]
    )
    full = COSTS.event_s + COSTS.transaction_s / COSTS.batch_records
    made = Measured(
        taken="today",
        machine="none",
        load_average=(0.0, 0.0),
        partitions=4,
        backlog=Backlog(1 / full, full * 1e6),
        paced=points,
        sizes=replace(SIZES, batch_records=COSTS.batch_records),
        origins={},
    )

    found = costs_of(made)

    assert found.commit_s == pytest.approx(COSTS.commit_s, rel=0.1)
    assert found.transaction_s == pytest.approx(COSTS.transaction_s, rel=0.15)
    for check in checks(made, found):
        assert check.simulated == pytest.approx(check.measured, rel=0.15), check.what


def test_needs_grow_with_the_load() -> None:
    asked = [need(rate, COSTS, SIZES) for rate in (100, 1_000, 10_000, 100_000)]

    for less, more in pairwise(asked):
        assert less.workers <= more.workers
        assert less.partitions <= more.partitions
        assert less.memory_gb <= more.memory_gb
        assert less.outputs_disk_gb < more.outputs_disk_gb
    assert all(each.partitions >= each.workers for each in asked)


def test_leads_cost_disk_and_more_workers_restore_them_sooner() -> None:
    few, many = holding(10_000, 2, SIZES), holding(1_000_000, 2, SIZES)

    assert many.changelog_gb == pytest.approx(100 * few.changelog_gb)
    assert holding(1_000_000, 8, SIZES).restore_s < many.restore_s
    assert catch_up_s(1e9, 2, 60, COSTS) == float("inf")


def test_the_page_says_what_its_inputs_say() -> None:
    """`make capacity` after a change of measured.json or of the simulation."""
    assert page.page(figures.load()) == page.PAGE.read_text(encoding="utf-8")
