"""How RocksDB is set up for a store: bounded memory, raw bytes, little logging. Knows no key of ours."""

from __future__ import annotations

from functools import cache
from typing import Final

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    WriteBufferManager,
    WriteOptions,
)

_MEMORY_BYTES: Final = 80 << 20
"""All that the stores of a process hold together, however many there are: blocks read and writes buffered."""
_BUFFERS_BYTES: Final = 48 << 20  # of it, at most, what is written and not yet in a file
_BUFFER_BYTES: Final = 16 << 20  # of one store
_LEVELS: Final = 6
"""Below the files as they are written, which are merged soon and so are not worth compressing."""
_FILES: Final = (
    "level0_file_num_compaction_trigger",
    "level0_slowdown_writes_trigger",
    "level0_stop_writes_trigger",
)
"""Files as they are written, of at most 16 MB and with all kinds of keys, at which RocksDB merges them into
the sorted rest, slows writers down, stops them. Leads change in no order, so a merge rewrites everything."""
FILLED: Final = dict(zip(_FILES, ("8", "24", "40"), strict=True))
"""Twice RocksDB's own: half the merges, and a look-up in eight files costs less than they do."""
FILLING: Final = dict(zip(_FILES, ("24", "60", "80"), strict=True))
"""While a store is filled and nothing is read."""


@cache
def _memory() -> tuple[Cache, WriteBufferManager]:
    """The blocks that were read, and beside them what was written: one limit for both."""
    blocks = Cache(_MEMORY_BYTES)
    buffers = WriteBufferManager.new_write_buffer_manager_with_cache(_BUFFERS_BYTES, False, blocks)
    return blocks, buffers


def options() -> Options:
    """Those of every store; the stores of one process share their memory."""
    blocks, buffers = _memory()
    table = BlockBasedOptions()
    table.set_block_cache(blocks)
    table.set_cache_index_and_filter_blocks(True)
    table.set_pin_l0_filter_and_index_blocks_in_cache(True)  # asked by every look-up
    table.set_bloom_filter(10, False)
    made = Options(raw_mode=True)
    made.create_if_missing(True)
    made.set_block_based_table_factory(table)
    made.set_write_buffer_manager(buffers)
    made.set_write_buffer_size(_BUFFER_BYTES)
    made.set_compression_per_level([DBCompressionType.none(), *[DBCompressionType.lz4()] * _LEVELS])
    made.set_level_compaction_dynamic_level_bytes(True)
    merge, slow_down, stop = map(int, FILLED.values())
    made.set_level_zero_file_num_compaction_trigger(merge)
    made.set_level_zero_slowdown_writes_trigger(slow_down)
    made.set_level_zero_stop_writes_trigger(stop)
    made.set_max_open_files(128)
    made.set_keep_log_file_num(2)
    made.set_stats_dump_period_sec(0)
    return made


@cache
def unlogged() -> WriteOptions:
    """For writes that are lost with the process until the store is flushed: two thirds of what they cost."""
    made = WriteOptions()
    made.disable_wal = True  # type: ignore[method-assign, assignment]  # the stub takes it for a method
    return made
