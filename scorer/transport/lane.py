"""One partition of one stage: take, fold, commit, store; and tick. Knows the order of these steps.

Everything that a batch brings about is committed in one Kafka transaction, and only then written to
the local store. Nothing is retried inside a half-done unit: whatever fails ends the worker, and the
next owner of the partition begins at the last commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from scorer.contracts.records import Record
from scorer.engine.keys import POSITIONS
from scorer.engine.ports import Effects, Stage, StateReader
from scorer.transport.changelog import frame_all, frame_positions
from scorer.transport.clock import Clock
from scorer.transport.exits import FoldFailed, StoreFailed, Stuck, TransportError
from scorer.transport.fetched import Fetched
from scorer.transport.inbox import Inbox
from scorer.transport.store import Mark, Store
from scorer.transport.writer import Writer, Written

_STOP_S: Final = 8.0  # a commit takes 30 ms; a supervisor kills after 10 s
_BLOCKED_S: Final = 0.01  # until the end of an input is asked for again
_COUNTED: Final = 10_000  # leads that are due are counted up to here: 5 ms
_COUNT_EVERY_S: Final = 5.0  # not after each tick of a backlog


class Watch(Protocol):
    """What a lane tells about itself; see `scorer.transport.report`."""

    def folded(self, records: Sequence[Record], stage: Stage, seconds: float) -> None: ...
    def committed(self, records: Sequence[Record], effects: Effects, seconds: float) -> None: ...
    def ticked(self, watermark_us: int, stage: Stage, due: int) -> None: ...
    def holds(self, leads: Mapping[str, int] | None, next_due_us: int | None) -> None: ...
    def beat(self) -> None: ...
    def retired(self) -> None: ...


class Pace(NamedTuple):
    """How often a lane looks at what is due, how much of it one commit takes, how often it commits, and keeps."""

    tick_s: float
    due_batch: int
    commit_s: float  # at least, from the beginning of one to that of the next
    flush_s: float  # after which what is only in memory goes to the disk


class Lane:
    """Runs as one task from `start` to `stop`; calls `on_failure` once if it fails."""

    def __init__(
        self,
        stage: Stage,
        inbox: Inbox,
        store: Store,
        writer: Writer,
        *,
        clock: Clock,
        pace: Pace,
        watch: Watch,
        on_failure: Callable[[TransportError], None],
    ) -> None:
        self.inbox = inbox
        self._stage = stage
        self._store = store
        self._writer = writer
        self._clock = clock
        self._pace = pace
        self._watch = watch
        self._on_failure = on_failure
        self._folded = store.positions
        self._arrived = asyncio.Event()
        self._stopping = False
        self._next_tick = 0.0
        self._next_fold = 0.0
        self._next_count = 0.0
        self._due = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def put(self, batch: Fetched) -> bool:
        """Queue a batch; False when records before it are missing and must be fetched again."""
        continues = self.inbox.put(batch)
        self._arrived.set()
        return continues

    async def stop(self) -> None:
        """End after the unit under way, then close the writer. The store stays open."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=_STOP_S)
            if not done:
                self._task.cancel()
                self._on_failure(Stuck(f"a lane did not end its commit within {_STOP_S} s"))
        self._watch.retired()
        await self._writer.stop()

    async def _run(self) -> None:
        try:
            self._tell()
            while not self._stopping:
                self._watch.beat()
                self._arrived.clear()
                records = self._take()
                if records:
                    await self._fold(records)
                if time.monotonic() >= self._next_tick:
                    left = await self._tick()
                    self._tell()
                    self._next_tick = time.monotonic() + (0 if left else self._pace.tick_s)
                elif not records:
                    await self._wait()
        except TransportError as error:
            self._on_failure(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  (a defect of the lane: stop as for one in the fold)
            failure = FoldFailed(f"the lane failed: {error!r}")
            failure.__cause__ = error
            self._on_failure(failure)

    def _take(self) -> Sequence[Record]:
        """What is to be folded now."""
        now = time.monotonic()
        if now < self._next_fold:
            return ()
        records = self.inbox.take()
        if records:
            self._next_fold = now + self._pace.commit_s
        return records

    async def _wait(self) -> None:
        """Until a batch arrives or the next tick; a moment when a known one is still under way.

        What arrives before the next commit may begin waits for it.
        """
        now = time.monotonic()
        until_tick, until_fold = self._next_tick - now, self._next_fold - now
        if until_fold > 0:
            await asyncio.sleep(min(until_fold, until_tick))
            return
        seconds = until_tick if self.inbox.empty() else min(until_tick, _BLOCKED_S)
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._arrived.wait()
        except TimeoutError:
            return

    async def _fold(self, records: Sequence[Record]) -> None:
        began = time.perf_counter()
        effects = self._ask(lambda states: self._stage.process(records, states))
        self._watch.folded(records, self._stage, time.perf_counter() - began)
        await self._commit(records, effects)
        self.inbox.settled()

    async def _tick(self) -> bool:
        """Advance what is due; True when more is due than fitted."""
        watermark_us = self.inbox.watermark_us()
        if watermark_us is None:
            return False
        watermark_us = min(watermark_us, self._clock.now_us())
        left = False
        due_us = self._store.earliest_due_us()
        if due_us is not None and due_us <= watermark_us:
            limit = self._pace.due_batch
            effects = self._ask(lambda states: self._stage.tick(watermark_us, states, limit))
            if effects.states or effects.outputs or effects.dead_letters:
                await self._commit((), effects)
                left = effects.due_left
        self._watch.ticked(watermark_us, self._stage, self._waiting(watermark_us) if left else 0)
        return left

    def _waiting(self, watermark_us: int) -> int:
        """How many leads are due, as of the last five seconds."""
        if time.monotonic() >= self._next_count:
            self._due = len(self._store.due_until(watermark_us, _COUNTED))
            self._next_count = time.monotonic() + _COUNT_EVERY_S
        return self._due

    def _tell(self) -> None:
        """What the partition holds, and when time alone changes it next."""
        try:
            next_due_us = self._store.next_due_us()
        except Exception as error:
            raise _store_failed(self._store, error) from error
        self._watch.holds(self._store.leads, next_due_us)

    def _ask(self, work: Callable[[StateReader], Effects]) -> Effects:
        states = _Guarded(self._store)
        try:
            return work(states)
        except TransportError:
            raise
        except Exception as error:
            raise FoldFailed(f"the fold raised {type(error).__name__}: {error}") from error

    async def _commit(self, records: Sequence[Record], effects: Effects) -> None:
        began = time.perf_counter()
        values = frame_all(effects.states)
        read = self.inbox.positions(records)
        if read:
            self._folded |= read
            values[POSITIONS] = frame_positions(self._folded)
        offsets = {topic: position.offset for topic, position in read.items()}
        written = await self._writer.commit(effects, values, offsets)
        self._keep(values, written, effects.moved)
        self._watch.committed(records, effects, time.perf_counter() - began)

    def _keep(
        self, values: Mapping[bytes, bytes | None], written: Written, moved: Mapping[str, int]
    ) -> None:
        if not values:
            return  # nothing to keep
        try:
            self._store.apply(values, Mark(written.end, written.timestamp_ms), moved)
            self._store.flush_after(self._pace.flush_s)
        except Exception as error:
            raise _store_failed(self._store, error) from error


class _Guarded:
    """The store as the stage sees it: an error of the disk is no bug in the fold."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        try:
            return self._store.get_many(keys)
        except Exception as error:
            raise _store_failed(self._store, error) from error

    def due_until(self, until_us: int, limit: int) -> Sequence[bytes]:
        try:
            return self._store.due_until(until_us, limit)
        except Exception as error:
            raise _store_failed(self._store, error) from error

    def keys(self, prefix: bytes, after: bytes, limit: int) -> Sequence[bytes]:
        try:
            return self._store.keys(prefix, after, limit)
        except Exception as error:
            raise _store_failed(self._store, error) from error


def _store_failed(store: Store, error: Exception) -> StoreFailed:
    store.suspect()
    return StoreFailed(f"the local store {store.path} failed: {error!r}")
