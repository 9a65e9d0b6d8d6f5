"""Whether a consumer still takes part in its group. Knows aiokafka's coordinator from the inside.

An error that aiokafka cannot handle (an unforeseen answer to a heartbeat, a right that is gone) is laid
down for the caller of `getmany`, and until he has taken it nothing more is done for the group: no
heartbeat, no joining. We read batches below `getmany`. Without this look the worker would go on with the
partitions that it has, alone, in a group that has forgotten it.
"""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer


def trouble(consumer: AIOKafkaConsumer) -> BaseException | None:
    """Why the consumer does nothing more for its group; None: it does. May be asked from any thread."""
    coordinator = consumer._coordinator
    error: BaseException | None = getattr(coordinator, "_pending_exception", None)
    if error is not None:
        return error
    task = getattr(coordinator, "_coordination_task", None)
    if task is None or not task.done() or task.cancelled():
        return None
    ended: BaseException | None = task.exception()
    return ended
