"""What the topics hold about some leads of one partition. Reads nothing, judges nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from scorer.contracts.records import Record
from scorer.engine.ports import StateWrite
from scorer.verify.said import Said


class Stored(NamedTuple):
    """The last changelog record of a lead; without a state: a tombstone."""

    write: StateWrite | None
    offset: int
    at_ms: int


@dataclass(slots=True)
class Pile:
    """What the topics hold about some leads of one partition."""

    inputs: dict[bytes, list[deque[Record]]] = field(default_factory=dict)
    extra: dict[bytes, list[deque[Record]]] = field(default_factory=dict)  # perhaps folded
    said: dict[bytes, dict[str, list[Said]]] = field(default_factory=dict)
    states: dict[bytes, Stored] = field(default_factory=dict)
    beside: dict[bytes, frozenset[str]] = field(default_factory=dict)  # owners that list the lead
    letters: list[Record] = field(default_factory=list)
    first_ms: int | None = None  # of the oldest record of any input
    last_ms: dict[str, int] = field(default_factory=dict)  # of the folded records, by input
    first_letter_ms: int | None = None
