"""What the topics hold about some leads of one partition. Reads nothing, judges nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from scorer.contracts.records import Record
from scorer.engine.ports import StateWrite
from scorer.verify.said import Said

Queues = dict[bytes, list[deque[Record]]]
"""By lead, and by rank of the input."""


class Stored(NamedTuple):
    """The last changelog record of a lead; without a state: a tombstone."""

    write: StateWrite | None
    offset: int
    at_ms: int


@dataclass(slots=True)
class Times:
    """Of a whole partition; times are those of the broker."""

    first_ms: int | None = None  # of the oldest record of any input
    last_ms: dict[str, int] = field(default_factory=dict)  # of the folded records, by input
    first_letter_ms: int | None = None
    rewritten: set[bytes] = field(default_factory=set)  # keys with newer states than the snapshot's


@dataclass(slots=True)
class Pile:
    """What the topics hold about some leads of one partition."""

    times: Times
    ranks: int  # so many inputs
    inputs: Queues = field(default_factory=dict)
    extra: Queues = field(default_factory=dict)  # perhaps folded
    said: dict[bytes, dict[str, list[Said]]] = field(default_factory=dict)
    states: dict[bytes, Stored] = field(default_factory=dict)
    beside: dict[bytes, frozenset[str]] = field(default_factory=dict)  # owners that list the lead
    letters: list[Record] = field(default_factory=list)

    def leads(self) -> Iterable[bytes]:
        """Whatever anything is known about."""
        return self.inputs.keys() | self.extra.keys() | self.said.keys() | self.states.keys()
