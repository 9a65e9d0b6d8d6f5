"""The running account of one lead: sums per rule, silence anchor, tier. Knows no history, no output.

A ledger is what remains of all evidence up to an instant. Folding the same evidence in canonical
order always yields the same ledger, bit for bit, which is why every float in it is only ever touched
at the time of a piece of evidence and never at the time of a tick.

*Lead time* (τ) is the time that has passed for the lead: event time less holidays and less the spans
in which it was on hold. Decay and silence are counted in lead time; a model without pauses has τ = t.
"""

from __future__ import annotations

from typing import Any, Final

from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan

# An account is what one behaviour rule keeps of a lead: a plain list, so that it needs no
# conversion on its way to and from the store.
COUNT: Final = 0  # occurrences counted
LAST_US: Final = 1  # event time of the latest of them
WEIGHT: Final = 2  # Σ weights as of REF, for decays that can be summed
REF: Final = 3  # lead time at which WEIGHT was last touched
ITEMS: Final = 4  # [[lead time, weight], …] of live occurrences, for the other decays
LIMITS: Final = 5  # what each limit remembers
RUN: Final = 6  # length of the running streak
SUPPRESSED: Final = 7  # occurrences that a limit refused

Account = list[Any]


def new_account() -> Account:
    """What is kept of a rule before its first occurrence."""
    return [0, 0, 0.0, 0, None, None, 0, 0]


class Ledger:
    """Everything that the score of one lead depends on, as of its latest evidence."""

    __slots__ = (
        "accounts",
        "adjustments",
        "anchor",
        "attributes",
        "base",
        "base_since",
        "created_us",
        "fast",
        "fit",
        "held",
        "last_us",
        "locked",
        "paused_at",
        "paused_us",
        "reached",
        "tier",
        "tier_since",
    )

    def __init__(self) -> None:
        self.created_us: int | None = None
        self.last_us = 0  # event time of the latest evidence
        self.attributes: dict[str, list[Any]] = {}  # name → [value, event time]
        self.fit: list[str] = []  # attribute rules that hold, in the order of the model
        self.accounts: dict[str, Account] = {}
        self.anchor = 0  # lead time at which the silence clock last (re)started
        self.held: dict[str, float] = {}  # dimensions that explicit points took below their floor
        self.adjustments: list[list[Any]] = []  # [id, points, author, reason, expires_us | None]
        self.fast: list[Any] | None = None  # [tier, until_us, behaviour]
        self.locked: str | None = None  # an outcome that disqualifies
        self.paused_at: int | None = None  # on hold since (event time)
        self.paused_us = 0  # total of the holds that have ended
        self.base = Tier.COLD  # tier by score alone
        self.base_since = 0
        self.tier = Tier.COLD  # tier as shown: base, fast track and disqualifiers together
        self.tier_since = 0
        self.reached: dict[str, list[int]] = {}  # tier → [first reached, times reached]

    def lead_time(self, plan: Plan, time_us: int) -> int:
        """How much time has passed for the lead at `time_us` (µs; see the module)."""
        spent = time_us - plan.paused_before(time_us) if plan.pauses else time_us
        if self.paused_at is not None and plan.model.hold_pauses_decay and time_us > self.paused_at:
            spent -= spent - (self.paused_at - plan.paused_before(self.paused_at))
        return spent - self.paused_us

    def copy(self) -> Ledger:
        """An independent ledger with the same content."""
        twin = Ledger.__new__(Ledger)
        for name in Ledger.__slots__:
            setattr(twin, name, _copied(getattr(self, name)))
        return twin


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(v) for v in value]
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return value
