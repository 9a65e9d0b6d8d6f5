"""The ground that all contestants share: one broker, the same events, the same stopwatch.

Knows processes, CPU clocks and committed offsets; knows no contestant.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from scorer.contracts.records import Headers
from scorer.settings import Settings
from scorer.transport.brokers.real import Broker
from scorer.transport.offsets import committed_offsets
from scorer.transport.placement import partition_of
from tests.bench.load import Load

PARTITIONS: Final = 4
ROOT: Final = Path(__file__).parents[2]
_PY_SPY: Final = "py-spy@0.4.1"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_CHUNK: Final = 2_000
"""Records that are flushed together, so that broker time follows event time across topics."""


class Cost(NamedTuple):
    """What a stretch of work took."""

    events: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    def figures(self) -> dict[str, float]:
        return {
            "events_per_s": round(self.events / self.seconds),
            "cpu_us_per_event": round(self.cpu_seconds / self.events * 1e6, 1),
            "events_per_s_and_core": round(self.events / max(self.cpu_seconds, 1e-9)),
            "peak_rss_mb": round(self.peak_mb),
            "events": self.events,
            "seconds": round(self.seconds, 1),
        }


class Process:
    """A contestant's process, with its CPU and its memory."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._command, self._env, self.log = command, {**os.environ, **env}, log

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        """User and system time of all threads so far."""
        if self._process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2_000:]
            raise RuntimeError(f"{self._command[0]} ended with {self._process.returncode}: {tail}")
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def draw(self, folder: Path) -> None:
        """Sample the stacks for ten seconds with py-spy, fetched by uv; figures are off meanwhile."""
        uv, file = str(Path(sys.executable).parent / "uv"), f"flame-{self.log.stem}.svg"
        command = [uv, "tool", "run", _PY_SPY, "record", "-d", "10", "-o", file]
        command += ["--pid", str(self._process.pid)]
        # In the folder, because the file's path is the title of the picture.
        subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)

    def memory_mb(self, field: str = "VmRSS") -> float:
        """`VmRSS` now, `VmHWM` at the most so far."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        return 0.0


@dataclass
class Ground:
    """A broker, and a place of one's own on it."""

    broker: Broker
    prefix: str
    directory: Path
    flame: Path | None = None  # where to draw what a contestant's processor time went to

    @property
    def servers(self) -> str:
        return self.broker.bootstrap_servers

    def settings(self, app: str, model: str = "default", **overrides: Any) -> Settings:
        """As in production, but for replication: there is one broker."""
        return Settings(
            app=app,
            model=model,
            data_dir=self.directory / app,
            **{
                "kafka": {"bootstrap_servers": self.servers},
                "topics": {"prefix": self.prefix, "partitions": PARTITIONS},
                **overrides,
            },
        )

    def temporary(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.directory))

    async def create(self, *names: str) -> None:
        """Plain topics for those who do not bring their own."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await client.start()
        try:
            await client.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
        finally:
            await client.close()

    async def produce(self, loads: Iterable[Load], one_topic: str | None = None) -> int:
        """Write records in large batches, in order; with `one_topic` all of them there."""
        count = 0
        async with producer(self.servers) as out:
            for chunk in _chunks(loads):
                rows: dict[tuple[int, str, int], list[Load]] = {}
                for load in chunk:
                    topic = one_topic or self.prefix + load.topic
                    partition = partition_of(load.key, PARTITIONS)
                    rank = 0 if load.topic == "leads.created.v1" else 1
                    rows.setdefault((rank, topic, partition), []).append(load)
                for (_, topic, partition), part in sorted(rows.items()):
                    await append(out, topic, partition, ((r.key, r.value) for r in part))
                await out.flush()
                count += len(chunk)
        return count


def _chunks(loads: Iterable[Load]) -> Iterable[list[Load]]:
    chunk: list[Load] = []
    for load in loads:
        chunk.append(load)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    yield chunk


@asynccontextmanager
async def producer(servers: str, codec: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
    """Batches as large as brokers take them; `codec` such as "zstd"."""
    out = AIOKafkaProducer(
        bootstrap_servers=servers, max_batch_size=900_000, compression_type=codec
    )
    await out.start()
    try:
        yield out
    finally:
        await out.stop()


async def append(
    out: AIOKafkaProducer,
    topic: str,
    partition: int,
    rows: Iterable[tuple[bytes, bytes]],
    headers: Headers = (),
) -> None:
    """Rows as few batches as they fit in."""
    batch, same = out.create_batch(), list(headers)
    for key, value in rows:
        if batch.append(key=key, value=value, timestamp=None, headers=same) is None:
            batch.close()
            await out.send_batch(batch, topic, partition=partition)
            batch = out.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=same)
    batch.close()
    await out.send_batch(batch, topic, partition=partition)


async def drain(
    ground: Ground, process: Process, group: str, topics: Sequence[str], warm: float = 0.1
) -> Cost:
    """Measure from when a share of a backlog is committed to when all of it is.

    From the first commit seen after the share, so that start, JIT and a first fetch are left out; the
    end is the commit of the last record.
    """
    tps = [TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=ground.servers, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    begun: tuple[int, float, float] | None = None
    deadline, done = time.monotonic() + 1_800, 0
    try:
        total = sum((await consumer.end_offsets(tps)).values())
        while time.monotonic() < deadline:
            offsets = await committed_offsets(consumer, tps)
            now, seen = time.monotonic(), sum(max(at, 0) for at in offsets.values())
            if seen > done:
                done = seen
                cpu = process.cpu_seconds()
                if begun is None and done >= total * warm:
                    begun = (done, now, cpu)
                    if ground.flame:
                        process.draw(ground.flame)
                if done >= total and begun is not None:
                    first, began, cpu_began = begun
                    peak = process.memory_mb("VmHWM")
                    return Cost(done - first, now - began, cpu - cpu_began, peak)
            process.cpu_seconds()  # raises when it has died
            await asyncio.sleep(0.1)
    finally:
        await consumer.stop()
    raise TimeoutError(f"{group} folded {done} of {total} records in half an hour")
