"""What was measured and what follows from it for one event, one transaction, one lead. Knows no queue.

`measured.json` beside this file holds all inputs of docs/capacity.md; `make capacity ARGS=--measure` takes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class Point:
    """A measured latency at a rate, on one process."""

    rate_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_of_a_core: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """A measured throughput: one process, a backlog that never ends."""

    events_per_s: float
    cpu_us_per_event: float

    @property
    def core_share(self) -> float:
        """What the process got of its core, when it wanted all: less than 1 on a busy machine."""
        return min(self.events_per_s * self.cpu_us_per_event / 1e6, 1.0)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes and seconds that do not depend on the load. Each says in the file where it is from."""

    event_bytes: float
    outputs_bytes: float  # of one event
    outputs_compressed: float  # share that is left
    state_bytes: float  # of one lead
    states_compressed: float
    process_mb: float
    cached_lead_kb: float
    cached_leads: int  # a partition
    restore_leads_per_s: float  # of one process
    detection_s: float  # until the group knows that a worker is gone
    batch_records: int  # that one transaction takes at the most
    compaction_overhead: float  # of a changelog, before it is cleaned
    broker_copies: int
    disk_overhead: float  # of the local store over its states
    outputs_kept_days: float  # before compaction may begin
    inputs_kept_days: float
    pool_share: float  # what the pool stage costs beside scoring


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that the page is made from."""

    taken: str
    machine: str
    load_average: tuple[float, ...]
    partitions: int
    backlog: Backlog
    paced: tuple[Point, ...]  # by rate; the first one fits the simulation
    sizes: Sizes
    origins: Mapping[str, str]  # where each of the sizes is from


def load(path: Path = FILE) -> Measured:
    """The figures of a file."""
    return of(json.loads(path.read_text(encoding="utf-8")))


def of(content: dict[str, Any]) -> Measured:
    """The figures of such a document; what else it says about a run is for people."""
    paced = sorted(content["paced"], key=lambda point: float(point["rate_per_s"]))
    return Measured(
        taken=content["taken"],
        machine=content["machine"],
        load_average=tuple(content["load_average"]),
        partitions=content["partitions"],
        backlog=Backlog(content["backlog"]["events_per_s"], content["backlog"]["cpu_us_per_event"]),
        paced=tuple(
            Point(p["rate_per_s"], p["p50_ms"], p["p99_ms"], p["cpu_of_a_core"]) for p in paced
        ),
        sizes=Sizes(**{name: row["value"] for name, row in content["sizes"].items()}),
        origins={name: row["from"] for name, row in content["sizes"].items()},
    )
