"""The demo as a user starts it: a process in a terminal-less shell, on the embedded broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DEMO = [sys.executable, "-c", "from scorer.cli.main import run; run()", "demo"]
LONGEST_S = 120


class Stage:
    """A working directory and a temporary directory of its own, in which nothing may remain."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cwd, self.tmp = home / "cwd", home / "tmp"
        self.cwd.mkdir()
        self.tmp.mkdir()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = os.environ | {"TMPDIR": str(self.tmp), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [*DEMO, *arguments],
            cwd=self.cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def left_behind(self) -> list[str]:
        """Files, and processes that were started below: they all have inherited our TMPDIR."""
        files = [str(path) for place in (self.cwd, self.tmp) for path in place.rglob("*")]
        return files + [line for line in _environments() if str(self.tmp) in line]


def _environments() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield path.read_bytes().decode(errors="replace")
        except OSError:  # ended meanwhile, or somebody else's
            continue


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_demo_shows_scores_and_crossings_and_leaves_nothing_behind(stage: Stage) -> None:
    """`--seconds` ends it with exit code 0, a summary, and neither files nor processes."""
    demo = stage.start("--seconds", "5", "--leads", "20")
    out, err = demo.communicate(timeout=LONGEST_S)

    assert (demo.returncode, err) == (0, "")
    assert sum("←" in line for line in out.splitlines()) > 20, out
    assert sum("▲" in line or "▼" in line for line in out.splitlines()) > 5, out
    assert "The broker, the worker and their files are gone." in out
    assert stage.left_behind() == []


def test_ctrl_c_ends_a_demo_and_leaves_nothing_behind(stage: Stage) -> None:
    """Pressed twice by somebody impatient, in the middle of the show: the same clean end."""
    demo = stage.start()
    assert demo.stdout is not None
    next(line for line in demo.stdout if "▲" in line)

    demo.send_signal(signal.SIGINT)
    demo.send_signal(signal.SIGINT)
    _, err = demo.communicate(timeout=LONGEST_S)

    assert (demo.returncode, err) == (0, "")
    assert stage.left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_stopped_while_it_starts_leaves_nothing_behind(
    stage: Stage, number: signal.Signals
) -> None:
    """Ctrl-C, `kill` and a closed terminal, before anything is shown."""
    demo = stage.start()
    assert demo.stdout is not None
    demo.stdout.readline()  # "starting a broker …"

    demo.send_signal(number)
    _, err = demo.communicate(timeout=LONGEST_S)

    assert (demo.returncode, err) == (0, "")
    assert stage.left_behind() == []


def test_a_wrong_model_is_refused_before_anything_is_started(stage: Stage) -> None:
    """One error, with what to do next, and no broker for nothing."""
    demo = stage.start("--model", "no-such-model.yaml")
    out, err = demo.communicate(timeout=LONGEST_S)

    assert demo.returncode == 78
    assert "no-such-model.yaml" in err
    assert "→" in err
    assert out == ""
    assert stage.left_behind() == []
