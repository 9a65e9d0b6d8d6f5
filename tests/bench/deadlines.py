"""B11: how late follow-up deadlines are said, undisturbed and while a worker is killed."""

from __future__ import annotations

from typing import Any, Final

from scorer.transport import admin
from tests.bench.ground import Ground
from tests.bench.runs import Options
from tests.fixtures.deadlines import MODEL, run

_DEADLINES: Final = 10_000
_OVER_S: Final = 60.0


async def b11(ground: Ground, options: Options) -> dict[str, Any]:
    """10,000 deadlines over a minute, two workers; undisturbed, and with one of them killed."""
    kafka = {"bootstrap_servers": ground.servers}
    short = {"kafka": {**kafka, "session_timeout_s": 6}}
    return {
        "undisturbed": await _late(ground, "calm", 0),
        "one kill": await _late(ground, "kill", 1),
        "two kills, session_timeout_s 6": await _late(ground, "short", 2, **short),
    }


async def _late(ground: Ground, label: str, kills: int, **overrides: Any) -> dict[str, Any]:
    app = f"b11-{label}"
    place = Ground(ground.broker, f"{ground.prefix}{app}.", ground.directory)
    settings = place.settings(app, str(MODEL), **{"web": {"enabled": False}, **overrides})
    await admin.apply(settings, ["pool"])
    folder = ground.temporary(app)
    ran = await run(settings, folder, _DEADLINES, _OVER_S, kills)
    return {
        **ran.lateness._asdict(),
        "tick_seconds": settings.tick_seconds,
        **({"came_back_s": ran.came_back_s} if kills else {}),
    }
