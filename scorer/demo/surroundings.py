"""The settings of a demo, for this process and as an environment for the worker. Opens nothing."""

from __future__ import annotations

import json
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
        "model": model,
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


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which another process reads the same settings."""
    shown = settings.model_dump(mode="json", exclude_unset=True)
    return dict(_variables("LEADSCORER_", shown))


def _variables(prefix: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += _variables(f"{prefix}{name.upper()}__", value)
        else:
            found.append(
                (prefix + name.upper(), value if isinstance(value, str) else json.dumps(value))
            )
    return found
