"""Two workers under load, and a Prometheus that looks at them every second."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from ruamel.yaml import YAML

from scorer.settings import Settings, environment
from scorer.transport import admin
from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.brokers.ports import free_ports
from tests.fixtures.kafka import OnBroker
from tests.fixtures.workers import ROOT, Worker

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
ABSENT = "no prometheus: rules and panels were not tried on real data (Debian, Ubuntu: apt install prometheus)"


class Installation(NamedTuple):
    """What a test can break: of each stage, two workers."""

    settings: Settings
    workers: list[Worker]
    ports: list[int]  # of their web servers, in the same order


class Prometheus(NamedTuple):
    """A running one."""

    client: aiohttp.ClientSession
    url: str

    async def ask(self, expr: str) -> list[Any]:
        """The result of a query; empty also while Prometheus starts."""
        try:
            query = self.client.get(f"{self.url}/api/v1/query", params={"query": expr})
            answer = await (await query).json()
        except aiohttp.ClientError:
            return []
        assert answer["status"] == "success", f"{expr}: {answer}"
        return [one for one in answer["data"]["result"] if one["value"][1] != "NaN"]

    async def firing(self) -> set[str]:
        """The names of the alerts that wake somebody now."""
        alerts = await self.ask('ALERTS{alertstate="firing"}')
        return {alert["metric"]["alertname"] for alert in alerts}


@pytest.fixture
async def installation(
    embedded_broker: EmbeddedBroker,
    on: OnBroker,
    stages: list[str],
    session_s: int,
    tmp_path: Path,
) -> AsyncIterator[Installation]:
    """Two workers a stage, which wait for events."""
    if shutil.which("prometheus") is None:
        pytest.skip(ABSENT)
    ports = free_ports(2 * len(stages))
    settings = on(embedded_broker.bootstrap_servers, kafka={"session_timeout_s": session_s})
    await admin.apply(settings)
    workers = [
        Worker(
            settings,
            ["topologies.worker", stage],
            tmp_path / f"{port}.log",
            LEADSCORER_INSTANCE_ID=f"worker-{port}",
            LEADSCORER_WEB__ENABLED="true",
            LEADSCORER_WEB__PORT=str(port),
        )
        for stage, port in zip(stages * 2, ports, strict=True)
    ]
    with ExitStack() as running:
        for worker in workers:
            running.enter_context(worker)
        yield Installation(settings, workers, ports)


@pytest.fixture
def stages() -> list[str]:
    """The stages that run."""
    return ["scoring"]


@pytest.fixture
def hurried() -> bool:
    """Whether minutes in the rules count as seconds (those of rates as four); for who waits for alerts.

    Lateness of a minute or two counts as one of 4 s.
    """
    return False


@pytest.fixture
def session_s() -> int:
    """Seconds after which the partitions of a silent worker go to others."""
    return 6


@pytest.fixture
async def prometheus(
    installation: Installation, hurried: bool, tmp_path: Path
) -> AsyncIterator[Prometheus]:
    """With our configuration and our rules, looking every second."""
    rules = RULES.read_text("utf-8")
    if hurried:
        rules = re.sub(r"for: (\d+)m", r"for: \1s", rules)
        rules = re.sub(r"\[(\d+)m\]", lambda m: f"[{int(m[1]) * 4}s]", rules)
        rules = re.sub(r"(>|<=) (60|120)$", r"\1 4", rules, flags=re.MULTILINE)
    (tmp_path / "rules.yml").write_text(rules, encoding="utf-8")
    yaml = YAML(typ="safe", pure=True)
    config = yaml.load(RULES.parent / "prometheus.yml")
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    targets = [f"127.0.0.1:{port}" for port in installation.ports]
    config["scrape_configs"][0]["static_configs"] = [{"targets": targets}]
    yaml.dump(config, tmp_path / "prometheus.yml")
    (port,) = free_ports(1)
    options = {
        "config.file": tmp_path / "prometheus.yml",
        "storage.tsdb.path": tmp_path / "tsdb",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    process = subprocess.Popen(
        ["prometheus", *(f"--{name}={value}" for name, value in options.items())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as client:
            yield Prometheus(client, f"http://127.0.0.1:{port}")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
async def people(installation: Installation, prometheus: Prometheus) -> AsyncIterator[None]:
    """Invented people publish, once Prometheus has looked at both workers: so it misses nothing."""
    async with asyncio.timeout(90):
        count = len(installation.ports)
        while len(await prometheus.ask("leadscorer_partitions_ready > 0")) < count:  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.3)
    env = {**os.environ, **environment(installation.settings)}
    publisher = subprocess.Popen([sys.executable, ROOT / "deploy" / "publisher.py"], env=env)
    try:
        yield
    finally:
        publisher.terminate()
        publisher.wait(10)
