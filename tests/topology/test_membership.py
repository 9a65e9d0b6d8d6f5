"""A worker whose group has ended for it must end too, and say why."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError

from scorer.transport.membership import trouble


def consumer(**coordinator: Any) -> Any:
    return SimpleNamespace(_coordinator=SimpleNamespace(**coordinator))


async def test_an_error_that_was_laid_down_for_the_caller_is_found() -> None:
    """By aiokafka's own method: what it waits for is what we look at."""
    closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    subscription = SimpleNamespace(abort_waiters=lambda _error: None)
    it = SimpleNamespace(_closing=closing, _pending_exception=None, _subscription=subscription)
    waiting = asyncio.ensure_future(
        GroupCoordinator._push_error_to_user(it, KafkaError("heartbeat"))
    )
    await asyncio.sleep(0)
    assert not waiting.done(), "nothing is done for the group until somebody has looked"

    found = trouble(SimpleNamespace(_coordinator=it))

    assert "heartbeat" in str(found)
    closing.set_result(None)
    await waiting


async def test_the_end_of_all_coordination_is_found() -> None:
    async def coordinate() -> None:
        raise RuntimeError("a defect")

    task = asyncio.create_task(coordinate())
    await asyncio.wait([task])

    assert "a defect" in str(trouble(consumer(_pending_exception=None, _coordination_task=task)))


async def test_a_member_in_good_standing_and_one_that_is_stopped_are_no_trouble() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    assert trouble(consumer(_pending_exception=None, _coordination_task=task)) is None

    task.cancel()
    await asyncio.wait([task])
    assert trouble(consumer(_pending_exception=None, _coordination_task=task)) is None
