"""Up to where a group has committed its inputs. Knows aiokafka's coordinator from the inside.

A broker that has only just become the coordinator of a group answers "I am still loading" for the whole
of a question (OffsetFetch from version 2 on), and names no partition. aiokafka looks at the errors of
partitions alone, and takes that for "nothing was ever committed": after the restart of a broker all
would be folded from the beginning of the log.

Importing this module makes every consumer of the process look at the whole of the answer, and ask again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

NOTHING: Final = -1
"""The offset of a partition of which the group has committed nothing."""
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
