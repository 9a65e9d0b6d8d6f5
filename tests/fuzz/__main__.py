"""A million damaged records through both stages: `make fuzz`. Knows processes and the terminal.

    make fuzz ARGS="--cases 50000 --seed 7 --jobs 1"
    python -m tests.fuzz --seed 7 --only 4711          one session again, by its number
    python -m tests.fuzz --replay tests/fuzz/corpus/an-explanation-adds-up-0a1b2c3d.json

A case is one record. Cases come in sessions: some weeks of a few leads. A session that breaks a rule
is made as small as it can be and kept in tests/fuzz/corpus, where `make test` replays it for ever.
"""

from __future__ import annotations

import argparse
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Final

from scorer.domain import fold
from tests.fuzz import corpus
from tests.fuzz.campaign import Part, block
from tests.fuzz.play import play
from tests.fuzz.sessions import session

PROGRESS_SECONDS: Final = 10.0
ENOUGH: Final = 3
"""Findings of one rule that are made small and kept; more of them say nothing new."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--cases", type=int, default=1_000_000, help="records, at least")
    parser.add_argument("--seed", type=int, help="another run; default: invented, and printed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="the number of one session to repeat")
    parser.add_argument("--replay", type=Path, help="a file of the corpus to repeat")
    args = parser.parse_args()
    if args.replay:
        print(play(corpus.read(args.replay)))
        return 0
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    if args.only is not None:
        print(play(session(seed, args.only)))
        return 0
    return _campaign(seed, args.cases, args.jobs)


def _campaign(seed: int, cases: int, jobs: int) -> int:
    print(f"seed {seed}: {cases:,} cases, {jobs} processes, fold {_form()}", flush=True)
    if known := corpus.known_rules():
        print(f"known to be broken, so counted only: {', '.join(sorted(known))}", flush=True)
    total, started = Part(), time.monotonic()
    said = started
    for part in _parts(seed, cases, jobs):
        total = total.plus(part)
        for finding in part.findings:
            print(f"\nFINDING {finding.text}", flush=True)
        if time.monotonic() - said >= PROGRESS_SECONDS:
            said = time.monotonic()
            rate = total.cases / (said - started)
            print(
                f"{total.cases:,} cases, {rate:,.0f}/s, {len(total.findings)} findings", flush=True
            )
    _report(seed, total, time.monotonic() - started)
    return 1 if total.findings else 0


def _parts(seed: int, cases: int, jobs: int) -> Iterator[Part]:
    """Blocks of sessions until there are enough cases."""
    done = number = 0
    found: Counter[str] = Counter(dict.fromkeys(corpus.known_rules(), ENOUGH))
    with ProcessPoolExecutor(jobs) as pool:
        running: set[Future[Part]] = set()
        while done < cases:
            while len(running) < 2 * jobs:
                enough = frozenset(rule for rule, count in found.items() if count >= ENOUGH)
                running.add(pool.submit(block, seed, number, enough))
                number += 1
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            for part in (each.result() for each in ready):
                done += part.cases
                found.update(finding.rule for finding in part.findings)
                yield part
        for each in running:
            each.cancel()


def _form() -> str:
    return "compiled" if fold.__file__.endswith(".so") else "not compiled"


def _report(seed: int, total: Part, seconds: float) -> None:
    print(
        f"\nseed {seed}: {total.cases:,} cases in {total.sessions:,} sessions, {seconds:,.0f} s, "
    )
    print(f"{total.cases / seconds:,.0f} cases/s, {len(total.findings)} findings")
    for name, number in sorted(total.counts.items()):
        print(f"  {number:>9,}  {name}")
    for finding in total.findings:
        print(f"{finding.rule}: python -m tests.fuzz --replay {finding.path}")


if __name__ == "__main__":
    raise SystemExit(main())
