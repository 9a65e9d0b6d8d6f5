"""The settings of a demo. Knows where its broker, its files and its clock are; opens nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from scorer.settings import Settings
from scorer.transport.clock import ScaledClock

_IGNORED: Final = "LEADSCORER_IGNORED_BY_THE_DEMO_"
"""Read instead of LEADSCORER_: a demo must not reach the brokers of somebody's production."""

TICK_SECONDS: Final = 0.25  # 1.5 simulated hours at the default speed


def settings_for(home: Path, brokers: str, model: str, clock: ScaledClock) -> Settings:
    """Settings for an embedded broker, everything on disk below `home`, and simulated time."""
    values: dict[str, Any] = {
        "app": "demo",
        "model": str(Path(model).resolve()) if Path(model).is_file() else model,
        "data_dir": home / "state",
        "instance_id": "demo",
        "tick_seconds": TICK_SECONDS,
        "kafka": {"bootstrap_servers": brokers},
        "web": {"port": 0},
        "clock": {
            "scale": clock.scale,
            "origin_us": clock.origin_us,
            "started_us": clock.started_us,
        },
    }
    return Settings(_env_prefix=_IGNORED, **values)
