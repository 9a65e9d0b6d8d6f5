"""When dead letters stop being single faults. Knows counts, knows no Kafka.

A bad deploy upstream can make everything invalid. Draining all of it into the dead-letter topic would
look like health; so past a limit the worker stops, with the offset held (X18).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FloodLimit:
    """How many dead letters of one partition are still single faults."""

    consecutive: int = 1_000
    ratio: float = 0.5  # share of the latest `window` records
    window: int = 10_000


class DeadLetterFlood(Exception):
    """More dead letters than single faults explain. Nothing of the batch was committed."""

    def __init__(self, partition: int, why: str, latest: str) -> None:
        super().__init__(
            f"partition {partition}: {why}, the latest because of {latest}; stopped before the commit. "
            "Look at `lead-scorer dlq list`, mend the publisher, then start again; to let them all "
            "become dead letters raise LEADSCORER_DEAD_LETTERS__MAX_CONSECUTIVE and __MAX_RATIO"
        )


class FloodGauge:
    """Watches one partition's records. One outcome a record, in order."""

    def __init__(self, partition: int, limit: FloodLimit) -> None:
        self._partition, self._limit = partition, limit
        self.run = 0  # records rejected in a row up to now
        self._blocks: deque[tuple[int, int]] = deque()  # (records, rejected) a batch
        self._records = self._rejected = 0

    def batch(self, records: int, rejected: int, run: int, longest: int, latest: str) -> None:
        """Account for a batch that ends with `run` rejected records in a row, `longest` in its midst.

        Both go on from `self.run`. Raises `DeadLetterFlood` when a limit is passed.
        """
        self.run = run
        self._blocks.append((records, rejected))
        self._records += records
        self._rejected += rejected
        while self._records - self._blocks[0][0] >= self._limit.window:
            old_records, old_rejected = self._blocks.popleft()
            self._records -= old_records
            self._rejected -= old_rejected
        if longest > self._limit.consecutive:
            raise DeadLetterFlood(
                self._partition, f"{longest} records in a row are no valid events", latest
            )
        if (
            self._records >= self._limit.window
            and self._rejected > self._limit.ratio * self._records
        ):
            why = f"{self._rejected} of the last {self._records} records are no valid events"
            raise DeadLetterFlood(self._partition, why, latest)
