"""Lanes in a process, event by event: arrive, wait, be taken with all that waits, fold, commit. Knows no Kafka.

What is modelled, because it decides latency and throughput:
- every partition has a lane; a lane takes all that waits, up to a bound, and commits it in one transaction;
- the lanes of a process share one core (Python has one lock): folding and the work of a transaction are
  done one after the other, while the waiting for a transaction is done side by side;
- the time of a transaction varies: a log-normal with a median and a 99th percentile.
What is not: the network's bandwidth, the broker's own queue, the garbage collector.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import exp, log
from typing import Final

Z99: Final = 2.326347874  # the 99th percentile of the normal distribution


@dataclass(frozen=True, slots=True)
class Costs:
    """What an event and a transaction cost."""

    event_s: float  # processor time
    transaction_s: float  # processor time, whatever is in it
    commit_s: float  # waiting for the broker, median
    commit_p99_s: float
    carry_s: float  # from the publisher to the lane, and from the commit to the reader
    batch_records: int


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in, and who is there to take it."""

    rate_per_s: float  # of all partitions
    partitions: int
    processes: int
    seconds: float
    seed: int = 1
    core_share: float = 1.0  # that a process gets of its core when it asks for all of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the events of one run."""

    arrived: int
    done: int  # committed within the run
    waiting: int  # still there at its end
    transactions: int
    busy: float  # the busiest process: share of its core
    latencies_s: Sequence[float]  # sorted; of those that were done after the first tenth of the run

    def percentile_ms(self, share: float) -> float:
        """The latency that such a share of events does not exceed."""
        if not self.latencies_s:
            return float("inf")
        return (
            self.latencies_s[min(int(len(self.latencies_s) * share), len(self.latencies_s) - 1)]
            * 1e3
        )

    def throughput(self, seconds: float) -> float:
        return self.done / seconds


def simulate(load: Load, costs: Costs) -> Outcome:
    """One run: Poisson arrivals, spread evenly over the partitions, partitions over the processes."""
    lanes = [list(range(p, load.partitions, load.processes)) for p in range(load.processes)]
    runs = [_process(load, costs, own) for own in lanes if own]
    latencies = sorted(latency for run in runs for latency in run.latencies_s)
    return Outcome(
        arrived=sum(run.arrived for run in runs),
        done=sum(run.done for run in runs),
        waiting=sum(run.waiting for run in runs),
        transactions=sum(run.transactions for run in runs),
        busy=max(run.busy for run in runs),
        latencies_s=latencies,
    )


class _Lane:
    """The arrivals of one partition, and how many of them were taken."""

    __slots__ = ("arrivals", "taken")

    def __init__(self, rng: random.Random, rate: float, seconds: float) -> None:
        self.arrivals: list[float] = []
        self.taken = 0
        at = rng.expovariate(rate) if rate > 0 else seconds
        while at < seconds:
            self.arrivals.append(at)
            at += rng.expovariate(rate)

    def waiting(self, now: float, most: int) -> int:
        """How many may be taken at an instant."""
        count = 0
        while (
            count < most
            and self.taken + count < len(self.arrivals)
            and self.arrivals[self.taken + count] <= now
        ):
            count += 1
        return count

    def next_arrival(self) -> float | None:
        return self.arrivals[self.taken] if self.taken < len(self.arrivals) else None


def _process(load: Load, costs: Costs, own: Sequence[int]) -> Outcome:
    lanes = [
        _Lane(
            random.Random(f"{load.seed}:{partition}"),
            load.rate_per_s / load.partitions,
            load.seconds,
        )
        for partition in own
    ]
    chance = random.Random(f"{load.seed}:{own[0]}:commits")
    spread = log(costs.commit_p99_s / costs.commit_s) / Z99 if costs.commit_s > 0 else 0.0
    core_free = busy = 0.0
    latencies: list[float] = []
    done = transactions = 0
    ready = [(at, n) for n, lane in enumerate(lanes) if (at := lane.next_arrival()) is not None]
    heapify(ready)
    while ready:
        at, n = heappop(ready)
        if at >= load.seconds:
            continue
        if core_free > at:
            heappush(ready, (core_free, n))
            continue
        lane = lanes[n]
        count = lane.waiting(at, costs.batch_records)
        if count == 0:
            if (coming := lane.next_arrival()) is not None:
                heappush(ready, (coming, n))
            continue
        work = count * costs.event_s + costs.transaction_s
        core_free = at + work / load.core_share
        busy += work
        commit = costs.commit_s * exp(spread * chance.gauss(0.0, 1.0))
        end = core_free + commit
        transactions += 1
        for arrival in lane.arrivals[lane.taken : lane.taken + count]:
            if end <= load.seconds:
                done += 1
                if arrival >= load.seconds / 10:
                    latencies.append(end - arrival + costs.carry_s)
        lane.taken += count
        heappush(ready, (end, n))
    arrived = sum(len(lane.arrivals) for lane in lanes)
    return Outcome(
        arrived, done, arrived - done, transactions, min(busy / load.seconds, 1.0), latencies
    )


def saturation_per_s(costs: Costs, partitions: int, processes: int, batch: int) -> float:
    """Events a second when every transaction is full: the processor and the waiting, whichever is less."""
    lanes = -(-partitions // processes)
    work = batch * costs.event_s + costs.transaction_s
    cycle = max(work * lanes, work + costs.commit_s)
    return processes * lanes * batch / cycle
