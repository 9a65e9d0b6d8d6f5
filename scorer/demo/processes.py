"""The worker of the demo as a process of its own, started as an operator would. Knows no events."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from scorer.transport.exits import TransportError
from scorer.transport.orphans import BEFORE_EXEC

COMMAND: Final = [sys.executable, "-c", "from scorer.cli.main import run; run()", "run"]
"""`lead-scorer run`, found through the interpreter: the script need not be on the PATH."""

_STOP_S: Final = 12.0  # the supervisor gives its stages 10
_ENV_PREFIX: Final = "LEADSCORER_"
_LOG_LINES: Final = 15


class DemoFailed(TransportError):
    """The demo cannot go on."""


class Worker:
    """`lead-scorer run` with its own environment and log. A context manager: leaves nothing behind.

    A session of its own, so that Ctrl-C in the terminal reaches the demo alone, which then stops
    the worker before the broker.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        own = {k: v for k, v in os.environ.items() if not k.startswith(_ENV_PREFIX)}
        self._environment = own | dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                COMMAND,
                env=self._environment,
                cwd=self._log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=BEFORE_EXEC,  # noqa: PLW1509  # no other thread of ours runs here
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        self._end_group(process)

    def check(self) -> None:
        """Raise `DemoFailed`, with the end of its log, if the worker has ended by itself."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise self.failed(f"the worker ended with exit code {code}")

    def failed(self, what: str) -> DemoFailed:
        """An error that shows the end of the worker's log."""
        said = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return DemoFailed(
            "\n  ".join([f"{what}; the end of the worker's log:", *said]),
            "do what it says; `lead-scorer doctor` checks this machine",
        )

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        """Whatever the worker has started and left: it all lives in the worker's session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
