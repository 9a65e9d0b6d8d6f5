"""What a fetch brings of one partition. Knows records and offsets, knows no client.

Apart from `scorer.transport.fetch`, so that what reads it can be compiled without aiokafka's types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scorer.contracts.records import Record


class Fetched(NamedTuple):
    """What one fetch brought of one partition; `records` may be empty (markers only)."""

    topic: str
    partition: int
    before: int  # position before the batch
    after: int  # position after it, past markers and compacted records
    records: Sequence[Record]


class Frontier(NamedTuple):
    """At `asked_us` or later, the committed end of the partition was `end`."""

    asked_us: int
    end: int
    held: int = (
        0  # offsets behind it: a transaction before them is open, and nobody may read them yet
    )
