"""A stop that takes too long says what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scorer.observe.waiting import waiting


async def until(never: asyncio.Event) -> None:
    await never.wait()


async def one_after(never: asyncio.Event) -> AsyncIterator[int]:
    await until(never)
    yield 1


async def reads(never: asyncio.Event) -> None:
    async for _ in one_after(never):
        pass


async def test_each_task_names_the_functions_in_which_it_waits() -> None:
    never = asyncio.Event()
    tasks = [asyncio.create_task(until(never)), asyncio.create_task(reads(never))]
    await asyncio.sleep(0)

    told = await asyncio.to_thread(waiting, [asyncio.get_running_loop()])

    here = "test_waiting.py:"
    assert sum(line.startswith("until (") and "> Event.wait (" in line for line in told) == 1
    assert sum(line.startswith("reads (") and here in line for line in told) == 1
    for task in tasks:
        task.cancel()


def test_a_loop_that_is_closed_has_nothing_to_say() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert waiting([loop]) == []
