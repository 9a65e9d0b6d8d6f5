"""The line on which a stage tells its supervisor that it gets on: a byte a second through a pipe.

Knows file descriptors; knows neither Faust nor Kafka. A process that is frozen, a loop that is blocked and a
lane that is stuck all look the same from outside: silence. It works without the web server.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Self

VARIABLE: Final = "LEADSCORER_PULSE_FD"
SILENT_S: Final = 60.0
"""Silence after which a stage is ended. A lane that is stuck ends the pulse 30 s after its last round, so it
has 90 s; a machine that swaps gets over most of its trouble in less."""
_READ_BYTES: Final = 4_096


class Pulse:
    """The end of the stage. Without a supervisor it does nothing."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        given = environment.get(VARIABLE)
        self._fd = int(given) if given else None
        if self._fd is not None:
            os.set_blocking(self._fd, False)  # a supervisor that is slow must not stop us

    def beat(self) -> None:
        """All goes well."""
        if self._fd is not None:
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(self._fd, b".")


class Line:
    """The end of the supervisor: one for each life of a process."""

    def __init__(self) -> None:
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._read_fd)

    def handed_over(self) -> None:
        """The process has its end: ours is closed, so that the line ends with the process."""
        os.close(self.write_fd)

    async def silence(self, silent_s: float) -> None:
        """Return when nothing was heard for so long. Before the first beat there is no limit: a start
        may wait for its brokers.
        """
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_reader(self._read_fd, heard.set)
        try:
            limit_s = None
            while True:
                async with asyncio.timeout(limit_s):
                    await heard.wait()
                heard.clear()
                try:
                    beats = os.read(self._read_fd, _READ_BYTES)
                except BlockingIOError:
                    continue  # the loop told twice of one beat
                if not beats:
                    loop.remove_reader(self._read_fd)
                    await asyncio.Event().wait()  # it has ended, and whoever waits for it sees that
                limit_s = silent_s
        except TimeoutError:
            return
        finally:
            loop.remove_reader(self._read_fd)
