"""What a fetch brings of one partition. Knows records and offsets, knows no client.

Apart from `scorer.transport.fetch`, so that what reads it can be compiled without aiokafka's types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scorer.contracts.records import Headers, Record


class Consumed:
    """One record as it came, with what a stage needs of it (`Record`), and no more.

    aiokafka's own is a frozen dataclass of eleven fields: to make one costs as much as to read it.
    """

    __slots__ = ("headers", "key", "offset", "partition", "timestamp", "topic", "value")

    def __init__(
        self,
        topic: str,
        partition: int,
        offset: int,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers


class Fetched(NamedTuple):
    """What one fetch brought of one partition; `records` may be empty (markers only)."""

    topic: str
    partition: int
    before: int  # position before the batch
    after: int  # position after it, past markers and compacted records
    records: Sequence[Record]


class Frontier(NamedTuple):
    """All that lay in the partition at `asked_us` lies before `end`, the end for `read_committed`."""

    asked_us: int  # 0: of no instant is that known
    end: int
    held: int = (
        0  # offsets behind it: a transaction before them is open, and nobody may read them yet
    )
