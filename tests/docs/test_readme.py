"""The README does what it says: its code blocks are run, in order, against a broker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scorer.transport.brokers.embedded import EmbeddedBroker

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BROKER = "127.0.0.1:9092"  # as written in the README
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Readme:
    """The blocks of the README, and a machine on which to run them."""

    def __init__(self, folder: Path, bootstrap_servers: str) -> None:
        text = (ROOT / "README.md").read_text("utf-8").replace(BROKER, bootstrap_servers)
        self.blocks = BLOCK.findall(text)
        self.folder = folder
        self.env = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "LEADSCORER_KAFKA__BOOTSTRAP_SERVERS": bootstrap_servers,
            "LEADSCORER_DATA_DIR": str(folder / "data"),
            "LEADSCORER_WEB__PORT": "0",
        }
        for name, program in self._programs():
            (folder / name).write_text(program, "utf-8")

    def _programs(self) -> Iterator[tuple[str, str]]:
        for language, text in self.blocks:
            if language == "python":
                title = re.match(r"# (\w+\.py)\n", text)
                assert title, "a Python block begins with the name of its file"
                yield title[1], text

    def commands(self, program: str) -> list[str]:
        """The lines of the shell blocks that call `program`."""
        lines = [
            line for language, text in self.blocks if language == "sh" for line in text.splitlines()
        ]
        return [line for line in lines if line.split()[0] == program]

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def running(self, command: str) -> Iterator[subprocess.Popen[str]]:
        """`command` in the background, ended as Ctrl-C would."""
        log = (self.folder / f"{command.rsplit(maxsplit=1)[-1]}.log").open("w")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            finally:
                process.kill()
                process.wait()
                log.close()


@pytest.fixture(scope="module")
def readme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readme]:
    with EmbeddedBroker() as broker:
        yield Readme(tmp_path_factory.mktemp("readme"), broker.bootstrap_servers)


def test_the_two_commands_are_targets_of_the_makefile(readme: Readme) -> None:
    commands = readme.commands("make")
    assert commands == ["make demo", "make test"]
    for command in commands:
        subprocess.run([*command.split(), "-n"], cwd=ROOT, check=True, capture_output=True)


def test_from_topics_to_an_explained_hot_lead(readme: Readme) -> None:
    commands = readme.commands("lead-scorer")
    start = commands.index("lead-scorer run")
    for command in commands[:start]:
        readme.run(command)
    with readme.running(commands[start]), readme.running("python subscribe.py") as subscriber:
        readme.run("python publish.py")
        assert subscriber.stdout
        heard = next(line for line in subscriber.stdout if "→ hot" in line)
        assert heard.startswith("lead-42: ")
        said = {command: readme.run(command) for command in commands[start + 1 :]}
    assert "Asked for a demo" in heard
    assert "Asked for a demo" in said["lead-scorer explain lead-42"]
