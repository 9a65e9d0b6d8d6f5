"""Who is measured, and how each is started as its users start it. Knows commands, measures nothing."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from scorer.settings import environment
from scorer.transport import admin
from scorer.transport.brokers import jars
from tests.bench import streams
from tests.bench.ground import ROOT, Ground

QUIX: Final = "3.28.0"
FOLD_NEEDS: Final = (
    *("cramjam", "google-re2", "librt", "msgspec", "mypy-extensions", "orjson", "ruamel.yaml"),
)
"""What the fold imports, for the environment of Quix Streams, which brings a pydantic of its own; in the
versions that are here."""


@dataclass(frozen=True)
class Subject:
    """A process to start, and where its progress shows."""

    name: str
    command: Sequence[str]
    group: str
    inputs: Sequence[str]  # real names
    scores: str  # real name of its main output
    tiers: str
    env: Mapping[str, str] = field(default_factory=dict)


async def product(
    ground: Ground, app: str, model: str, inputs: Sequence[str], *, port: int = 0
) -> Subject:
    """One worker process of ours, with the settings of production."""
    settings = ground.settings(app, model, web={"port": port})
    await admin.apply(settings)
    return Subject(
        "lead-scorer",
        [sys.executable, "-m", "topologies.worker", "scoring"],
        settings.group("scoring"),
        [settings.topic(name) for name in inputs],
        settings.topic("leads.scores.v1"),
        settings.topic("leads.tiers.v1"),
        environment(settings),
    )


async def faust(ground: Ground, app: str, model: str, events: str) -> Subject:
    """Idiomatic Faust. It makes its own changelog topic."""
    command = [sys.executable, "-m", "tests.bench.rivals.faust_app"]
    command += ["worker", "--loglevel", "warn", "--without-web"]
    return await _rival(ground, "faust", app, model, events, command)


async def quix(ground: Ground, app: str, model: str, events: str) -> Subject:
    """Quix Streams, exactly once, in an environment of its own."""
    command = [str(_quix_python()), "-m", "tests.bench.rivals.quix_app"]
    return await _rival(ground, "quix", app, model, events, command)


async def kafka_streams(ground: Ground, app: str, events: str) -> Subject:
    """The simple job in Java."""
    scores, tiers = f"{ground.prefix}{app}.scores.v1", f"{ground.prefix}{app}.tiers.v1"
    await ground.create(scores, tiers)
    group = f"{ground.prefix}{app}"
    state = ground.temporary("streams")
    command = streams.command(ground.servers, group, events, scores, tiers, state)
    return Subject("kafka-streams", command, group, [events], scores, tiers)


async def _rival(
    ground: Ground, name: str, app: str, model: str, events: str, command: Sequence[str]
) -> Subject:
    scores, tiers = f"{ground.prefix}{app}.scores.v1", f"{ground.prefix}{app}.tiers.v1"
    await ground.create(scores, tiers)
    group = f"{ground.prefix}{app}"
    env = {
        "BENCH_SERVERS": ground.servers,
        "BENCH_GROUP": group,
        "BENCH_EVENTS": events,
        "BENCH_SCORES": scores,
        "BENCH_TIERS": tiers,
        "BENCH_MODEL": model,
        "BENCH_STATE": str(ground.temporary(name)),
        "PYTHONPATH": str(ROOT),
    }
    return Subject(name, command, group, [events], scores, tiers, env)


def _quix_python() -> Path:
    """The interpreter of an environment with Quix Streams, made once, outside of the tree."""
    needs = [f"quixstreams=={QUIX}", *(f"{name}=={version(name)}" for name in FOLD_NEEDS)]
    mark = zlib.crc32(" ".join([sys.version, *needs]).encode())
    place = jars.home().parent / f"quix-{QUIX}-{mark:08x}"
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        uv = str(Path(sys.executable).parent / "uv")
        _run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(place)])
        _run([uv, "pip", "install", "-q", "--python", str(python), *needs])
        (place / "complete").touch()
    return python


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True)
