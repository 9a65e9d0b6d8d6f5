"""What a run is told and what it leaves behind: options, medians, the machine. Measures nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scorer.domain.fold
from scorer.transport.brokers import jars


@dataclass(frozen=True, slots=True)
class Options:
    """The size of a run."""

    events: int = 1_000_000
    leads: int = 100_000
    repeat: int = 3
    seed: int = 7
    seconds: float = 30.0  # of a measurement of latency or idleness
    warm_up: float = 45.0  # before a latency is read; the JVM needs it
    half_of_maximum: int = 6_000  # events/s of the second load of B4
    many: int = 1_000_000  # leads of B5, B7 and B9


def median_of(figures: Sequence[dict[str, Any]], by: str) -> dict[str, Any]:
    """The run in the middle, by one figure; with the spread of that figure."""
    ordered = sorted(figures, key=lambda each: each[by])
    middle = dict(ordered[len(ordered) // 2])
    if len(ordered) > 1:
        middle[f"{by}_all"] = [each[by] for each in ordered]
    return middle


def machine() -> dict[str, Any]:
    """What a figure depends on."""
    packages = ("faust-streaming", "aiokafka", "rocksdict", "msgspec", "orjson")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "kafka": jars.KAFKA,
        "lead_scorer": importlib.metadata.version("lead-scorer"),
        "native_fold": not scorer.domain.fold.__file__.endswith(".py"),
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "load_average_before": [round(one, 2) for one in os.getloadavg()],
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((one.split(": ")[1] for one in lines if one.startswith("model name")), "unknown")
