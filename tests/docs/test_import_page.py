"""The page about importing shows what the commands really do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "import-a-file.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def block(language: str) -> str:
    return "".join(text for each, text in BLOCKS if each == language)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(block("csv"), "utf-8")
    return tmp_path


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command.split(),
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_suggestion_is_as_shown_and_the_dry_run_takes_it(folder: Path) -> None:
    suggest, dry_run = block("sh").splitlines()[:2]
    assert run(folder, suggest).returncode == 0
    suggested = (folder / "map.yaml").read_text("utf-8").splitlines()
    missing = [line for line in block("yaml").splitlines() if line not in suggested]
    assert missing == []
    done = run(folder, dry_run)
    assert (done.returncode, "4 leads" in done.stdout) == (0, True)


def test_a_bad_row_is_listed_and_collected_as_said(folder: Path) -> None:
    suggest, dry_run = block("sh").splitlines()[:2]
    run(folder, suggest)
    rows = (folder / "leads.csv").read_text("utf-8").replace("2026-10-09", "soon")
    (folder / "leads.csv").write_text(rows, "utf-8")
    done = run(folder, f"{dry_run} --bad-rows bad.csv")
    assert done.returncode == 3
    assert "line 5: column 'Signed up'" in done.stderr + done.stdout
    assert "L-4" in (folder / "bad.csv").read_text("utf-8")
