"""Where a lane goes on: by what its changelog says, whatever the brokers remember. Knows aiokafka's consumer.

The brokers keep the offsets of a group in a log of their own, and can lose them: they expire a week after
the last worker, and a coordinator may come back with older ones. The changelog says in each transaction
how far the inputs are folded with it, so the later of the two is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from scorer.observe.logs import Event
from scorer.transport.changelog import Position, crc_of
from scorer.transport.offsets import committed_offsets

_POLL_MS: Final = 200
_log = structlog.get_logger()


class Resume(NamedTuple):
    """Where inputs begin."""

    offsets: dict[TopicPartition, int]
    forgotten: set[TopicPartition]  # of which the brokers know less than the changelog


async def resume(
    consumer: AIOKafkaConsumer,
    inputs: Sequence[TopicPartition],
    folded: Mapping[TopicPartition, Position],
) -> Resume:
    """Where each input begins, at the start of its log or later; `folded` is what the changelog says.

    The consumer's assignment is taken.
    """
    begins = await consumer.beginning_offsets(inputs)
    committed = await committed_offsets(consumer, inputs)
    found = Resume({tp: max(committed[tp], begins[tp]) for tp in inputs}, set())
    for tp in inputs:
        position = folded.get(tp)
        if position is None or position.offset <= found.offsets[tp]:
            continue
        if await _trusted(consumer, tp, position, committed[tp]):
            found.offsets[tp] = position.offset
            found.forgotten.add(tp)
    return found


async def _trusted(
    consumer: AIOKafkaConsumer, tp: TopicPartition, position: Position, committed: int
) -> bool:
    """Whether a position that is ahead of the group is one of this log; says so either way."""
    holds = await _holds(consumer, tp, position)
    _log.warning(
        Event.OFFSETS_FORGOTTEN if holds else Event.INPUT_REPLACED,
        topic=tp.topic,
        partition=tp.partition,
        committed=committed,
        folded=position.offset,
        advice="the brokers have an older offset than the changelog, which is right: nothing is folded "
        "twice; to fold everything anew on purpose use `lead-scorer replay`"
        if holds
        else "this is not the log that was read before, so it is read from where the group stands; "
        "if nobody created the topic anew, look for records that the brokers have lost",
    )
    return holds


async def _holds(consumer: AIOKafkaConsumer, tp: TopicPartition, position: Position) -> bool:
    """Whether the record before a position is in the log, and is the one that was read."""
    before = position.offset - 1
    if (await consumer.end_offsets([tp]))[tp] <= before:
        return False
    consumer.assign([tp])
    consumer.seek(tp, before)
    while await consumer.position(tp) <= before:
        for (found,) in (await consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=1)).values():
            return bool(found.offset == before and crc_of(found) == position.last)
    return False
