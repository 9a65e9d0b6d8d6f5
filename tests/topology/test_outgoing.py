"""What a lane writes is batched as aiokafka would, and compressed as decided; any client can read it."""

from __future__ import annotations

import cramjam  # type: ignore[import-untyped]
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from scorer.transport.outgoing import LEVEL, Row, fill

_NO_CODEC, _ZSTD = 0, 4
_HEADER = 61  # bytes of a batch before its records
_TIME_MS = 1_760_000_000_000

some_bytes = st.none() | st.binary(max_size=200)
some_headers = st.lists(st.tuples(st.text(max_size=5), some_bytes), max_size=3)
some_times = st.integers(_TIME_MS, _TIME_MS + 10_000)
some_rows = st.lists(st.tuples(some_bytes, some_bytes, some_headers, some_times), min_size=1)


def empty(size: int = 1_000_000, codec: int = _NO_CODEC) -> BatchBuilder:
    return BatchBuilder(size, codec, is_transactional=1)


def filled_by_aiokafka(rows: list[Row], size: int) -> tuple[bytes, int]:
    batch = empty(size)
    for key, value, headers, timestamp in rows:
        if batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
            break
    return bytes(batch._build()), batch.record_count()


@given(some_rows, st.integers(100, 2_000))
def test_a_batch_is_filled_as_by_aiokafka(rows: list[Row], size: int) -> None:
    batch = empty(size)
    filled = fill(batch, rows)
    assert 1 <= filled.records <= len(rows)
    assert filled.last_ms == rows[filled.records - 1][3]
    assert batch.record_count() == filled.records
    assert (bytes(batch._build()), filled.records) == filled_by_aiokafka(rows, size)


def test_a_batch_is_compressed_at_the_level_that_was_decided() -> None:
    rows: list[Row] = [
        (b"lead-%d" % n, b'{"score":%d,"tier":"cold"}' % (n * n), [], _TIME_MS) for n in range(500)
    ]
    batch, _ = filled_by_aiokafka(rows, 1_000_000)
    compressed = empty(codec=_ZSTD)
    fill(compressed, rows)
    small = bytes(compressed._build())
    assert small[_HEADER:] == bytes(cramjam.zstd.compress(batch[_HEADER:], level=LEVEL))
    assert [(r.key, r.value) for r in MemoryRecords(small).next_batch()] == [r[:2] for r in rows]
