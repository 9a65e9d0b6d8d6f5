"""What the engine costs an event, without a broker: `python -m tests.bench.engine`."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time

from scorer.contracts.model.file import load_model
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.scoring import scoring_factory
from tests.bench.load import records
from topologies.heap import spare_the_collector


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=2_000)
    parser.add_argument("--model", default="default")
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    load = [
        MemoryRecord(
            r.topic,
            r.key,
            r.value,
            r.timestamp_ms,
            (("content-type", b"application/cloudevents+json"),),
            0,
            i,
        )
        for i, r in enumerate(records(args.events, args.leads))
    ]
    driver = MemoryDriver(scoring_factory(load_model(args.model), app="bench", version="0")(0))
    spare_the_collector()  # as a worker does
    profile = cProfile.Profile() if args.profile else None
    started = time.process_time()
    if profile:
        profile.enable()
    for i in range(0, len(load), args.batch):
        driver.feed(load[i : i + args.batch])
    if profile:
        profile.disable()
    spent = time.process_time() - started
    sizes = [len(s) for s in driver.store.states.values()]
    print(
        f"{spent / len(load) * 1e6:.1f} µs CPU an event; {len(driver.outputs) / len(load):.2f} outputs an event; "
        f"{sum(len(m.value or b'') for m in driver.outputs) / max(len(driver.outputs), 1):.0f} B an output; "
        f"state {sum(sizes) / len(sizes):.0f} B; {sum(len(r.value or b'') for r in load) / len(load):.0f} B an event; "
        f"{len(driver.dead_letters)} dead letters; {len(driver.store.due)} due"
    )
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    main()
