"""Where a lane goes on, and what its group has committed. Knows aiokafka's coordinator from the inside.

The brokers keep what a group has committed in a log of their own, and can lose it: it expires a week
after the last worker, a coordinator may have come back with an older copy. The changelog says the same
in the transaction that it belongs to, so a lane goes on from the later of the two.

A broker that has only just become the coordinator of a group answers "I am still loading" for the whole
of a question (OffsetFetch from version 2 on), and names no partition. aiokafka looks at the errors of
partitions alone, and takes that for "nothing was ever committed": after the restart of a broker all
would be folded from the beginning of the log.

Importing this module makes every consumer of the process look at the whole of the answer, and ask again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

from scorer.observe.logs import Event
from scorer.transport.changelog import Position, crc_of

NOTHING: Final = -1
"""The offset of a partition of which the group has committed nothing."""
_POLL_MS: Final = 200
_log = structlog.get_logger()
_ELSEWHERE: Final = (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)


async def committed_offsets(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """The next offset of each partition for the consumer's group; waits for a coordinator that loads.

    One question for all of them: aiokafka's public call asks once a partition.
    """
    wanted = list(partitions)
    found = await consumer._coordinator.fetch_committed_offsets(wanted)
    return {tp: found[tp].offset if tp in found else NOTHING for tp in wanted}


async def where_to_go_on(
    consumer: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    folded: Mapping[TopicPartition, Position],
) -> tuple[dict[TopicPartition, int], set[TopicPartition]]:
    """The offset at which each input begins, and those of which the brokers know too little.

    `folded` is what the changelog says. Nothing lies before the beginning of a log. Takes the consumer's
    assignment.
    """
    begins = await consumer.beginning_offsets(partitions)
    committed = await committed_offsets(consumer, partitions)
    out = {tp: max(committed[tp], begins[tp]) for tp in partitions}
    forgotten = set()
    for tp in partitions:
        position = folded.get(tp)
        if position is None or position.offset <= out[tp]:
            continue
        at = {"topic": tp.topic, "partition": tp.partition, "committed": committed[tp]}
        if not await _holds(consumer, tp, position):
            _log.warning(
                Event.INPUT_REPLACED,
                **at,
                folded=position.offset,
                advice="this is not the log that was read before, so it is read from where the group stands; "
                "if nobody created the topic anew, look for records that the brokers have lost",
            )
            continue
        out[tp] = position.offset
        forgotten.add(tp)
        _log.warning(
            Event.OFFSETS_FORGOTTEN,
            **at,
            folded=position.offset,
            advice="the brokers have an older offset than the changelog, which is right: nothing is folded "
            "twice; to fold everything anew on purpose use `lead-scorer replay`",
        )
    return out, forgotten


async def _holds(consumer: AIOKafkaConsumer, tp: TopicPartition, position: Position) -> bool:
    """Whether the record before a position is in the log, and is the one that was read."""
    before = position.offset - 1
    if (await consumer.end_offsets([tp]))[tp] <= before:
        return False
    consumer.assign([tp])
    consumer.seek(tp, before)
    while await consumer.position(tp) <= before:
        for records in (await consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=1)).values():
            found = records[0]
            return bool(found.offset == before and crc_of(found) == position.last)
    return False


_send = GroupCoordinator._send_req


async def _send_and_look(coordinator: Any, request: Any) -> Any:
    """aiokafka's, which its callers ask again after errors that pass."""
    response = await _send(coordinator, request)
    if isinstance(request, OffsetFetchRequest) and (code := getattr(response, "error_code", 0)):
        error = for_code(code)
        if issubclass(error, _ELSEWHERE):
            coordinator.coordinator_dead()
        raise error(f"the offsets of group {coordinator.group_id}")
    return response


GroupCoordinator._send_req = _send_and_look
