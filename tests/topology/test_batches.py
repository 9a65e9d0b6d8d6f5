"""Batches of any client can be read; what is corrupt is not read over."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.structs import TopicPartition

from scorer.transport.batches import Batches, PartitionRecords
from scorer.transport.fetched import Consumed
from tests.fixtures.wire import Sent, batch, damaged

NAUGHTY = b"gr\xfc\xdfe"


def read(*batches: bytes, position: int = 0) -> list[Consumed]:
    """As the fetcher reads what a broker has answered."""
    records = Batches(b"".join(batches))
    where = TopicPartition("t", 0)
    return list(PartitionRecords(where, records, [], position, None, None, True, "committed"))


def test_a_header_name_that_is_no_utf8_spoils_nothing_around_it() -> None:
    """Its neighbours come out as they are, once and in order; its name with the bytes escaped."""
    good = Sent(b"k", b"good", ((b"content-type", b"x"), ("größe".encode(), None)))
    bad = Sent(None, b"bad", ((b"a", b"1"), (NAUGHTY, b"2")), timestamp_ms=5_000)
    first, second = batch([good, bad, good]), batch([good], base_offset=3)

    found = read(first, second)

    assert [(r.offset, r.value) for r in found] == [
        (0, b"good"),
        (1, b"bad"),
        (2, b"good"),
        (3, b"good"),
    ]
    assert found[0].headers == (("content-type", b"x"), ("größe", None))
    assert (found[0].topic, found[0].partition) == ("t", 0)
    assert (found[1].key, found[1].timestamp) == (None, 5_000)
    odd = NAUGHTY.decode("utf-8", "surrogateescape")
    assert found[1].headers == (("a", b"1"), (odd, b"2"))
    assert found[2].headers == found[0].headers


def test_reading_goes_on_in_the_middle_of_such_a_batch() -> None:
    """A seek, or a restart at a committed offset."""
    one = Sent(b"k", b"v", ((NAUGHTY, b""),))

    assert [r.offset for r in read(batch([one] * 5, base_offset=10), position=13)] == [13, 14]


@pytest.mark.parametrize("magic", [0, 1])
def test_formats_from_before_kafka_0_11_are_read(magic: Any) -> None:
    """Old logs keep them; the oldest has no time."""
    builder = LegacyRecordBatchBuilder(magic, 0, 10_000)
    builder.append(7, 1_000, b"k", b"v")

    (found,) = read(bytes(builder.build()), position=7)

    assert (found.offset, found.key, found.value, found.headers) == (7, b"k", b"v", ())
    assert found.timestamp == (-1 if magic == 0 else 1_000)


def test_a_batch_that_is_corrupt_is_an_error() -> None:
    """Records that cannot be read for certain are never left out in silence."""
    data = batch([Sent(b"key", b"value", ((NAUGHTY, b"1"),))])
    sound = read(data)
    assert len(sound) == 1

    with pytest.raises(CorruptRecordException):
        read(data[:-1] + b"!")  # the checksum is wrong
    with pytest.raises(CorruptRecordException):
        read(damaged(data, 61))  # the length of the record is wrong
