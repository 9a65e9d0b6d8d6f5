"""One lead a second and partition, looked at as an auditor would. Counts and logs; decides nothing.

Costs 0.1 to 1 ms a second. A million leads that each do something now and then are all looked at within
weeks; a defect that touches many of them shows within seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

import structlog

from scorer.contracts.inspection import Inconsistency, inspect, latest, stored_differs
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.ports import StateReader
from scorer.observe.logs import Event

EVERY_MS: Final = 1_000
_log = structlog.get_logger()


class Inspector:
    """Belongs to one partition. Time is that of the records, so that a replay looks at the same leads."""

    def __init__(self, plan: Plan, counts: Counter[tuple[str, ...]]) -> None:
        """`counts` is where it counts: that of the stage."""
        self._plan = plan
        self._counts = counts
        self._next_ms = 0
        self._said_us = 0  # of the chosen lead, before the batch changes it

    def choose(self, now_ms: int, keys: Collection[bytes]) -> bytes | None:
        """The lead of a batch to look at; None when it is too early or the batch has no lead.

        `now_ms` is the time of the batch. A lead that is new is not looked at, and the next batch may choose.
        """
        if now_ms < self._next_ms or not keys:
            return None
        return list(keys)[now_ms % len(keys)]

    def before(self, key: bytes, state: LeadState, now_ms: int, states: StateReader) -> None:
        """Look at the chosen lead as it was committed, from the cache or the store."""
        self._next_ms = now_ms + EVERY_MS
        self._said_us = latest(state)
        if stored_differs(state, states.get_many([key])[0]):
            self._found(key, Inconsistency.STORED)

    def look(self, key: bytes, state: LeadState | None) -> None:
        """Look at the chosen lead after the batch was folded; None: it was erased."""
        self._counts["consistency_checks",] += 1
        for what in inspect(state, self._plan, self._said_us) if state is not None else ():
            self._found(key, what)

    def _found(self, key: bytes, what: Inconsistency) -> None:
        self._counts["inconsistencies", what] += 1
        _log.error(Event.STATE_INCONSISTENT, lead_id=key.decode(errors="replace"), what=what.value)
