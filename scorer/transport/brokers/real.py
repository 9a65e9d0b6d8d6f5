"""Apache Kafka for tests: nodes that can be started, stopped, killed and frozen one by one.

Knows KRaft and its property files; knows no topic of ours. The ladder of `find` is: an address that
is given → Docker → Java 17 and Maven → `NoBroker` with every reason, so that a skip is loud.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final, Protocol

from scorer.transport.brokers import jars
from scorer.transport.brokers.ports import free_ports, listening

GIVEN: Final = "LEADSCORER_TEST_KAFKA"  # environment variable with the address of a broker
_IMAGE: Final = f"apache/kafka:{jars.KAFKA}"
_START_S: Final = 120.0  # four seconds, and a minute on a starved machine


class NoBroker(Exception):
    """No way to a real Kafka on this machine: every reason, and what to install."""


class Broker(Protocol):
    """What a test may ask of a broker whoever started it."""

    @property
    def bootstrap_servers(self) -> str: ...
    def close(self) -> None: ...


class GivenBroker:
    """Somebody else's broker; it is not ours to stop."""

    def __init__(self, address: str) -> None:
        self.bootstrap_servers = address

    def close(self) -> None:
        """Leave it running."""


class DockerBroker:
    """One node in a container, through testcontainers."""

    def __init__(self) -> None:
        from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415  (a development dependency)

        self._container: Any = KafkaContainer(_IMAGE).with_kraft()
        self._container.start()
        self.bootstrap_servers: str = self._container.get_bootstrap_server()

    def close(self) -> None:
        self._container.stop()


class Node:
    """One broker process of a cluster; its data survives stop, kill and start."""

    def __init__(
        self, number: int, directory: Path, properties: str, heap: str = "-Xmx512m"
    ) -> None:
        self.number = number
        self._dir = directory
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True)
        (directory / "server.properties").write_text(properties, encoding="utf-8")

    def start(self) -> None:
        """Start without waiting until it listens."""
        with (self._dir / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", "server.properties"),
                cwd=self._dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def format(self, cluster_id: str, *options: str) -> None:
        """Write the metadata of an empty node; once in its life."""
        tool = ("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", "server.properties")
        command = self._java(*tool, *options)
        subprocess.run(command, cwd=self._dir, check=True, capture_output=True)

    def signal(self, number: signal.Signals) -> None:
        """SIGTERM stops, SIGKILL kills, SIGSTOP freezes and SIGCONT thaws."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> None:
        """Until the process has ended; kills it when it does not."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return (self._dir / "out.log").read_text(errors="replace")

    def _java(self, *main: str) -> list[str]:
        place = jars.home()
        logging = f"-Dlog4j2.configurationFile={place}/log4j2.yaml"
        return [jars.java(), self._heap, logging, "-cp", f"{place}/libs/*", *main]


class JarCluster:
    """One or three KRaft nodes (broker and controller in one) on this machine."""

    def __init__(self, nodes: int = 1) -> None:
        jars.java()
        jars.home()
        self.root = Path(tempfile.mkdtemp(prefix="lead-scorer-kafka-"))
        ports = free_ports(2 * nodes)
        self._clients, controllers = ports[:nodes], ports[nodes:]
        self.nodes = [
            Node(n, self.root / str(n), self._properties(n, self._clients[n - 1], controllers))
            for n in range(1, nodes + 1)
        ]
        try:
            for node in self.nodes:
                node.format("bGVhZC1zY29yZXItdGVzdA")
                node.start()
            self.wait_until_up()
        except BaseException:
            self.close()
            raise

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self._clients)

    def wait_until_up(self) -> None:
        """Until every running node accepts connections."""
        deadline = time.monotonic() + _START_S
        for node, port in zip(self.nodes, self._clients, strict=True):
            while not listening(port):
                if not node.running() or time.monotonic() > deadline:
                    raise NoBroker(f"Kafka node {node.number} did not start: {node.log()[-500:]}")
                time.sleep(0.05)

    def close(self, *, keep: bool = False) -> None:
        """End all nodes and remove their data, or `keep` it in `root`."""
        for node in self.nodes:
            node.signal(signal.SIGKILL)
        for node in self.nodes:
            node.wait()
        if not keep:
            shutil.rmtree(self.root, ignore_errors=True)

    def _properties(self, number: int, port: int, controllers: list[int]) -> str:
        copies = min(3, len(controllers))
        voters = ",".join(f"{n}@127.0.0.1:{p}" for n, p in enumerate(controllers, 1))
        listener = f"PLAINTEXT://127.0.0.1:{port}"
        lines = {
            "process.roles": "broker,controller",
            "node.id": number,
            "controller.quorum.voters": voters,
            "listeners": f"{listener},CONTROLLER://127.0.0.1:{controllers[number - 1]}",
            "advertised.listeners": listener,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.root / str(number) / "data",
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "min.insync.replicas": max(1, copies - 1),
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false",
            "log.cleaner.dedupe.buffer.size": 2_097_152,
            "log.segment.bytes": 67_108_864,  # after kill -9 the latest of each log is read whole
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())


def find(nodes: int = 1) -> Broker:
    """A running Kafka by the first rung of the ladder that holds; raises NoBroker."""
    address = os.environ.get(GIVEN)
    if address and nodes == 1:
        return GivenBroker(address)
    reasons = [f"{GIVEN} is not set"]
    if nodes == 1 and shutil.which("docker"):
        try:
            return DockerBroker()
        except Exception as error:  # noqa: BLE001  (docker without a daemon, no network, no image …)
            reasons.append(f"Docker: {type(error).__name__}: {str(error)[:200]}")
    else:
        reasons.append("no docker command" if nodes == 1 else "several nodes run from jars only")
    try:
        return JarCluster(nodes)
    except (jars.JarsMissing, NoBroker, subprocess.CalledProcessError) as error:
        reasons.append(str(error))
    raise NoBroker("no real Kafka: " + "; ".join(reasons))
