"""Record batches as brokers store them, whoever wrote them. Knows the wire format, knows no topic.

Kafka says that a header name is UTF-8, and checks it nowhere. aiokafka raises in the middle of such a
batch and can never read past it: one record would end every worker that meets it, for ever. Here its
names arrive with the odd bytes escaped (PEP 383), so that the decoder can reject that one record.

Importing this module is what makes every consumer of the process read like this.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import aiokafka.consumer.fetcher
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

from scorer.transport.fetched import Consumed

_NO_TIME: Final = -1  # what Kafka itself says where there is no timestamp
_LENGTH: Final = struct.Struct(">8xi")  # of a batch: behind its first offset
_LENGTH_ENDS: Final = 12
_MAGIC_AT: Final = 16
_APPEND_TIME: Final = 1


class Batches:
    """aiokafka's `MemoryRecords`, as far as its fetcher uses it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._inner: Any = MemoryRecords(data)
        self.has_next = self._inner.has_next
        self.size_in_bytes = self._inner.size_in_bytes

    def next_batch(self) -> _Batch:
        begin = self._at
        self._at = end = begin + _LENGTH_ENDS + _LENGTH.unpack_from(self._data, begin)[0]
        return _Batch(self._inner.next_batch(), memoryview(self._data)[begin:end])


class _Batch:
    """One batch; all but the reading of its records is aiokafka's."""

    def __init__(self, inner: Any, raw: memoryview) -> None:
        self._inner = inner
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __next__(self) -> Any:
        return next(self._inner)

    def __iter__(self) -> Iterator[Any]:
        if self._raw[_MAGIC_AT] < 2:  # written before Kafka 0.11
            yield from map(_timed, self._inner)
            return
        try:
            yield from self._inner
        except (UnicodeDecodeError, CorruptRecordException):
            # From the first record on: the fetcher leaves out what it has. A batch that is corrupt
            # indeed raises once more.
            yield from _read(self._raw)


def _timed(record: Any) -> Any:
    """The oldest format has no time."""
    if record.timestamp is not None:
        return record
    return _DefaultRecordPy(record.offset, _NO_TIME, 0, record.key, record.value, [])


def _read(raw: memoryview) -> Iterator[_DefaultRecordPy]:
    """The records of a batch (KIP-98 format), header names with escapes."""
    batch = _DefaultRecordBatchPy(raw)
    batch._maybe_uncompress()
    data, at = bytes(batch._buffer), batch._pos
    for _ in range(batch._num_records):
        length, at = decode_varint(data, at)
        end = at + length
        yield _record(batch, data[at:end])
        at = end


def _record(batch: _DefaultRecordBatchPy, data: bytes) -> _DefaultRecordPy:
    _attributes, at = decode_varint(data, 0)
    after_ms, at = decode_varint(data, at)
    after, at = decode_varint(data, at)
    key, at = _bytes(data, at)
    value, at = _bytes(data, at)
    count, at = decode_varint(data, at)
    headers = []
    for _ in range(count):
        name, at = _bytes(data, at)
        content, at = _bytes(data, at)
        headers.append(((name or b"").decode("utf-8", "surrogateescape"), content))
    if at != len(data):
        raise CorruptRecordException(f"a record of {len(data)} bytes ends after {at}")
    appended = batch.timestamp_type == _APPEND_TIME
    at_ms = batch.max_timestamp if appended else batch.first_timestamp + after_ms
    return _DefaultRecordPy(
        batch.base_offset + after, at_ms, batch.timestamp_type, key, value, headers
    )


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(data, at)
    return (None, at) if length < 0 else (data[at : at + length], at + length)


class PartitionRecords(aiokafka.consumer.fetcher.PartitionRecords):
    """aiokafka's, but for what it makes of each record: as its own, with fewer fields."""

    def __iter__(self) -> Iterator[Consumed]:
        records: Iterator[Consumed] = self._records_iterator
        return records

    def _consumer_record(self, tp: TopicPartition, record: Any) -> Consumed:
        return Consumed(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp,
            record.key,
            record.value,
            tuple(record.headers),
        )


# The fetcher takes the classes from its module; there is no argument for them.
aiokafka.consumer.fetcher.MemoryRecords = Batches
aiokafka.consumer.fetcher.PartitionRecords = PartitionRecords
