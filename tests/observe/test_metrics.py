"""Counting: what a stage or a lane reports is what Prometheus scrapes."""

from __future__ import annotations

import pytest

from scorer.observe import catalogue
from scorer.observe.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("scoring")


def test_what_a_stage_counted_is_added(metrics: Metrics) -> None:
    counted = {
        ("events_consumed", "leads.created.v1"): 25.0,
        ("tier_changes", "cold", "hot", "decay"): 2.0,
    }
    metrics.add(counted)
    metrics.add(counted)
    assert metrics.value("leadscorer_events_consumed_total", topic="leads.created.v1") == 50
    crossing = {"from": "cold", "to": "hot", "cause": "decay"}
    assert metrics.value("leadscorer_tier_changes_total", **crossing) == 4


def test_what_belongs_to_a_partition_is_completed_with_it(metrics: Metrics) -> None:
    metrics.add({("due_backlog",): 3.0}, partition=1)
    metrics.add({("due_backlog",): -1.0}, partition=1)
    assert metrics.value("leadscorer_due_backlog", partition="1") == 2


def test_a_value_for_a_histogram_is_observed(metrics: Metrics) -> None:
    metrics.add({("crossing_lateness_seconds",): 0.2})
    metrics.observe(catalogue.CROSSING_LATENESS_SECONDS, 0.3)
    assert metrics.value("leadscorer_crossing_lateness_seconds_count") == 2
    assert metrics.value("leadscorer_crossing_lateness_seconds_sum") == pytest.approx(0.5)


def test_a_lost_partition_leaves_no_series_behind(metrics: Metrics) -> None:
    for partition in ("1", "11"):
        metrics.set(catalogue.CONSUMER_LAG_RECORDS, 7, "leads.created.v1", partition)
        metrics.set(catalogue.DUE_BACKLOG, 7, partition)
    metrics.forget_partition(1)
    assert metrics.value("leadscorer_due_backlog", partition="1") is None
    assert metrics.value("leadscorer_due_backlog", partition="11") == 7
    lag = {"topic": "leads.created.v1", "partition": "1"}
    assert metrics.value("leadscorer_consumer_lag_records", **lag) is None


def test_a_partition_that_comes_back_starts_anew(metrics: Metrics) -> None:
    metrics.set(catalogue.DUE_BACKLOG, 7, "1")
    metrics.forget_partition(1)
    metrics.set(catalogue.DUE_BACKLOG, 2, "1")
    assert metrics.value("leadscorer_due_backlog", partition="1") == 2


@pytest.mark.parametrize(
    "series",
    [
        ("no_such_metric",),
        ("events_rejected", "no_such_reason"),
        ("events_consumed",),
        ("events_late", "extra"),
    ],
)
def test_an_undeclared_series_is_counted_and_stops_nothing(
    metrics: Metrics, series: tuple[str, ...]
) -> None:
    metrics.add({series: 1.0})
    metrics.add({series: 1.0})
    assert metrics.value("leadscorer_metrics_undeclared_total") == 2


def test_a_new_model_replaces_the_line_about_the_old_one(metrics: Metrics) -> None:
    metrics.describe("default", "1", "aaaa")
    metrics.describe("default", "2", "bbbb")
    lines = [
        line
        for line in metrics.text().decode().splitlines()
        if line.startswith("leadscorer_build_info{")
    ]
    assert len(lines) == 1
    assert 'model_hash="bbbb"' in lines[0]


def test_two_stages_in_one_process_do_not_share_values() -> None:
    one, other = Metrics("scoring"), Metrics("pool")
    one.inc(catalogue.REBALANCES)
    assert one.value("leadscorer_rebalances_total") == 1
    assert other.value("leadscorer_rebalances_total") == 0
