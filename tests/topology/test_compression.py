"""What a lane writes is compressed as decided, and any client can read it."""

from __future__ import annotations

import cramjam  # type: ignore[import-untyped]
from aiokafka import AIOKafkaProducer
from aiokafka.record.memory_records import MemoryRecords

from scorer.settings import Settings
from scorer.transport.compression import LEVEL
from scorer.transport.writer import Writer

_RECORDS_AT = 61  # of a batch: behind its header


async def test_batches_of_a_writer_are_compressed_at_the_level_that_was_decided() -> None:
    rows = [(b"lead-%d" % n, b'{"score":%d,"tier":"cold"}' % (n * n)) for n in range(500)]
    options = {**Writer(Settings(), "scoring", 0)._options, "transactional_id": None}
    batches = {}
    for codec in (None, options["compression_type"]):
        batch = AIOKafkaProducer(**{**options, "compression_type": codec}).create_batch()
        for key, value in rows:
            batch.append(timestamp=1_760_000_000_000, key=key, value=value, headers=[])
        batches[codec] = bytes(batch._build())

    plain, small = batches.values()
    assert small[_RECORDS_AT:] == bytes(cramjam.zstd.compress(plain[_RECORDS_AT:], level=LEVEL))
    read = [(r.key, r.value) for r in MemoryRecords(small).next_batch()]
    assert read == rows
