"""What is watched during a soak: memory of workers, age of outputs. Knows /proc and a reader, judges nothing."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from statistics import linear_regression
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer

from scorer.settings import Settings
from tests.fixtures.workers import Worker

_EVERY_S: Final = 2.0
_SAMPLED: Final = 20  # of so many outputs one is looked at
_FEWEST: Final = 30  # samples that make a slope: a minute


class Memory:
    """Resident memory of each life of each worker, every two seconds."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers
        self._lives: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            for worker in self._workers:
                if worker.running() and (mb := worker.memory_mb()):
                    life = self._lives[worker.log_path.stem, worker.pid]
                    life.append((time.monotonic(), mb))
            await asyncio.sleep(_EVERY_S)

    def most_mb(self) -> float:
        return max(mb for life in self._lives.values() for _, mb in life)

    def slopes(self, warm_up_s: float) -> dict[str, float]:
        """MB a minute of the longest life of each worker, its warm-up left out."""
        out: dict[str, float] = {}
        for name in sorted({name for name, _ in self._lives}):
            lives = [life for (who, _), life in self._lives.items() if who == name]
            longest = max(lives, key=len)
            warm = [(at, mb) for at, mb in longest if at - longest[0][0] >= warm_up_s]
            if len(warm) >= _FEWEST:
                times, sizes = zip(*warm, strict=True)
                minutes = round((times[-1] - times[0]) / 60, 1)
                slope = linear_regression([at / 60 for at in times], sizes).slope
                out[f"{name} over {minutes:g} min"] = round(slope, 2)
        return out


class Ages:
    """How old the event of an output was when a `read_committed` reader got it; of a sample."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ms: list[float] = []

    async def watch(self) -> None:
        """Until cancelled; goes through outages of the brokers."""
        consumer = AIOKafkaConsumer(
            self._settings.topic("leads.scores.v1"),
            bootstrap_servers=self._settings.kafka.bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="latest",
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
        )
        await consumer.start()
        seen = 0
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    now = time.time()
                    for record in records:
                        seen += 1
                        if seen % _SAMPLED == 0 and record.value:
                            self._add(now, orjson.loads(record.value))
        finally:
            await consumer.stop()

    def _add(self, now: float, said: dict) -> None:
        if said["data"]["cause"]["kind"] == "evidence":
            self._ms.append((now - datetime.fromisoformat(said["time"]).timestamp()) * 1000)

    def percentile(self, share: float) -> float:
        ordered = sorted(self._ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
