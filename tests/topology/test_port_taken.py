"""A worker whose metrics nobody could read says so, and by its code it is not the brokers' fault."""

from __future__ import annotations

import socket
from pathlib import Path

from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.exits import ExitCode
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import scoring_worker


async def test_a_port_that_is_taken_ends_the_worker(
    embedded_broker: EmbeddedBroker, on: OnBroker, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web = {"host": "127.0.0.1", "port": taken.getsockname()[1]}
        settings = on(embedded_broker.bootstrap_servers, web=web)
        await admin.apply(settings)
        with scoring_worker(settings, tmp_path / "log") as worker:
            assert worker.wait(60) == ExitCode.FAILED
    assert "set LEADSCORER_WEB__PORT to a free port" in worker.log
