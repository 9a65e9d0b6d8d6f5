"""What the tasks of an event loop wait for, in words for a log line. Knows asyncio, knows no task of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any


def waiting(loops: Iterable[asyncio.AbstractEventLoop]) -> list[str]:
    """For each task that has not ended: the functions it is in, outermost first, each with its line.

    May be asked from any thread, and of a loop that has been closed.
    """
    tasks = [task for loop in loops for task in asyncio.all_tasks(loop)]
    return sorted(" > ".join(_places(task.get_coro())) for task in tasks)


def _places(awaitable: Any) -> Iterator[str]:
    """Coroutines, generators and what they await, down to something that is not written in Python."""
    while awaitable is not None:
        kind = next((k for k in ("cr", "gi", "ag") if hasattr(awaitable, f"{k}_frame")), None)
        if kind is None:
            return
        frame = getattr(awaitable, f"{kind}_frame")
        if frame is not None:
            yield f"{awaitable.__qualname__} ({PurePath(frame.f_code.co_filename).name}:{frame.f_lineno})"
        awaitable = getattr(awaitable, f"{kind}_await" if kind != "gi" else "gi_yieldfrom")
