"""Random models, stories and instants in bulk against the oracle.

    make oracle ARGS="--cases 1000000 --seed 1 --jobs 2"

Every case: explanations add up exactly, scores are the oracle's, no crossing is missed or invented,
ids are unique, nothing stays due. A failing case is printed with the command that repeats it alone;
the same seed and number are the same case for as long as `cases.py` stays as it is.
"""

from __future__ import annotations

import argparse
import os
import random
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from scorer.domain import fold as fold_module
from scorer.domain.events import Retraction
from scorer.domain.model import DAY_US
from scorer.domain.outputs import TierCrossed
from scorer.domain.plan import Plan
from tests.domain.cases import RandomChoices, case
from tests.domain.laws import (
    assert_adds_up,
    assert_ids_unique,
    assert_no_crossing_missed_or_invented,
    assert_scores_agree,
    assert_stands_alike,
    tell,
)
from tests.domain.oracle import canonical

BLOCK: Final = 500
"""Cases that a process takes at a time."""
PROGRESS_SECONDS: Final = 10.0


class Tally(NamedTuple):
    """What a run of cases came to."""

    cases: int = 0
    events: int = 0
    outputs: int = 0
    crossings: int = 0
    by_time: int = 0  # crossings that no event caused
    doubtful: int = 0  # cases in which floats decide a bound

    def plus(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


def check(seed: int, number: int) -> Tally:
    """One case; raises AssertionError when a law fails."""
    choose = RandomChoices(random.Random(f"{seed}:{number}"))
    it = case(choose)
    plan = Plan(it.model)
    told = tell(plan, it.events, it.end_us)
    for output in told.outputs:
        assert_adds_up(output)
    assert_ids_unique(told.outputs)
    assert told.state.next is None or told.state.next.time_us > it.end_us
    if any(isinstance(e.body, Retraction) for e in it.events):
        it = it._replace(events=canonical(it.events))
        without = tell(plan, it.events, it.end_us)
        assert_stands_alike(plan, told.state, without.state, it.end_us)
        told = without
    assert_scores_agree(it, told, [it.end_us, it.end_us + choose.whole(1, 40 * DAY_US)])
    sure = assert_no_crossing_missed_or_invented(it, told)
    crossings = [o for o in told.outputs if isinstance(o, TierCrossed)]
    timed = sum(c.cause.id is None for c in crossings)
    return Tally(1, len(it.events), len(told.outputs), len(crossings), timed, 0 if sure else 1)


def run(seed: int, first: int, cases: int) -> tuple[Tally, list[str]]:
    """Some cases in a row; the failures as texts."""
    tally, failures = Tally(), []
    for number in range(first, first + cases):
        try:
            tally = tally.plus(check(seed, number))
        except Exception:  # noqa: BLE001 - any exception is a finding
            again = f"python -m tests.domain.random_cases --seed {seed} --only {number}"
            failures.append(f"{again}\n{traceback.format_exc(limit=-3)}")
    return tally, failures


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="make oracle", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="the number of one case to repeat")
    args = parser.parse_args()
    if args.only is not None:
        print(check(args.seed, args.only))
        return 0
    form = "compiled" if fold_module.__file__.endswith(".so") else "not compiled: make compile"
    print(
        f"{args.cases:,} cases of seed {args.seed}, {args.jobs} processes, fold {form}", flush=True
    )
    tally, failures = in_parallel(args.seed, args.cases, args.jobs)
    print(f"seed {args.seed}: {tally}, {len(failures)} failures")
    return 1 if failures else 0


def in_parallel(seed: int, cases: int, jobs: int) -> tuple[Tally, list[str]]:
    """All cases of a run, with a line of progress every ten seconds, and each failure as it comes."""
    tally, failures = Tally(), list[str]()
    starts = range(0, cases, BLOCK)
    started = said = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        sizes = [min(BLOCK, cases - start) for start in starts]
        for part, failed in pool.map(run, [seed] * len(starts), starts, sizes):
            tally, failures = tally.plus(part), failures + failed
            for failure in failed:
                print(failure, flush=True)
            if time.monotonic() - said >= PROGRESS_SECONDS:
                said = time.monotonic()
                rate = tally.cases / (said - started)
                print(
                    f"{tally.cases:,} of {cases:,}, {rate:,.0f}/s, {len(failures)} failures",
                    flush=True,
                )
    return tally, failures


if __name__ == "__main__":
    raise SystemExit(main())
