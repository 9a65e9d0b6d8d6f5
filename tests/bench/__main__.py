"""`python -m tests.bench`: the scenarios of docs/performance.md on real Kafka, as figures and as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scorer.transport.brokers.real import find
from tests.bench import deadlines, held, hot, latency, stages, throughput
from tests.bench.ground import ROOT, Ground
from tests.bench.runs import Options, machine

Scenario = Callable[[Ground, Options], Awaitable[dict[str, Any]]]
SCENARIOS: Final[Mapping[str, Scenario]] = {
    "B1": throughput.b1,
    "B2": throughput.b2,
    "B3": throughput.b3,
    "B3j": throughput.b3j,
    "B4": latency.b4,
    "B5": held.b5,
    "B6": held.b6,
    "B8": hot.b8,
    "B9": held.b9,
    "B10": held.b10,
    "B11": deadlines.b11,
    "B12": stages.b12,
}
ALSO: Final = {"B7": "B5"}  # what is measured in the same run
RESULTS: Final = ROOT / "bench-results"


async def _run(name: str, options: Options, flame: Path | None) -> dict[str, Any]:
    """One scenario on a broker of its own: no scenario pays for another's log segments."""
    directory = Path(tempfile.mkdtemp(prefix="lead-scorer-bench-"))
    broker = find()
    try:
        ground = Ground(broker, f"b{uuid.uuid4().hex[:6]}.", directory, flame)
        return await SCENARIOS[name](ground, options)
    finally:
        broker.close()
        shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Run what was asked for, one after the other."""
    names, options, flame = _arguments()
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # a fresh broker elects leaders a while
    about = machine()
    print(json.dumps({"machine": about, "options": _dict(options)}, indent=2), flush=True)
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        print(f"\n{name}: {(SCENARIOS[name].__doc__ or '').strip()}", flush=True)
        figures = asyncio.run(_run(name, options, flame))
        print(json.dumps(figures, indent=2), flush=True)
        at = datetime.now(UTC)
        page = {"scenario": name, "at": at.isoformat(), "machine": about, "options": _dict(options)}
        file = RESULTS / f"{at:%Y%m%dT%H%M%S}-{name}.json"
        file.write_text(json.dumps({**page, "figures": figures}, indent=2), encoding="utf-8")


def _dict(options: Options) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__slots__}


def _arguments() -> tuple[list[str], Options, Path | None]:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default=",".join(SCENARIOS), help="such as B1,B4")
    parser.add_argument("--events", type=int, default=usual.events)
    parser.add_argument("--leads", type=int, default=usual.leads)
    parser.add_argument("--many", type=int, default=usual.many, help="leads of B5, B7 and B9")
    parser.add_argument("--repeat", type=int, default=usual.repeat, help="the median is shown")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of B4 and B10")
    parser.add_argument("--warm-up", type=float, default=usual.warm_up, help="seconds of B4")
    parser.add_argument("--half", type=int, default=usual.half_of_maximum, help="events/s of B4")
    parser.add_argument("--flame", action="store_true", help="also flame graphs (B1, B2, B3, B3j)")
    given = parser.parse_args()
    names = list(dict.fromkeys(ALSO.get(name, name) for name in given.only.split(",")))
    for name in names:
        if name not in SCENARIOS:
            parser.error(f"{name} is none of {', '.join(SCENARIOS)}")
    options = Options(
        given.events, given.leads, given.repeat, given.seed, given.seconds, given.warm_up,
        given.half, given.many,
    )  # fmt: skip
    return names, options, RESULTS if given.flame else None


if __name__ == "__main__":
    main()
