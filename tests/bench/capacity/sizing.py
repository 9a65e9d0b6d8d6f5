"""How many workers and partitions, how much memory, disk and network. Arithmetic on costs; simulates nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import Final

from tests.bench.capacity.figures import Sizes
from tests.bench.capacity.simulation import Costs, saturation_per_s

UTILISATION: Final = 0.6
"""Of a worker's core. Above, the wait for the core doubles, and little is left to catch up with."""
FEWEST_PARTITIONS: Final = 4
DAY_S: Final = 86_400
GB: Final = 1e9
MANY_PARTITIONS: Final = 4_000
"""Of one broker, replicas included: beyond, leader elections take long (Kafka's own advice)."""
TOPICS: Final = 13
"""Of the partitions' count: six inputs, three outputs, dead letters, two changelogs, offsets."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a load asks for."""

    workers: int  # of scoring: processes with a core each
    pool_workers: int
    partitions: int
    memory_gb: float
    network_in_mb_s: float  # of the brokers: what is written to them, copies included
    network_out_mb_s: float  # what workers and one subscriber read of them
    inputs_disk_gb: float  # of the brokers
    outputs_disk_gb: float


@dataclass(frozen=True, slots=True)
class Holding:
    """What a number of leads asks for, whatever they do."""

    changelog_gb: float  # of the brokers
    local_gb: float  # of all workers together
    restore_s: float  # of everything, by all workers side by side
    restore_one_s: float  # of the partitions of one worker that is gone, by the others


def capacity_of_worker(costs: Costs, partitions: int) -> float:
    """Events a second of one process that has full batches."""
    return saturation_per_s(costs, partitions, 1, costs.batch_records)


def need(rate: float, costs: Costs, sizes: Sizes) -> Need:
    """Workers and partitions for a rate, with room to catch up."""
    workers = max(ceil(rate / (UTILISATION * capacity_of_worker(costs, 4))), 1)
    partitions = max(FEWEST_PARTITIONS, 2 ** ceil(log2(2 * workers)) if workers > 1 else 0)
    own = ceil(partitions / workers)
    pool = max(ceil(workers * sizes.pool_share), 1)
    cached = own * sizes.cached_leads * sizes.cached_lead_kb / 1e3
    outputs = sizes.outputs_bytes * sizes.outputs_compressed
    states = sizes.state_bytes * sizes.states_compressed
    into = rate * (sizes.event_bytes + outputs + states) / 1e6
    return Need(
        workers=workers,
        pool_workers=pool,
        partitions=partitions,
        memory_gb=(workers + pool) * (sizes.process_mb + cached) / 1e3,
        network_in_mb_s=into * sizes.broker_copies,
        network_out_mb_s=rate * (sizes.event_bytes * (1 + sizes.pool_share) + outputs) / 1e6,
        inputs_disk_gb=_kept(rate * sizes.event_bytes, sizes.inputs_kept_days, sizes),
        outputs_disk_gb=_kept(rate * outputs, sizes.outputs_kept_days, sizes),
    )


def _kept(bytes_per_s: float, days: float, sizes: Sizes) -> float:
    return bytes_per_s * days * DAY_S * sizes.broker_copies / GB


def holding(leads: float, workers: int, sizes: Sizes) -> Holding:
    """Disk and restore for a number of leads. Both stages hold every lead; one restores at a time."""
    states = leads * sizes.state_bytes
    changelog = states * sizes.states_compressed * sizes.compaction_overhead * sizes.broker_copies
    once = leads / sizes.restore_leads_per_s / workers
    # Of one worker of several, the others take its partitions side by side; a single one is its own successor.
    others = max(workers - 1, 1)
    return Holding(
        changelog_gb=changelog / GB,
        local_gb=states * sizes.disk_overhead / GB,
        restore_s=once,
        restore_one_s=sizes.detection_s + leads / workers / sizes.restore_leads_per_s / others,
    )


def catch_up_s(rate: float, workers: int, away_s: float, costs: Costs) -> float:
    """How long the backlog of a lost worker's partitions takes the others, beside what comes in.

    A single worker is its own successor. Infinite when those who are left cannot even keep up.
    """
    spare = capacity_of_worker(costs, 4) * max(workers - 1, 1) - rate
    return rate / workers * away_s / spare if spare > 0 else float("inf")


def breaks_first(rate: float, leads: float, it: Need, held: Holding) -> str:
    """What to look at before the rest, at such a size."""
    if it.partitions * TOPICS * 3 > MANY_PARTITIONS * 6:
        return "the number of partitions: more than six brokers hold well; split by region or brand"
    if it.inputs_disk_gb + it.outputs_disk_gb > 10_000:
        return (
            "the brokers' disks: shorten the retention of inputs and the compaction lag of scores"
        )
    if held.restore_one_s > 60:
        return (
            "the restore after a lost worker: give workers disks that survive them, or more workers"
        )
    if it.workers > 1:
        return "the processor of the workers: add workers up to one a partition"
    return "nothing: one worker, and a second one to take over"
