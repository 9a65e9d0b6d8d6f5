"""The local states of one partition, in RocksDB, in bounded memory. Knows no Kafka client.

A cache of the changelog: deleting it is always safe, and it has no log of its own: a process that is killed
leaves it as of an earlier mark. Keys: `s`+lead → due+state, `d`+due+lead → the
due-index in order of time, `m` → up to where the changelog is applied, `p` → up to where the inputs are
folded, `i` → whose store this is, `v` → the model that made every state, but for those that are due at
once, `n` → leads by tier.
"""

from __future__ import annotations

import shutil
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rocksdict import Rdict, WriteBatch

from scorer.engine.keys import POSITIONS
from scorer.engine.ports import TierOf
from scorer.transport.census import Census
from scorer.transport.changelog import (
    AT_ONCE,
    HEADER,
    NEVER,
    Position,
    due_at_once,
    due_bytes,
    due_from,
    unframe_positions,
)
from scorer.transport.rocks import FILLED, FILLING, options, unlogged
from scorer.transport.seen import Seen

_FORMAT: Final = 1
_META: Final = struct.Struct(">qq")
_SUSPECT: Final = "SUSPECT"  # left beside a store that failed; the next start rebuilds it
_REBUILD_STEP: Final = 20_000


class Mark(NamedTuple):
    """How far the changelog is applied: next offset, and the time of the record before it."""

    offset: int
    timestamp_ms: int


EMPTY: Final = Mark(0, -1)


class Store:
    """One partition of one stage; implements `StateReader`. Not thread-safe, never waits for a net.

    Whatever RocksDB raises comes out as it is: the caller stops, after `suspect()`.
    """

    def __init__(self, path: Path, owner: str, tier_of: TierOf | None = None) -> None:
        """Open or create. `owner` names cluster, topic and partition; see `belongs`.

        `tier_of`: leads are counted by tier; see `leads`.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._owner = f"{_FORMAT}|{owner}".encode()
        self._db = Rdict(str(path), options())
        self._dues: dict[
            bytes, bytes | None
        ] = {}  # as stored, of the keys read since the last apply
        self._flushed_s = time.monotonic()
        self._floor = b"d"  # no entry of the due-index lies before it; skips deleted ones
        if self._db.get(b"i") is None and self._db.get(b"m") is None:
            self._db[b"i"] = self._owner
        self._census = Census(tier_of, self._db.get(b"n"), self.mark.offset)
        self._seen: Seen | None = None  # the keys that `load` has brought

    def belongs(self) -> bool:
        """Whether the store holds what `owner` says and was closed or killed in good order."""
        return bool(self._db.get(b"i") == self._owner) and not _suspect_file(self.path).exists()

    @property
    def mark(self) -> Mark:
        """Up to where the changelog is applied; `EMPTY` for a new store."""
        value = self._db.get(b"m")
        return Mark(*_META.unpack(value)) if value else EMPTY

    @property
    def positions(self) -> dict[str, Position]:
        """Up to where each input (by its real name) is folded, as far as the changelog says so."""
        value = self._db.get(b"p")
        return unframe_positions(value) if value else {}

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """The state of each key, None where there is none."""
        values: Any = self._db.get([b"s" + key for key in keys]) if keys else []
        dues = self._dues
        out: list[bytes | None] = []
        for key, value in zip(keys, values, strict=True):
            dues[key] = value[:HEADER] if value is not None else None
            out.append(value[HEADER:] if value is not None else None)
        return out

    def due_until(self, until_us: int, limit: int) -> Sequence[bytes]:
        """At most `limit` keys that are due at or before `until_us`, earliest first."""
        last = b"d" + due_bytes(until_us + 1)
        entries = self._db.iter()
        entries.seek(self._floor)
        keys: list[bytes] = []
        first: bytes | None = None
        while entries.valid() and len(keys) < limit:
            entry = entries.key()
            if first is None:
                first = entry
            if entry >= last:
                break
            keys.append(entry[1 + HEADER :])
            entries.next()
        self._floor = first if first is not None and first < b"e" else b"e"
        return keys

    def keys(self, prefix: bytes, after: bytes, limit: int) -> Sequence[bytes]:
        """At most `limit` keys that begin with `prefix` and lie behind `after`, in byte order."""
        wanted = b"s" + prefix
        entries = self._db.iter()
        entries.seek(max(wanted, b"s" + after + b"\0"))
        keys: list[bytes] = []
        while entries.valid() and len(keys) < limit and (key := entries.key()).startswith(wanted):
            keys.append(key[1:])
            entries.next()
        return keys

    def earliest_due_us(self) -> int | None:
        """A lower bound of the next due instant; None: nothing is due, ever. Reads nothing."""
        if self._floor == b"e":
            return None
        return 0 if len(self._floor) <= HEADER else due_from(self._floor[1 : 1 + HEADER])

    def next_due_us(self) -> int | None:
        """The next due instant; None: nothing is due, ever. Reads one entry of the due-index."""
        self.due_until(-1, 1)
        return self.earliest_due_us()

    @property
    def leads(self) -> Mapping[str, int] | None:
        """Leads by tier, as of the last write; None: they are not counted."""
        return self._census.counts

    def apply(
        self,
        values: Mapping[bytes, bytes | None],
        mark: Mark,
        moved: Mapping[str, int] | None = None,
    ) -> None:
        """Write changelog values by key, their due instants, and the mark: all or nothing.

        `moved` says how many more leads each tier holds with it; None: the values are looked at.
        """
        states = [key for key in values if key != POSITIONS]
        if moved is None and self._census.counts is not None:
            self._count(states, values)
        else:
            self.get_many([key for key in states if key not in self._dues])
            self._census.add(moved or {})
        batch = self._batch(values)
        self._mark(batch, mark)
        self._write(batch)
        self._dues.clear()

    def load(self, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Fill an empty store in changelog order, with nothing kept if the process dies; then `finish_load`.

        A third of what `apply` takes: what is surely new is not looked up, and no log is written ahead.
        """
        if self._seen is None:
            self._seen = Seen()
            self._db.set_options(FILLING)
            self._census.begin()
        values = dict(records)
        states = [key for key in values if key != POSITIONS]
        self._dues.update(dict.fromkeys(states))  # none, of all that are surely new
        self._count(self._seen.again(states), values)
        self._write(self._batch(values))
        self._dues.clear()

    def finish_load(self, mark: Mark, model: bytes = b"") -> None:
        """Say that the store is complete, and whose model's; a store that died before has no mark."""
        if self._seen is None:
            self._census.begin()  # there was nothing to load
        else:
            self._seen = None
            self._db.set_options(FILLED)
        batch = WriteBatch(raw_mode=True)
        batch.put(b"v", model)
        self._mark(batch, mark)
        self._write(batch)
        self._flush()

    @property
    def empty(self) -> bool:
        """Whether nothing of a changelog is there."""
        entries = self._db.iter()
        for kind in (b"d", b"p", b"s"):
            entries.seek(kind)
            if entries.valid() and entries.key().startswith(kind):
                return False
        return True

    def count_leads(self) -> None:
        """Count what a release before this one has not: one pass, 3 µs a state."""
        if not self._census.kept or self._census.counts is not None:
            return
        self._census.begin()
        for _, value in self._states():
            self._census.found(value[HEADER:])
        batch = WriteBatch(raw_mode=True)
        self._mark(batch, self.mark)
        self._write(batch)

    def adopt(self, model: bytes) -> int:
        """Make every state due at once that another model made; returns how many there are.

        Takes about 8 µs a state, once a change of model. Cut short, it is done again.
        """
        if self._db.get(b"v") == model:
            return 0
        batch, moves, count = WriteBatch(raw_mode=True), _Moves(), 0
        for key, value in self._states():
            moves.add(key[1:], value[:HEADER], AT_ONCE)
            batch.put(key, due_at_once(value))
            count += 1
            if len(batch) >= _REBUILD_STEP:
                self._move(batch, moves)
                self._write(batch)
                batch, moves = WriteBatch(raw_mode=True), _Moves()
        self._move(batch, moves)
        batch.put(b"v", model)
        self._write(batch)
        return count

    def count(self) -> int:
        """How many states there are; walks over all of them."""
        entries = self._db.iter()
        entries.seek(b"s")
        total = 0
        while entries.valid() and entries.key() < b"t":
            total += 1
            entries.next()
        return total

    def close(self) -> None:
        self._db.close()

    def suspect(self) -> None:
        """Have the next start rebuild this store."""
        _suspect_file(self.path).touch()

    def _states(self) -> Iterator[tuple[bytes, bytes]]:
        """Every state as it is stored, as of now, by its key here."""
        entries = self._db.iter()
        entries.seek(b"s")
        while entries.valid() and (key := entries.key()) < b"t":
            yield key, entries.value()
            entries.next()

    def _count(self, old: Sequence[bytes], values: Mapping[bytes, bytes | None]) -> None:
        """Count leads as they change from what is stored under the keys of some to what is given."""
        now = (value and value[HEADER:] for key, value in values.items() if key != POSITIONS)
        self._census.compare(self.get_many(old), now)

    def _batch(self, values: Mapping[bytes, bytes | None]) -> WriteBatch:
        """The writes for changelog values by key, whose dues have been read.

        In the order of the keys, each kind by itself: RocksDB finds the place of a key from that of the
        one before, a tenth of what a write costs.
        """
        batch, moves, dues = WriteBatch(raw_mode=True), _Moves(), self._dues
        for key in sorted(values):
            value = values[key]
            if key == POSITIONS:
                batch.put(b"p", value or b"")
            elif value is None:
                moves.add(key, dues[key], NEVER)
                batch.delete(b"s" + key)
            else:
                moves.add(key, dues[key], value[:HEADER])
                batch.put(b"s" + key, value)
        self._move(batch, moves)
        return batch

    def _write(self, batch: WriteBatch) -> None:
        """All or nothing, in order, and lost with the process unless it has been flushed since."""
        self._db.write(batch, unlogged())

    def _flush(self) -> None:
        self._db.flush()
        self._flushed_s = time.monotonic()

    def flush_after(self, seconds: float) -> None:
        """Put what lies in memory on the disk if that was last done so long ago. RocksDB does it at 16 MB.

        It is what a worker that is killed has to read again from the changelog, and must not be so old
        that the changelog has forgotten a deletion.
        """
        if time.monotonic() - self._flushed_s >= seconds:
            self._flush()

    def _mark(self, batch: WriteBatch, mark: Mark) -> None:
        batch.put(b"m", _META.pack(*mark))
        counted = self._census.written(mark.offset)
        if counted is not None:
            batch.put(b"n", counted)

    def _move(self, batch: WriteBatch, moves: _Moves) -> None:
        """Bring the due-index to what it says from now on."""
        for entry in sorted(moves.gone):
            batch.delete(entry)
        come = sorted(moves.come)
        for entry in come:
            batch.put(entry, b"")
        if come:
            self._floor = min(self._floor, come[0])


class _Moves:
    """Entries of the due-index that go, and those that come."""

    def __init__(self) -> None:
        self.gone: list[bytes] = []
        self.come: list[bytes] = []

    def add(self, key: bytes, old: bytes | None, new: bytes) -> None:
        """A key that was due at one instant is due at another."""
        if old == new:
            return
        if old is not None and old != NEVER:
            self.gone.append(b"d" + old + key)
        if new != NEVER:
            self.come.append(b"d" + new + key)


def wipe(path: Path) -> None:
    """Delete a store that is closed, and whatever was noted about it."""
    shutil.rmtree(path, ignore_errors=True)
    _suspect_file(path).unlink(missing_ok=True)


def _suspect_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.{_SUSPECT}")
