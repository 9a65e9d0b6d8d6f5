"""What the referee needs of a cluster. A port: Kafka stands behind it, or a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from scorer.contracts.records import Record


class Spot(NamedTuple):
    """One partition of one topic (logical name; of the changelog the real one)."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where everything stood when the referee began. Workers may go on meanwhile.

    What was committed before is reflected in what is read, because the ends were asked for later; of
    what was committed between `committed` and `committed_after` some may be.
    """

    taken_us: int
    partitions: int
    changelog: str
    alive: bool  # whether a worker is there to tell time to the leads
    begins: Mapping[Spot, int]
    ends: Mapping[Spot, int]
    committed: Mapping[Spot, int]  # of the inputs: the first offset that is not folded
    committed_after: Mapping[Spot, int]
    compacted_before_ms: Mapping[str, int] = field(default_factory=dict)
    """By topic: older records may have been replaced by newer ones of their key."""

    def lag(self) -> int:
        """Input records that wait for a worker."""
        return sum(max(0, self.ends[spot] - at) for spot, at in self.committed.items())


class Source(Protocol):
    """A cluster, or something like it. Raises what its transport raises."""

    async def snapshot(self, inputs: Sequence[str], outputs: Sequence[str]) -> Snapshot:
        """Where everything stands; `outputs` are logical names, dead letters among them."""

    def read(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        """The committed records of a partition, from its beginning to its end in the snapshot."""

    def read_since(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        """The committed records of a partition from its end in the snapshot to its end now."""
