"""The Dockerfile is clean, and agrees with the project about versions and ports."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from scorer.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [hadolint, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == ""


def test_the_image_is_locked_with_the_uv_of_the_project() -> None:
    pinned = re.search(r'"uv==([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert pinned
    assert f"ghcr.io/astral-sh/uv:{pinned[1]} " in DOCKERFILE


def test_everything_that_is_copied_passes_dockerignore() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in ignore


def test_it_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1] == "10001"


def test_the_health_check_asks_the_default_port() -> None:
    port = Settings().web.port
    assert f"EXPOSE {port}" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/livez" in DOCKERFILE


def test_the_embedded_broker_stays_out_of_the_image() -> None:
    assert "--extra" not in DOCKERFILE
    assert DOCKERFILE.count("uv sync --frozen --no-dev") == 2
