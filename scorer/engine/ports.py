"""The shapes between the engine and whatever carries it: Kafka lanes, an in-memory driver, a test.

Knows no Kafka client. A `Stage` turns a batch of records into `Effects`, which are data; whoever
drives the stage applies them, all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from scorer.contracts.records import Message, Record


class StateWrite(NamedTuple):
    """The new state of one lead in one stage."""

    value: bytes | None  # None: nothing is held any more (tombstone)
    due_us: int | None  # next instant at which time alone changes it; None: never


TierOf = Callable[[bytes], str | None]
"""The tier that a stored state counts for in `Effects.moved`; None: for none."""


class Effects(NamedTuple):
    """All that a batch or a tick brings about. Applied atomically or not at all."""

    outputs: Sequence[Message]  # in the order in which they must appear
    dead_letters: Sequence[Message]
    states: Mapping[bytes, StateWrite]  # by key
    due_left: bool = False  # of a tick: more leads are due than fitted in it
    moved: Mapping[str, int] = MappingProxyType({})  # by tier: how many more leads it holds now


NO_EFFECTS: Final = Effects((), (), MappingProxyType({}))


class StateReader(Protocol):
    """The committed states of one partition of one stage."""

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """The stored value of each key, None where there is none. Never blocks for the network."""

    def due_until(self, until_us: int, limit: int) -> Sequence[bytes]:
        """At most `limit` keys whose due instant is at or before `until_us`, earliest first."""

    def keys(self, prefix: bytes, after: bytes, limit: int) -> Sequence[bytes]:
        """At most `limit` keys that begin with `prefix` and lie behind `after`, in byte order."""


class Stage(Protocol):
    """One partition's share of a stage. Pure but for its caches: same input, same effects.

    One instance belongs to one lane and is never called concurrently. `process` and `tick` may
    cache decoded states; after effects that were not applied the instance must be thrown away.
    """

    def process(self, records: Sequence[Record], states: StateReader) -> Effects:
        """Fold a batch that is in the order in which it must be folded. Never raises for bad input."""

    def tick(self, until_us: int, states: StateReader, limit: int) -> Effects:
        """Advance the leads that are due at or before `until_us` (watermark, µs)."""

    def counters(self) -> Mapping[tuple[str, ...], float]:
        """Drain what was counted since the last call: (metric, label values…) → increment."""


class StageFactory(Protocol):
    """Makes the stage of a partition; what `topologies` is configured with."""

    name: str  # "scoring", "pool"
    inputs: Sequence[str]  # logical topic names, in merge order
    outputs: Sequence[str]
    tier_of: TierOf | None  # None: the stage counts no leads

    def __call__(self, partition: int) -> Stage: ...
