"""The broker that demos bring along."""

from __future__ import annotations

import importlib.resources
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.brokers.ports import listening
from scorer.transport.brokers.selftest import prove
from scorer.transport.exits import BrokerUnreachable


def test_it_leaves_nothing_behind() -> None:
    """No process and no files, once the block is left."""
    with EmbeddedBroker() as broker:
        assert listening(broker.port)
        data_dir = broker.data_dir
    assert (listening(broker.port), data_dir.exists()) == (False, False)


def test_a_directory_that_was_given_is_kept(tmp_path: Path) -> None:
    """It may hold what somebody wants to look at."""
    with EmbeddedBroker(tmp_path / "broker"):
        pass
    assert (tmp_path / "broker").is_dir()


async def test_it_can_do_what_lanes_rely_on(embedded_broker: EmbeddedBroker) -> None:
    """Transactions, fencing, committed reads and offsets of groups."""
    await prove(embedded_broker.bootstrap_servers)


def test_a_port_that_is_taken_is_an_error_with_a_remedy(
    embedded_broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A binary that cannot start is named, and the way out is a real broker."""
    monkeypatch.setattr(EmbeddedBroker, "_command", lambda _self: ["false"])
    with pytest.raises(BrokerUnreachable, match="did not start"):
        EmbeddedBroker(tmp_path / "x").start()


def test_a_broker_that_is_not_installed_is_an_error_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It comes with an extra, which production does not need."""

    def missing(name: str) -> Path:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.resources, "files", missing)
    with pytest.raises(BrokerUnreachable, match=r"pip install 'lead-scorer\[demo\]'"):
        EmbeddedBroker().__enter__()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Killed by force, a demo can stop nothing itself."""
    start = (
        "import pathlib, time; from scorer.transport.brokers.embedded import EmbeddedBroker;"
        f"broker = EmbeddedBroker(pathlib.Path({str(tmp_path / 'b')!r})).start(selftest=False);"
        "print(broker.port, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert listening(port)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while listening(port):
        assert time.monotonic() < deadline, "the broker outlives the process that started it"
        time.sleep(0.05)
