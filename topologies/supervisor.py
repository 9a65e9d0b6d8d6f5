"""All stages of an installation on one machine: one process each, restarted when they fail or fall silent.

Knows processes and exit codes; knows neither Faust nor Kafka.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from scorer.observe import logs
from scorer.observe.logs import Event
from scorer.settings import Settings, environment
from scorer.transport.exits import NEEDS_A_PERSON, REMEDIES, ExitCode
from scorer.transport.topics import STAGES
from topologies.pulse import SILENT_S, VARIABLE, Line

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 30.0
_HEALTHY_S: Final = 60.0  # a process that ran so long starts again without a pause
_KILL_AFTER_S: Final = 10.0
_SILENT: Final = "nothing if it was rare; else look for a machine that swaps or a disk that hangs"
SUPERVISED: Final = "LEADSCORER_SUPERVISED"
_log = structlog.get_logger()


def supervise(
    settings: Settings, stages: Sequence[str] = STAGES, module: str = "topologies.worker"
) -> ExitCode:
    """Run the stages until SIGTERM or SIGINT; returns the exit code of the whole."""
    logs.configure(settings.log_level)
    return asyncio.run(_Supervisor(settings, stages, module).run())


class _Supervisor:
    def __init__(self, settings: Settings, stages: Sequence[str], module: str) -> None:
        self._settings = settings
        self._stages = stages
        self._module = module
        self._stop = asyncio.Event()
        self._code = ExitCode.OK

    async def run(self) -> ExitCode:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await asyncio.gather(*(self._keep(i, stage) for i, stage in enumerate(self._stages)))
        return self._code

    async def _keep(self, index: int, stage: str) -> None:
        """Start a stage again and again, until all are to stop."""
        pause_s = _FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            began = loop.time()
            code = await self._once(index, stage)
            if self._stop.is_set() and code == -signal.SIGTERM:
                code = ExitCode.OK  # asked to stop before it had begun
            known = ExitCode(code) if code in set(ExitCode) else ExitCode.FAILED
            if known or not self._stop.is_set():
                _log.warning(Event.STAGE_EXITED, stage=stage, code=code, remedy=REMEDIES[known])
            if self._stop.is_set():
                self._code = max(self._code, known)
                return
            if known in NEEDS_A_PERSON:
                self._code = known
                self._stop.set()
                return
            healthy = loop.time() - began > _HEALTHY_S
            pause_s = _FIRST_PAUSE_S if healthy else min(pause_s * 2, _LONGEST_PAUSE_S)
            await self._pause(pause_s)
            if not self._stop.is_set():
                _log.warning(Event.STAGE_RESTARTED, stage=stage, after_s=pause_s)

    async def _once(self, index: int, stage: str) -> int:
        """One life of a process; 10 s after SIGTERM it is killed, and at once when it is silent."""
        with Line() as line:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", self._module, stage),
                env={**os.environ, **self._environment(index), VARIABLE: str(line.write_fd)},
                pass_fds=(line.write_fd,),
                start_new_session=True,  # Ctrl-C reaches us, and we hand it on as SIGTERM
            )
            line.handed_over()
            ended = asyncio.create_task(process.wait())
            asked = asyncio.create_task(self._stop.wait())
            silent = asyncio.create_task(line.silence(SILENT_S))
            await asyncio.wait([ended, asked, silent], return_when=asyncio.FIRST_COMPLETED)
            if silent.done() and not asked.done() and not ended.done():
                _log.error(Event.STAGE_SILENT, stage=stage, seconds=SILENT_S, remedy=_SILENT)
                process.kill()  # SIGTERM would wait for the loop that hangs
            elif not ended.done():
                process.terminate()
                done, _ = await asyncio.wait([ended], timeout=_KILL_AFTER_S)
                if not done:
                    process.kill()
            code = await ended
            for task in (asked, silent):
                task.cancel()
            await asyncio.wait([asked, silent])
            return code

    def _environment(self, index: int) -> dict[str, str]:
        variables = {**environment(self._settings), SUPERVISED: "1"}
        if self._settings.web.port:
            variables["LEADSCORER_WEB__PORT"] = str(self._settings.web.port + index)
        return variables

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return
