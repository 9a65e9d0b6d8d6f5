"""On which partition a key lives. Knows the hash that every Kafka client uses by default (murmur2)."""

from __future__ import annotations

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key in a topic of so many, as Java clients and ours place it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
