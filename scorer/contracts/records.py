"""The shape of a record read and of a record to write. Knows no Kafka client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]
AnyHeaders = Sequence[tuple[str, bytes | None]]
"""Of whoever publishes: the wire allows a header without a value."""


class Record(Protocol):
    """One consumed record; the attributes are named as the Kafka client names them."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...  # broker time, ms since the epoch
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> AnyHeaders: ...


class Message(NamedTuple):
    """One record to be produced, to the partition of the lane that makes it if not said otherwise."""

    topic: str  # logical name, such as "leads.scores.v1"; the lane adds the configured prefix
    key: bytes | None
    value: bytes | None
    headers: AnyHeaders = ()
    timestamp_ms: int | None = None  # None: the producer's clock
    partition: int | None = None  # None: the lane's own
