"""The compiled form does what the sources say: the tests of the fold and its stages, on native code.

What is compiled checks types where Python does not (a setter, an argument), so code that works as it
is written can raise a TypeError in production. Compiled in a copy: the tree stays as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PARTS: Final = (
    "scorer",
    "schemas",
    "topologies",
    "tests",
    "docs",
    "hatch_build.py",
    "pyproject.toml",
)
SUITES: Final = (
    "tests/domain",
    "tests/followup",
    "tests/engine",
    "tests/contracts",
    "tests/simulate",
)
COMPILERS: Final = ("cc", "gcc", "clang")
NATIVE: Final = "import scorer.domain.fold as fold; print(fold.__file__)"
MINUTES: Final = 60


@pytest.mark.slow
@pytest.mark.timeout(15 * MINUTES)
def test_the_suites_of_the_fold_pass_on_its_native_form(tmp_path: Path) -> None:
    if not any(map(shutil.which, COMPILERS)):
        pytest.skip(f"NOT PROVEN on native code: no C compiler ({', '.join(COMPILERS)})")
    for part in PARTS:
        _copy(ROOT / part, tmp_path / part)

    _run(tmp_path, "hatch_build.py")
    assert _run(tmp_path, "-c", NATIVE).startswith(str(tmp_path))
    assert _run(tmp_path, "-c", NATIVE).strip().endswith(".so")

    told = _run(tmp_path, "-m", "pytest", "-q", "-m", "not long and not real_kafka", *SUITES)
    assert " passed" in told, told


def _copy(part: Path, to: Path) -> None:
    if part.is_dir():
        shutil.copytree(part, to, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    else:
        shutil.copy(part, to)


def _run(folder: Path, *arguments: str) -> str:
    """What Python says; fails with all of it, and it is short."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]
    return done.stdout
