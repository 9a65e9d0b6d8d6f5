"""docker-compose.yml without a daemon: what its containers would do, done by processes of this machine.

Follows the Dockerfile (what is copied, how it is installed, entry point, health check) and the compose file
(commands, environment, what waits for what). Knows how a container differs from a process: names of
hosts, ports that are taken, and mounted folders become those of this machine. Knows no setting of ours.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scorer.transport.brokers import jars
from scorer.transport.brokers.ports import free_ports, listening
from scorer.transport.brokers.real import Node

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
_CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw"  # the default of the image apache/kafka
_WAIT_S = 120


class Image:
    """What the Dockerfile installs, in a folder. The fold stays plain: to compile it takes a minute."""

    def __init__(self, folder: Path, uv: Path) -> None:
        """Copies what it copies, and runs the last `uv sync` of the build stage."""
        app = folder / "app"
        app.mkdir(parents=True)
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
            for name in line.split():
                self._copy(ROOT / name, app / name)
        (install,) = re.findall(r"uv (sync .*--no-editable)$", DOCKERFILE, re.MULTILINE)
        env = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
        subprocess.run([uv, *install.split(), "-q"], cwd=app, env=env, check=True)
        self.bin = app / ".venv" / "bin"
        self.entrypoint: list[str] = json.loads(_last("ENTRYPOINT"))
        self.healthcheck: list[str] = json.loads(
            re.findall(r"^HEALTHCHECK.*?CMD (\[.*?\])$", DOCKERFILE, re.MULTILINE | re.DOTALL)[-1]
        )

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.so")
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)


def _last(instruction: str) -> str:
    return str(re.findall(rf"^{instruction} (.+)$", DOCKERFILE, re.MULTILINE)[-1])


class Composed:
    """The services that run, and how they reach each other. Close it."""

    def __init__(self, image: Image, folder: Path) -> None:
        self.image = image
        self.folder = folder
        self.kafka_port, *others = free_ports(7)
        self._hosts = {
            "kafka:19092": f"127.0.0.1:{others[0]}",
            "INSIDE://:19092": f"INSIDE://127.0.0.1:{others[0]}",
            "HOST://:9092": f"HOST://127.0.0.1:{self.kafka_port}",
            "127.0.0.1:9092": f"127.0.0.1:{self.kafka_port}",
            "CONTROLLER://:29093": f"CONTROLLER://127.0.0.1:{others[1]}",
            "kafka:29093": f"127.0.0.1:{others[1]}",
        }
        # Two ports in a row for each worker, because its second stage takes the next one.
        self.web = {"scorer-1": _two_free_ports(), "scorer-2": _two_free_ports()}
        self._node: Node | None = None
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_kafka(self) -> None:
        """As the image does: variables become properties, an empty log directory is formatted."""
        environment = SERVICES["kafka"]["environment"]
        properties = {
            name.removeprefix("KAFKA_").replace("_", ".").lower(): self._here(value)
            for name, value in environment.items()
        }
        properties["log.dirs"] = str(self.folder / "kafka" / "data")
        text = "".join(f"{name}={value}\n" for name, value in properties.items())
        self._node = Node(1, self.folder / "kafka", text)
        self._node.format(_CLUSTER_ID)
        self._node.start()

    def kafka_is_healthy(self) -> bool:
        """The health check of the service, by the class behind the script."""
        _, script, *words = SERVICES["kafka"]["healthcheck"]["test"]
        assert script.endswith("/kafka-broker-api-versions.sh")
        place = jars.home()
        path = f"{place}/libs/*:{jars.tools()}/*"
        main = "org.apache.kafka.tools.BrokerApiVersionsCommand"
        command = [jars.java(), "-Xmx128m", "-cp", path, main, *map(self._here, words)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a service of ours, with nothing in its environment but what compose gives it."""
        service = SERVICES[name]
        command = [*service.get("entrypoint", self.image.entrypoint), *service.get("command", [])]
        command = [self._mounted(service, word) for word in command]
        return self._launch(name, [str(self.image.bin / command[0]), *command[1:]])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm cli …`."""
        command = [str(self.image.bin / self.image.entrypoint[0]), *words]
        return subprocess.run(
            command, env=self._environment("cli"), capture_output=True, text=True, check=False
        )

    def healthy(self, name: str) -> bool:
        """The image's health check, run beside a worker."""
        program, *words = self.image.healthcheck
        words = [word.replace(":8321", f":{self.web[name]}") for word in words]
        command = [str(self.image.bin / program), *words]
        env = self._environment(name)
        return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0

    def stop(self, name: str) -> int:
        """`docker compose stop`: SIGTERM, and patience for as long as the file says; the exit code."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        grace_s = SERVICES[name].get("stop_grace_period", "10s").removesuffix("s")
        return process.wait(float(grace_s))

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        for process in self._running.values():
            process.terminate()  # the supervisor takes its stages along
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._node is not None:
            self._node.signal(signal.SIGKILL)
            self._node.wait()

    def _launch(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        data = self.folder / name
        data.mkdir(exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=data, env=self._environment(name), stdout=log, stderr=log
            )
        self._running[name] = process
        return process

    def _environment(self, name: str) -> dict[str, str]:
        here = {k: self._here(v) for k, v in SERVICES[name].get("environment", {}).items()}
        path = f"{self.image.bin}:{os.environ['PATH']}"
        here |= {"PATH": path, "LEADSCORER_DATA_DIR": str(self.folder / name)}
        if name in self.web:
            here |= {"LEADSCORER_WEB__PORT": str(self.web[name])}
        return here

    def _here(self, text: str) -> str:
        for there, here in self._hosts.items():
            text = text.replace(there, here)
        return text

    def _mounted(self, service: Mapping[str, Any], word: str) -> str:
        for volume in service.get("volumes", ()):
            source, target, *_ = volume.split(":")
            word = word.replace(target, str(ROOT / source)) if source.startswith(".") else word
        return word


def _two_free_ports() -> int:
    """Below those that the system gives to clients: by the time they are needed, one might have the second."""
    while True:
        first = random.randrange(20_000, 32_000)
        if not listening(first) and not listening(first + 1):
            return first


def until(happens: Callable[[], object]) -> None:
    """Ask again and again; another process cannot tell us."""
    deadline = time.monotonic() + _WAIT_S
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{happens} did not happen in {_WAIT_S} s")
        time.sleep(0.3)
