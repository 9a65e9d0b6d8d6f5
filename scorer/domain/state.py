"""What is kept of one lead in the scoring stage. Knows its parts, not how they are stored."""

from __future__ import annotations

from typing import Final, NamedTuple

from mypy_extensions import mypyc_attr

from scorer.domain.ledger import Ledger
from scorer.domain.outputs import Cause
from scorer.domain.prediction import Change
from scorer.domain.remembered import Remembered

SCHEMA: Final = 3
"""Version of the stored form. A newer one is refused, an older one is migrated on read."""


class Pending(NamedTuple):
    """Changes of score that will be said in one event (T4)."""

    first_score: float  # what was published before the run
    since_us: int
    changes: int
    cause: Cause  # of the latest


@mypyc_attr(acyclic=True)
class LeadState(Remembered):
    """One lead in the scoring stage: its evidence, and the ledgers that follow from it."""

    __slots__ = ("base", "head", "model_hash", "next", "pending", "published")

    def __init__(self, model_hash: str) -> None:
        super().__init__()
        self.model_hash = model_hash
        self.base: Ledger | None = None
        self.head = Ledger()
        self.published: float | None = None  # the score last published
        self.pending: Pending | None = None
        self.next: Change | None = None  # the next crossing by time alone

    def flush_us(self, coalesce_us: int) -> int | None:
        """When the collected run of changes is to be said."""
        return None if self.pending is None else self.pending.since_us + coalesce_us

    def due_us(self, coalesce_us: int) -> int | None:
        """The next instant at which time alone changes something that is published."""
        crossing, flush = self.next.time_us if self.next else None, self.flush_us(coalesce_us)
        if crossing is None or flush is None:
            return flush if crossing is None else crossing
        return min(flush, crossing)
