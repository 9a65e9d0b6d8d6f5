"""The faults that the product must survive, each with its pass line and the tests that bring it about.

Knows names and limits; runs nothing. `make faults` goes through this table, docs/reliability.md shows it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One row."""

    id: str
    what: str
    passes: str  # the pass line besides: missing, doubled, conflicting and wrong are 0
    tests: tuple[str, ...]  # pytest nodes, without parameters
    limit_s: float | None = None  # of the recovery time


_WORKER: Final = "tests/faults/test_worker.py::test_"
_BROKERS: Final = "tests/faults/test_brokers.py::test_"
_CHAOS: Final = (
    "tests/faults/test_chaos.py::test_every_output_once_and_every_state_right_through_kills_and_freezes",
    "tests/faults/test_chaos_scoring.py::test_every_score_once_and_every_lead_right_through_kills_and_freezes",
)
_DEADLINES: Final = (
    "tests/faults/test_pool.py::test_every_deadline_fires_once_and_at_its_instant_while_workers_are_killed",
)
_STAGE: Final = "tests/engine/test_scoring_stage.py::test_"
_VERSIONS: Final = "tests/engine/test_state_versions.py::test_"
_RESTORE: Final = "tests/broker/test_restore.py::test_"
_STORE: Final = "tests/topology/test_store.py::test_"
_POSITIONS: Final = "tests/faults/test_positions.py::test_"
_ADMIN: Final = "tests/broker/test_admin.py::test_"

FAULTS: Final = (
    Fault(
        "X1",
        "kill -9 at random points under load",
        "back within the session (6 s here) + 10 s",
        (*_CHAOS, *_DEADLINES),
        16,
    ),
    Fault(
        "X2",
        "kill -9 at named points of the commit and of the restore",
        "each point is hit",
        (
            _WORKER + "death_at_any_point_of_the_commit_loses_and_doubles_nothing",
            _WORKER + "death_during_the_restore_is_settled_by_the_next_one",
        ),
    ),
    Fault(
        "X3",
        "SIGTERM under load, and while joining the group",
        "exit code 0 in under 10 s",
        (
            _WORKER + "sigterm_under_load_ends_with_0_and_loses_nothing",
            _WORKER + "a_worker_that_is_told_to_stop_while_it_joins_ends_with_0",
        ),
        10,
    ),
    Fault(
        "X4",
        "a bug raises in the fold",
        "exit code ≠ 0, offset held, event processed after the mend",
        (_WORKER + "a_bug_in_the_fold_stops_the_worker_and_holds_the_offset",),
    ),
    Fault(
        "X5",
        "the broker refuses to write: for good (rights, size), for a while (copies)",
        "for good: stopped in under 2 s with the topic named; for a while: no loss",
        (
            _BROKERS + "a_refused_write_stops_the_worker_and_names_the_topic",
            "tests/security/test_access.py::test_a_right_that_is_taken_away_while_it_works_stops_a_worker"
            "_and_names_the_topic",
            "tests/faults/test_cluster.py::test_writes_that_are_refused_for_a_while_are_only_late",
        ),
        2,
    ),
    Fault(
        "X6",
        "all brokers down: within the session, beyond it, beyond every timeout",
        "goes on or starts again by itself; lag back to 0",
        (_BROKERS + "a_worker_outlives_its_brokers",),
    ),
    Fault(
        "X7",
        "one of three brokers down, leaders move",
        "no gap",
        ("tests/faults/test_cluster.py::test_a_broker_that_dies_leaves_no_gap",),
    ),
    Fault(
        "X8",
        "frozen longer than the session, then thawed (zombie)",
        "fenced, exits, writes nothing",
        (_WORKER + "a_zombie_is_fenced_and_writes_nothing", *_CHAOS),
    ),
    Fault(
        "X9",
        "workers join, leave, die; rolling restart under load",
        "every partition owned, a bounded number of rebalances",
        (
            _WORKER + "partitions_move_when_workers_come_and_die",
            _WORKER + "a_worker_that_leaves_gives_its_partitions_at_once",
            "tests/faults/test_rolling.py::test_a_rolling_restart_under_load_loses_nothing_and_moves_little",
        ),
    ),
    Fault(
        "X10",
        "data directory deleted, truncated, half filled, of another cluster, ahead of its changelog",
        "rebuilt, with a warning",
        (
            _WORKER + "a_worker_without_its_data_directory_goes_on_as_before",
            _WORKER + "a_damaged_store_is_rebuilt_with_a_warning",
            _RESTORE + "a_store_ahead_of_its_changelog_is_rebuilt",
            _RESTORE + "a_store_of_a_recreated_changelog_is_rebuilt",
            _STORE + "a_store_that_cannot_be_trusted_is_emptied",
            _STORE + "a_store_whose_worker_died_while_it_was_filled_is_filled_from_nothing",
        ),
    ),
    Fault(
        "X11",
        "changelog compacted, with tombstones, begun past 0, ending in transaction markers",
        "the restore ends, and is right",
        (
            _RESTORE + "a_changelog_that_ends_in_markers_is_restored",
            _RESTORE + "a_changelog_whose_beginning_is_gone_is_restored",
            _RESTORE + "an_empty_changelog_is_restored",
            _RESTORE + "a_store_goes_on_from_where_it_stands",
        ),
    ),
    Fault(
        "X12",
        "partition counts differ, a topic is missing, a wrong cleanup policy",
        "refuses to start, names the topic and the command that mends it",
        (
            _ADMIN + "a_missing_topic_is_named_with_the_command_that_creates_it",
            _ADMIN + "a_wrong_cleanup_policy_is_refused",
            _ADMIN + "a_wrong_partition_count_is_refused_and_not_mended",
            _WORKER + "a_worker_refuses_to_start_without_its_topics",
        ),
    ),
    Fault(
        "X13",
        "the same events again, elsewhere in the log",
        "applied once",
        (
            _STAGE + "x13_the_same_records_again_elsewhere_in_the_log_change_and_say_nothing",
            _CHAOS[1],
        ),
    ),
    Fault(
        "X14",
        "any permutation of the evidence; clocks a day off",
        "the same final state",
        (
            _STAGE + "x14_any_permutation_of_the_evidence_ends_in_the_same_states",
            _STAGE + "i9_an_event_a_day_ahead_of_the_broker_is_a_dead_letter_and_not_fresh",
            "tests/followup/test_laws.py::test_any_order_of_the_same_evidence_ends_in_the_same_case",
        ),
    ),
    Fault(
        "X15",
        "the worker is down while deadlines and crossings pass",
        "what the backlog prevented is not said, the rest with its exact instant",
        (
            _STAGE + "x15_after_three_days_down_only_what_really_happened_is_said_with_its_instant",
            "tests/faults/test_pool.py::test_a_worker_that_was_down_returns_only_what_nobody_touched",
        ),
    ),
    Fault(
        "X16",
        "replay from offset 0 into a fresh application",
        "identical states and outputs, ids included",
        (
            _STAGE + "x16_a_replay_into_a_fresh_application_is_the_same_byte_for_byte",
            "tests/engine/test_pool_stage.py::test_x16_a_replay_says_the_same_with_the_same_ids",
            "tests/lifecycle/test_lifecycle.py::test_a_replay_ends_in_the_same_states_and_publishes_nothing",
        ),
    ),
    Fault(
        "X17",
        "the disk of the local store is full",
        "fail-stop, clean recovery",
        (
            "tests/faults/test_disk.py::test_a_full_disk_stops_the_worker_until_there_is_room",
            "tests/faults/test_disk.py::test_files_that_may_not_grow_stop_the_worker",
        ),
    ),
    Fault(
        "X18",
        "a flood of invalid records",
        "stops at the limit, offset held, said",
        (
            _STAGE + "x18_a_run_of_bad_records_stops_the_stage_however_it_is_batched",
            _STAGE + "x18_a_share_above_the_limit_stops_the_stage",
            _STAGE + "x18_single_faults_never_stop_the_stage",
        ),
    ),
    Fault(
        "X19",
        "three times the capacity",
        "memory bounded, catches up (the soak is below)",
        (
            "tests/faults/test_overload.py::test_three_times_the_capacity_is_worked_off_in_bounded_memory",
        ),
    ),
    Fault(
        "X20",
        "a state of another schema version",
        "those before are migrated, a newer one is refused with what to do",
        (
            _STAGE + "a_state_of_a_newer_schema_is_refused_with_what_to_do",
            _VERSIONS + "a_lead_of_an_earlier_schema_version_is_migrated",
            _VERSIONS + "a_follow_up_state_of_an_earlier_schema_version_is_migrated",
            _VERSIONS + "a_state_of_a_version_to_come_is_refused",
        ),
    ),
    Fault(
        "X21",
        "the brokers forget what a group has committed; an input is created anew, longer than it was",
        "nothing is folded or dead-lettered again; nothing of the new log is passed over",
        (
            _POSITIONS + "what_the_brokers_forget_is_not_folded_twice",
            _POSITIONS + "a_batch_of_which_nothing_is_kept_is_remembered_as_folded",
            _POSITIONS + "a_topic_that_was_created_anew_is_read_from_its_beginning",
        ),
    ),
)
