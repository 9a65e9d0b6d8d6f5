"""The referee on a cluster: brings the engine's stage, the transport's audit and `scorer.verify` together."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Final, NamedTuple

from scorer import __version__
from scorer.cli.exits import Exit
from scorer.cli.failures import Failure
from scorer.contracts.decode import Decoder
from scorer.contracts.model.file import load_model
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Record
from scorer.engine.flood import FloodLimit
from scorer.engine.pool import pool_factory
from scorer.engine.scoring import scoring_factory
from scorer.settings import Settings
from scorer.transport.audit import Audit
from scorer.transport.changelog import unframe
from scorer.verify.court import Court, ScoringCourt
from scorer.verify.pool_court import PoolCourt
from scorer.verify.referee import Limits, Progress, Referee, Told
from scorer.verify.said import Identity
from scorer.verify.source import Snapshot, Spot
from scorer.verify.verdict import Verdict

_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_NO_LIMIT: Final = FloodLimit(consecutive=1 << 62, ratio=1.0)


class Cluster:
    """`scorer.verify.source.Source` on Kafka."""

    def __init__(self, audit: Audit, now_us: int) -> None:
        self._audit, self._now_us = audit, now_us

    async def snapshot(self, inputs: Sequence[str], outputs: Sequence[str]) -> Snapshot:
        """Where everything stands."""
        it = await self._audit.standing(inputs, outputs)
        return Snapshot(
            taken_us=self._now_us,
            partitions=it.partitions,
            changelog=it.changelog,
            alive=it.alive,
            begins=_spots(it.begins),
            ends=_spots(it.ends),
            committed=_spots(it.committed),
            committed_after=_spots(it.committed_after),
            compacted_before_ms={
                topic: self._now_us // 1000 - lag for topic, lag in it.compaction_lag_ms.items()
            },
        )

    async def read(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        """The committed records of a partition."""
        begin, end = snapshot.begins[spot], snapshot.ends[spot]
        async for record in self._audit.read(spot.topic, spot.partition, begin, end):
            yield record

    async def read_since(self, spot: Spot, snapshot: Snapshot) -> AsyncIterator[Record]:
        """The committed records behind the snapshot."""
        end = await self._audit.end(spot.topic, spot.partition)
        async for record in self._audit.read(spot.topic, spot.partition, snapshot.ends[spot], end):
            yield record


def _spots(offsets: Mapping[tuple[str, int], int]) -> dict[Spot, int]:
    return {Spot(*place): offset for place, offset in offsets.items()}


async def verify(
    settings: Settings,
    now_us: int,
    limits: Limits,
    progress: Progress = lambda _d, _o: None,
    *,
    stage: str = "scoring",
    jobs: int = 1,
) -> Verdict:
    """Judge one stage of an installation; with several `jobs` so many partitions at a time."""
    case = _Case(settings, now_us, limits, stage)
    async with Audit(settings, stage) as audit:
        referee = case.referee(audit)
        if jobs <= 1:
            return await referee.run(progress)
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as processes:

            async def elsewhere(snapshot: Snapshot, partition: int, told: Told) -> Verdict:
                loop = asyncio.get_running_loop()
                part = await loop.run_in_executor(processes, case.partition, snapshot, partition)
                told(1.0)
                return part

            return await referee.run(progress, elsewhere)


class _Case(NamedTuple):
    """What is to be judged; goes to another process as it is."""

    settings: Settings
    now_us: int
    limits: Limits
    stage: str

    def referee(self, audit: Audit) -> Referee:
        court = _COURTS[self.stage](self.settings)
        return Referee(Cluster(audit, self.now_us), court, unframe=unframe, limits=self.limits)

    def partition(self, snapshot: Snapshot, partition: int) -> Verdict:
        """The verdict on one partition; blocks."""

        async def judged() -> Verdict:
            async with Audit(self.settings, self.stage) as audit:
                return await self.referee(audit).partition(snapshot, partition)

        return asyncio.run(judged())


def _decoder(settings: Settings) -> Decoder:
    tolerance_ms = settings.future_tolerance_s * 1000
    return Decoder(future_tolerance_ms=tolerance_ms, topic_prefix=settings.topics.prefix)


def _scoring(settings: Settings) -> Court:
    decoder = _decoder(settings)
    factory = scoring_factory(
        load_model(settings.model),
        app=settings.app,
        version=__version__,
        future_tolerance_ms=settings.future_tolerance_s * 1000,
        topic_prefix=settings.topics.prefix,
        limit=_NO_LIMIT,
        inspected=False,
    )

    def identify(record: Record) -> Identity | None:
        event = decoder.decode(record)
        return None if isinstance(event, Rejected) else (event.source, event.id)

    return ScoringCourt(factory, identify, settings.topics.prefix)


def _pool(settings: Settings) -> Court:
    factory = pool_factory(
        load_model(settings.model),
        app=settings.app,
        version=__version__,
        partitions=settings.topics.partitions,
        future_tolerance_ms=settings.future_tolerance_s * 1000,
        topic_prefix=settings.topics.prefix,
    )
    return PoolCourt(factory, _decoder(settings), settings.topics.prefix)


_COURTS: Final[Mapping[str, Callable[[Settings], Court]]] = {"scoring": _scoring, "pool": _pool}


def instant_ms(text: str | None, now_us: int) -> int | None:
    """`2026-11-22T09:00Z`, or `90m` for so long ago, as ms since the epoch."""
    if text is None:
        return None
    if ago := re.fullmatch(r"(\d+)([smhd])", text):
        return now_us // 1000 - int(ago[1]) * _UNITS_MS[ago[2]]
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(
            f"{text!r} is no time", "write 2026-11-22T09:00Z, or 90m, 2h, 3d ago", Exit.USAGE
        ) from error
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
