"""A Kafka broker of 11 MB for demos and quick tests: the binary of the wheel `noida-db`.

Development only: its source is not public, and readers stall on it after a producer died inside a
transaction. We start the binary itself, because the wheel's Python wrapper leaves the server behind.
`start()` proves the capabilities that we rely on before it hands the broker out.
"""

from __future__ import annotations

import asyncio
import importlib.resources
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scorer.transport.brokers.ports import free_ports, listening
from scorer.transport.brokers.selftest import prove
from scorer.transport.exits import BrokerUnreachable
from scorer.transport.orphans import BEFORE_EXEC

_START_S = 15.0
_STOP_S = 5.0


class EmbeddedBroker:
    """One process, one data directory. A context manager: leaves neither behind.

    `start` blocks for about half a second and raises `BrokerUnreachable`.
    """

    def __init__(self, data_dir: Path | None = None, *, port: int | None = None) -> None:
        self._own_dir = data_dir is None
        self.data_dir = data_dir or Path(tempfile.mkdtemp(prefix="lead-scorer-broker-"))
        self.port = port or free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self, *, selftest: bool = True) -> Self:
        """Start, wait until it answers, and prove what we rely on."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = (self.data_dir / "broker.log").open("ab")
        try:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C stops us, and we stop the broker last
                preexec_fn=BEFORE_EXEC,  # noqa: PLW1509  (killed, we cannot; it does nothing but ask)
            )
        finally:
            log.close()
        self._wait_until_listening()
        if selftest:
            _run(prove(self.bootstrap_servers))
        return self

    def stop(self) -> None:
        """End the process and remove the data directory if it was ours to make. Idempotent."""
        process, self._process = self._process, None
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._own_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        name = "noida-db.exe" if os.name == "nt" else "noida-db"
        try:
            binary = Path(str(importlib.resources.files("noida_db").joinpath(name)))
        except ModuleNotFoundError:
            raise BrokerUnreachable(
                "the broker of demos is not installed",
                "pip install 'lead-scorer[demo]', or set kafka.bootstrap_servers to a broker of yours",
            ) from None
        if not os.access(binary, os.X_OK):
            binary.chmod(0o755)  # wheels do not always keep the bit
        place = ["--host", "127.0.0.1", "--kafka-port", str(self.port)]
        return [str(binary), "start", "--only", "kafka", *place, "--data-dir", str(self.data_dir)]

    def _wait_until_listening(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        while not listening(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = (self.data_dir / "broker.log").read_text(errors="replace")[-500:]
                raise BrokerUnreachable(
                    f"the embedded broker did not start: {log.strip() or 'it said nothing'}",
                    "use a real broker: set kafka.bootstrap_servers",
                )
            time.sleep(0.02)


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine from synchronous code, inside or outside of an event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()
