"""`make soak`: two workers at 70 % of what they can do, a fault each minute, and a referee at the end.

Knows what is done to whom and when; what is watched is in `watching`, what is said in `report`. Worker
"one" is spared what ends a process, so that its memory can be watched over a long life; it sees peers
die, partitions come and go, brokers restart, and is frozen for shorter than its session.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import JarCluster
from tests.bench.runs import machine
from tests.faults import report
from tests.faults.watching import Ages, Memory
from tests.fixtures.evidence import Judged
from tests.fixtures.floor import HASTY, Floor
from tests.fixtures.judging import BLURRED_S, judge_product, until_folded
from tests.fixtures.torment import end
from tests.fixtures.workers import Worker, scoring_worker

SHARE: Final = 0.7
BURST: Final = 60_000  # events with which the capacity is measured, publishing included
EVENTS_A_LEAD: Final = 200  # before that, which fill what a state keeps: a new lead costs half
ENDLESS: Final = 1_000_000_000
AT_ONCE: Final = 1e6  # events/s: as fast as they can be published
SESSION_S: Final = 6
STOP_S: Final = 10  # what a supervisor waits before it kills
REFEREE_PER_S: Final = 3_000
BYTES_AN_EVENT: Final = 2_500  # on the disk of the broker: input, outputs, changelog


@dataclass
class Soak:
    """One run."""

    settings: Settings
    cluster: JarCluster
    workers: tuple[Worker, Worker]
    rng: random.Random
    floor: Floor
    done: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)  # workers that ended by themselves
    stopping: Worker | None = None

    async def harm(self, seconds: float, every_s: float) -> None:
        """A fault each so often. The last stretch is calm, so that the lag can be 0 at the end."""
        faults = _faults()
        ends = time.monotonic() + seconds
        due = time.monotonic() + every_s
        while due + every_s <= ends:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due, time.monotonic()) + every_s
            name = self.rng.choice(list(faults))
            print(f"{datetime.now(UTC):%H:%M:%S} {name}", flush=True)
            await faults[name](self)
            self.done[name] += 1
        await asyncio.sleep(max(0.0, ends - time.monotonic()))

    async def keep(self) -> None:
        """Start again whoever ended by itself, as a supervisor does; until cancelled."""
        while True:
            for worker in self.workers:
                if not worker.running() and worker is not self.stopping:
                    self.ended[worker.log_path.stem] += 1
                    worker.start()
            await asyncio.sleep(0.5)

    async def kill(self) -> None:
        self.workers[1].send(signal.SIGKILL)
        self.workers[1].wait()
        self.workers[1].start()  # before the keeper can see it

    async def freeze_long(self) -> None:
        await self._freeze(self.workers[1], SESSION_S + 3)

    async def freeze_short(self) -> None:
        await self._freeze(self.workers[0], SESSION_S / 2)

    async def restart(self) -> None:
        await self._stopped(self.workers[1])

    async def wipe(self) -> None:
        store = self.settings.data_dir / self.settings.group("scoring") / "two"
        await self._stopped(self.workers[1], lambda: shutil.rmtree(store, ignore_errors=True))

    async def _stopped(self, worker: Worker, meanwhile: Callable[[], None] = lambda: None) -> None:
        """An orderly stop and a start; the keeper sees neither."""
        self.stopping = worker
        worker.send(signal.SIGTERM)
        until = time.monotonic() + STOP_S
        while worker.running() and time.monotonic() < until:  # noqa: ASYNC110  (a process tells no event)
            await asyncio.sleep(0.1)
        worker.send(signal.SIGKILL)
        worker.wait()
        meanwhile()
        worker.start()
        self.stopping = None

    async def restart_broker(self) -> None:
        await self._broker(0)

    async def lose_broker(self) -> None:
        await self._broker(SESSION_S + 2)

    async def _freeze(self, worker: Worker, seconds: float) -> None:
        worker.send(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        worker.send(signal.SIGCONT)

    async def _broker(self, seconds: float) -> None:
        """By kill -9: an orderly stop of a single node waits half a minute for itself."""
        node = self.cluster.nodes[0]
        node.signal(signal.SIGKILL)
        await asyncio.to_thread(node.wait)
        await asyncio.sleep(seconds)
        node.start()
        await asyncio.to_thread(self.cluster.wait_until_up)


def _faults() -> Mapping[str, Callable[[Soak], Awaitable[None]]]:
    return {
        "kill -9 of a worker": Soak.kill,
        "worker frozen beyond its session": Soak.freeze_long,
        "worker frozen within its session": Soak.freeze_short,
        "worker restarted (SIGTERM)": Soak.restart,
        "data directory wiped": Soak.wipe,
        "kill -9 of the broker, started again": Soak.restart_broker,
        f"broker down for {SESSION_S + 2} s": Soak.lose_broker,
    }


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """What goes into the report."""
    rng = random.Random(options.seed)
    directory = Path(tempfile.mkdtemp(prefix="lead-scorer-soak-"))
    cluster = JarCluster()
    settings = Settings(
        model=HASTY,
        data_dir=directory / "data",
        web={"enabled": False},  # type: ignore[arg-type]
        kafka={"bootstrap_servers": cluster.bootstrap_servers, "session_timeout_s": SESSION_S},  # type: ignore[arg-type]
    )
    names = ("one", "two")
    one, two = (scoring_worker(settings, directory / f"{name}.log", name) for name in names)
    keep = options.keep
    try:
        await admin.apply(settings, ["scoring"])
        for worker in (one, two):
            worker.start()
            await worker.until_told("worker.ready")
        floor = Floor(settings, rng, ENDLESS, AT_ONCE, leads=options.leads, late=0)
        await floor.publish(options.leads * EVENTS_A_LEAD)
        capacity = await _capacity(settings, floor)
        rate = options.rate or SHARE * capacity
        _warn(rate, options.minutes)
        soak = Soak(settings, cluster, (one, two), rng, floor)
        found = await _soak(soak, options, rate, capacity)
        keep = keep or not found["passed"]  # to see why
        return found
    finally:
        end((one, two))
        cluster.close(keep=keep)
        if keep:
            print(
                f"logs and stores: {directory}\ntopics (kafka-dump-log.sh reads them): {cluster.root}"
            )
        else:
            shutil.rmtree(directory, ignore_errors=True)


async def _capacity(settings: Settings, floor: Floor) -> float:
    """Events/s that are folded while a fifth more are published and outputs are read, as in the soak:
    of leads that have done much.
    """
    reading = asyncio.create_task(Ages(settings).watch())
    per_second = AT_ONCE
    for _ in range(2):  # once to learn about how many, once at a steady pace, which costs more
        await until_folded(settings, seconds=1_800)
        began = time.monotonic()
        await floor.publish(BURST, per_second)
        await until_folded(settings, seconds=1_800)
        capacity = BURST / (time.monotonic() - began)
        per_second = 1.2 * capacity
    await _cancelled(reading)
    return capacity


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """End what watches."""
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _warn(rate: float, minutes: float) -> None:
    events = rate * minutes * 60
    print(
        f"{rate:,.0f} events/s for {minutes:g} minutes are {events:,.0f} events: about "
        f"{events * BYTES_AN_EVENT / 1e9:.1f} GB of disk, and {events / REFEREE_PER_S / 60:.0f} minutes of "
        "the referee at the end (--rate N asks for less)",
        flush=True,
    )


async def _soak(
    soak: Soak, options: argparse.Namespace, rate: float, before: float
) -> dict[str, Any]:
    seconds, floor = options.minutes * 60, soak.floor
    memory, ages = Memory(soak.workers), Ages(soak.settings)
    watching = [asyncio.create_task(one) for one in (memory.watch(), ages.watch(), soak.keep())]
    publishing = asyncio.create_task(floor.publish(per_second=rate))
    await soak.harm(seconds, options.every)
    floor.stop = True
    await publishing
    began = time.monotonic()
    await until_folded(soak.settings, seconds=1_800)
    drained_s = time.monotonic() - began
    await _cancelled(*watching)
    floor.stop = False
    after = await _capacity(soak.settings, floor)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))  # nothing is measured any more
    jobs = len(os.sched_getaffinity(0))
    judged, verdict = await judge_product(soak.settings, BLURRED_S, jobs=jobs)
    for finding in verdict.examples:
        print(finding)
    slopes = memory.slopes(warm_up_s=min(600.0, seconds / 3))
    why = _why(judged, slopes)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": options.minutes,
        "every_s": options.every,
        "seed": options.seed,
        "rate": rate,
        "rate_is": f"{rate / before:.0%} of {before:,.0f}, measured before with {BURST:,} at a steady "
        f"pace beyond it; afterwards {after:,.0f}",
        "leads": options.leads,
        "cores": len(cores),
        "native_fold": machine()["native_fold"],
        "faults": dict(soak.done),
        "ended": dict(soak.ended),
        "judged": judged._asdict(),
        "slope_mb_per_min": slopes,
        "most_mb": memory.most_mb(),
        "latency_ms": {"p50": ages.percentile(0.5), "p99": ages.percentile(0.99)},
        "drained_s": drained_s,
        "passed": not why,
        "why": why,
    }


def _why(judged: Judged, slopes: Mapping[str, float]) -> str:
    """What is not as it must be."""
    steep = [f"memory of worker {name}: {slope:+} MB/min" for name, slope in slopes.items()
             if slope >= 1]  # fmt: skip
    wrong = [] if judged.right else [f"the referee found {judged}"]
    return "; ".join(wrong + steep)


def main() -> int:
    """Exit code 0: passed."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=60, help="seconds between two faults")
    parser.add_argument("--rate", type=float, help="events/s; else 70 %% of the measured capacity")
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep logs, stores and topics, as after a soak that failed",
    )
    options = parser.parse_args()
    print(f"seed: {options.seed}", flush=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers go away here
    result = asyncio.run(run(options))
    print(json.dumps(result, indent=2))
    report.RESULTS.mkdir(parents=True, exist_ok=True)
    report.SOAK.write_text(json.dumps(result, indent=2), encoding="utf-8")
    report.write()
    return int(not result["passed"])


if __name__ == "__main__":
    raise SystemExit(main())
