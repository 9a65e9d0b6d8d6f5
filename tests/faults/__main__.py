"""`make faults`: every fault of the catalogue in its long form, then docs/reliability.md.

Knows pytest's command line; the tests know what to do, the report what to say.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.ground import ROOT
from tests.bench.runs import machine
from tests.faults import report
from tests.faults.catalogue import FAULTS
from tests.faults.outcome import Result, keep, outcomes
from tests.fixtures.evidence import LONG_VARIABLE

SEED_VARIABLE = "LEADSCORER_TEST_SEED"


def main() -> int:
    """Exit code 0: every fault passed within its pass line."""
    options = _arguments()
    wanted = options.only.split(",") if options.only else [fault.id for fault in FAULTS]
    nodes = list(
        dict.fromkeys(test for fault in FAULTS if fault.id in wanted for test in fault.tests)
    )
    print(f"seed: {options.seed} (repeat with --seed {options.seed})", flush=True)
    report.RESULTS.mkdir(parents=True, exist_ok=True)
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "seed": options.seed,
    }
    began = time.monotonic()
    junit = report.RESULTS / f"junit-{os.getpid()}.xml"
    _run(nodes, options.seed, junit, short=options.short)
    run["minutes"] = (time.monotonic() - began) / 60
    found = outcomes(junit, wanted)
    junit.unlink()
    for one in found:
        print(f"{one.fault.id:4} {one.result}  {one.why}")
    if not options.short:  # the page is about the long form
        keep(found, report.RESULTS, run)
        report.write()
    return int(any(one.result is not Result.PASSED for one in found))


def _run(nodes: Sequence[str], seed: int, junit: Path, *, short: bool) -> None:
    """One run of pytest over the nodes; a failure shows in its report."""
    options = ["-q", f"--junitxml={junit}", "--timeout=1800", "-o", "junit_family=xunit1"]
    env = {**os.environ, SEED_VARIABLE: str(seed), LONG_VARIABLE: "0" if short else "1"}
    env.setdefault("LEADSCORER_TEST_DEADLINES", "900" if short else "10000")
    command = [sys.executable, "-m", "pytest", *options, *nodes]
    subprocess.run(command, cwd=ROOT, env=env, check=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", help="some faults, such as X6,X7; the page keeps the others")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument(
        "--short", action="store_true", help="in the size of `make test`; writes no page"
    )
    given = parser.parse_args()
    for name in given.only.split(",") if given.only else ():
        if name not in {fault.id for fault in FAULTS}:
            parser.error(f"{name} is none of {', '.join(fault.id for fault in FAULTS)}")
    return given


if __name__ == "__main__":
    raise SystemExit(main())
