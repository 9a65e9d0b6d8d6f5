"""Which worker one is, and what a supervisor does with processes that end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from scorer.settings import Settings
from scorer.transport.exits import NEEDS_A_PERSON, REMEDIES, ExitCode, NotReady
from scorer.transport.instance import claim
from topologies import supervisor
from topologies.pulse import VARIABLE, Line, Pulse
from topologies.supervisor import supervise


def test_a_restarted_worker_finds_its_name_again(tmp_path: Path) -> None:
    """The first number that is free: with it come partitions and store."""
    settings = Settings(data_dir=tmp_path)
    first = claim(settings, "toy")
    second = claim(settings, "toy")
    assert first.name != second.name
    first.lock.close()
    assert claim(settings, "toy").name == first.name


def test_two_workers_of_one_given_name_are_refused(tmp_path: Path) -> None:
    """They would fence each other for ever."""
    settings = Settings(data_dir=tmp_path, instance_id="pod-0")
    held = claim(settings, "toy")
    with pytest.raises(NotReady, match="LEADSCORER_INSTANCE_ID"):
        claim(settings, "toy")
    held.lock.close()


def test_every_exit_code_has_a_remedy() -> None:
    """The docs and the supervisor's log line show it."""
    assert set(REMEDIES) == set(ExitCode)


def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> str:
    (tmp_path / "fake_stage.py").write_text(f"import pathlib, sys\n{body}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE_S", 0.01)
    return "fake_stage"


@pytest.mark.parametrize("code", sorted(NEEDS_A_PERSON - {ExitCode.OK}))
def test_what_needs_a_person_is_not_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: ExitCode
) -> None:
    """The supervisor ends with the code of the stage."""
    module = _module(tmp_path, monkeypatch, f"sys.exit({int(code)})")
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == code


def test_a_failed_stage_is_restarted_until_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two failures, then the end that needs a person: three starts."""
    body = f"""
count = pathlib.Path({str(tmp_path / "count")!r})
starts = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(starts))
sys.exit(78 if starts == 3 else 70)
"""
    module = _module(tmp_path, monkeypatch, body)
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == ExitCode.CONFIG
    assert (tmp_path / "count").read_text() == "3"


def test_a_stage_that_is_stopped_before_it_has_begun_ended_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM ends it while it still loads its modules: nothing was lost, and nobody is to be called."""
    body = "import os, signal, time\nos.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)"
    module = _module(tmp_path, monkeypatch, body)
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == ExitCode.OK


def test_a_stage_that_dies_while_all_are_stopped_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code is the code of the whole."""
    body = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(70))
os.kill(os.getppid(), signal.SIGTERM)
time.sleep(60)
"""
    module = _module(tmp_path, monkeypatch, body)
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == ExitCode.FOLD


def test_a_stage_that_falls_silent_is_ended_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It beat once and then froze, as a blocked loop or SIGSTOP does."""
    body = f"""
import os, signal
from topologies.pulse import Pulse
once = pathlib.Path({str(tmp_path / "once")!r})
if once.exists():
    sys.exit(78)
once.touch()
Pulse(os.environ).beat()
os.kill(os.getpid(), signal.SIGSTOP)
"""
    module = _module(tmp_path, monkeypatch, body)
    monkeypatch.setattr(supervisor, "SILENT_S", 0.2)
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == ExitCode.CONFIG


def test_a_stage_that_waits_for_its_brokers_before_its_first_beat_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = _module(tmp_path, monkeypatch, "import time; time.sleep(0.6); sys.exit(78)")
    monkeypatch.setattr(supervisor, "SILENT_S", 0.1)
    assert supervise(Settings(data_dir=tmp_path), ["toy"], module) == ExitCode.CONFIG


def test_a_pulse_without_a_supervisor_does_nothing() -> None:
    Pulse({}).beat()


def test_a_pulse_nobody_listens_to_stops_nothing() -> None:
    with Line() as line:
        pulse = Pulse({VARIABLE: str(line.write_fd)})
        for _ in range(100_000):  # more than a pipe holds
            pulse.beat()
    pulse.beat()
    line.handed_over()


async def test_a_stage_that_beats_is_not_silent() -> None:
    """The loop may tell of one beat twice: the second time there is nothing to read."""
    with Line() as line:
        pulse = Pulse({VARIABLE: str(line.write_fd)})
        silent = asyncio.create_task(line.silence(60.0))
        for _ in range(20):
            pulse.beat()
            await asyncio.sleep(0.001)

        assert not silent.done()
        silent.cancel()
        await asyncio.wait([silent])
    line.handed_over()
