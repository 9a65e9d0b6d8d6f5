"""The whole product without a broker: records in, outputs and states out, in memory.

For tests, `trace`, `simulate` and the referee. The driver applies effects as a lane does: all of a
batch, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scorer.contracts.records import AnyHeaders, Message, Record
from scorer.engine.ports import Effects, Stage


class MemoryRecord(NamedTuple):
    """A record as plain values: one that never saw a broker, or what is to be remembered of one that did."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: AnyHeaders = ()
    partition: int = 0
    offset: int = 0


@dataclass(slots=True)
class MemoryStore:
    """The committed states of one partition (`scorer.engine.ports.StateReader`)."""

    states: dict[bytes, bytes] = field(default_factory=dict)
    due: dict[bytes, int] = field(default_factory=dict)

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        return [self.states.get(key) for key in keys]

    def due_until(self, until_us: int, limit: int) -> Sequence[bytes]:
        ready = sorted((due, key) for key, due in self.due.items() if due <= until_us)
        return [key for _, key in ready[:limit]]

    def keys(self, prefix: bytes, after: bytes, limit: int) -> Sequence[bytes]:
        found = sorted(key for key in self.states if key.startswith(prefix) and key > after)
        return found[:limit]

    def apply(self, effects: Effects) -> None:
        """Take over new states and due instants."""
        for key, write in effects.states.items():
            self.due.pop(key, None)
            if write.value is None:
                self.states.pop(key, None)
            else:
                self.states[key] = write.value
                if write.due_us is not None:
                    self.due[key] = write.due_us


class MemoryDriver:
    """Runs one stage over records in the order in which they are given."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.store = MemoryStore()
        self.outputs: list[Message] = []
        self.dead_letters: list[Message] = []

    def feed(self, records: Sequence[Record]) -> list[Message]:
        """Process one batch; the outputs that it brought about."""
        return self._apply(self.stage.process(records, self.store))

    def advance(self, until_us: int) -> list[Message]:
        """Let time pass to an instant; the outputs that it brought about."""
        said: list[Message] = []
        while True:
            effects = self.stage.tick(until_us, self.store, 1_000)
            said += self._apply(effects)
            if not effects.due_left:
                return said

    def _apply(self, effects: Effects) -> list[Message]:
        self.store.apply(effects)
        self.outputs += effects.outputs
        self.dead_letters += effects.dead_letters
        return list(effects.outputs)
