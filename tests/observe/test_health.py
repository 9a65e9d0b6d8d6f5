"""Alive means progress, ready means restored; neither asks the broker."""

from __future__ import annotations

import pytest

from scorer.observe.health import Health


class Watch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def health(watch: Watch) -> Health:
    return Health(stuck_after_s=30, monotonic=watch)


def test_a_loop_that_beats_keeps_the_process_alive(health: Health, watch: Watch) -> None:
    for _ in range(10):
        watch.now += 29
        health.beat()
    assert health.alive


def test_one_stuck_loop_among_busy_ones_is_seen(health: Health, watch: Watch) -> None:
    health.beat("lane-3")
    watch.now += 31
    health.beat()
    assert health.stuck() == {"lane-3": 31.0}
    assert not health.alive


def test_a_loop_that_ended_as_planned_is_not_stuck(health: Health, watch: Watch) -> None:
    health.beat("lane-3")
    health.retire("lane-3")
    watch.now += 31
    health.beat()
    assert health.alive


def test_not_ready_before_the_first_assignment(health: Health) -> None:
    assert health.missing() is None
    assert not health.ready


def test_ready_when_all_assigned_partitions_are_restored(health: Health) -> None:
    health.assigned([0, 1])
    health.restored(0)
    assert health.missing() == [1]
    assert not health.ready
    health.restored(1)
    assert health.ready


def test_a_spare_worker_without_partitions_is_ready(health: Health) -> None:
    health.assigned([])
    assert health.ready


def test_after_a_new_assignment_every_lane_is_waited_for(health: Health) -> None:
    health.assigned([0, 1])
    health.restored(0)
    health.restored(1)
    health.assigned([1, 2])
    assert health.missing() == [1, 2]


def test_a_lost_partition_is_not_waited_for(health: Health) -> None:
    health.assigned([0])
    health.lost(0)
    assert health.ready
