"""The running account of one lead: sums per rule, silence anchor, tier. Knows no history, no output.

A ledger is what remains of all evidence up to an instant. Folding the same evidence in canonical
order always yields the same ledger, bit for bit, which is why every float in it is only ever touched
at the time of a piece of evidence and never at the time of a tick.

*Lead time* (τ) is the time that has passed for the lead: event time less holidays and less the spans
in which it was on hold. Decay and silence are counted in lead time; a model without pauses has τ = t.
"""

from __future__ import annotations

from typing import Any, Final

from mypy_extensions import mypyc_attr

from scorer.domain.outputs import Tier
from scorer.domain.plan import Plan
from scorer.domain.sealed import Sealed

COLD: Final[Tier] = Tier.COLD  # to look a member up in its enumeration costs as much as a rule


@mypyc_attr(acyclic=True)
class Account:
    """What one behaviour rule keeps of a lead."""

    __slots__ = ("_limits", "count", "items", "last_us", "ref", "run", "suppressed", "weight")

    def __init__(self) -> None:
        self.count: int = 0  # occurrences counted
        self.last_us: int = 0  # event time of the latest of them
        self.weight: float = 0.0  # Σ weights: as of `ref`, or of the items where there are some
        self.ref: int = 0  # lead time at which `weight` was last touched
        self.items: list[list[float]] | None = None  # [lead time, weight] of each live occurrence
        self._limits: list[Any] | Sealed | None = None
        self.run: int = 0  # length of the running streak
        self.suppressed: int = 0  # occurrences that a limit refused

    @property
    def limits(self) -> list[Any] | None:
        """What each limit remembers."""
        limits = self._limits
        if isinstance(limits, Sealed):
            opened: list[Any] = limits.open()
            self._limits = opened
            return opened
        return limits

    @limits.setter
    def limits(self, limits: list[Any] | None) -> None:
        self._limits = limits

    def limits_as_kept(self) -> list[Any] | Sealed | None:
        """The same without opening them."""
        return self._limits

    def seal_limits(self, limits: Sealed) -> None:
        """Keep them as they were stored until somebody asks."""
        self._limits = limits

    def weigh(self) -> None:
        """Add the items up anew, the oldest first."""
        weight = 0.0
        for item in self.items or ():
            weight += item[1]
        self.weight = weight

    def copy(self) -> Account:
        """An independent account with the same content."""
        twin = Account()
        twin.count, twin.last_us, twin.weight, twin.ref = (
            self.count,
            self.last_us,
            self.weight,
            self.ref,
        )
        twin.items = None if self.items is None else [item.copy() for item in self.items]
        twin._limits = _copied(self._limits)
        twin.run, twin.suppressed = self.run, self.suppressed
        return twin


@mypyc_attr(acyclic=True)
class Ledger:
    """Everything that the score of one lead depends on, as of its latest evidence."""

    __slots__ = (
        "_attributes",
        "_kept",
        "_reached",
        "accounts",
        "adjustments",
        "anchor",
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
        "tier",
        "tier_since",
    )

    def __init__(self) -> None:
        self.created_us: int | None = None
        self.last_us = 0  # event time of the latest evidence
        self._attributes: dict[str, list[Any]] | None = {}  # None: in `_kept` alone
        self._kept: Sealed | None = None  # the attributes as they are stored, until one changes
        self.fit: list[str] = []  # attribute rules that hold, in the order of the model
        self.accounts: dict[str, Account] = {}
        self.anchor = 0  # lead time at which the silence clock last (re)started
        self.held: dict[str, float] = {}  # dimensions that explicit points took below their floor
        self.adjustments: list[list[Any]] = []  # [id, points, author, reason, expires_us | None]
        self.fast: list[list[Any]] = []  # raised hands: [tier, until_us, behaviour], one a tier
        self.locked: str | None = None  # an outcome that disqualifies
        self.paused_at: int | None = None  # on hold since (event time)
        self.paused_us = 0  # total of the holds that have ended
        self.base: Tier = COLD  # tier by score alone
        self.base_since = 0
        self.tier: Tier = COLD  # tier as shown: base, fast track and disqualifiers together
        self.tier_since = 0
        self._reached: dict[str, list[int]] | Sealed = {}

    @property
    def attributes(self) -> dict[str, list[Any]]:
        """Name → [value, event time]; to look at. See `know`."""
        attributes = self._attributes
        if attributes is None:
            attributes = {} if self._kept is None else self._kept.open()
            self._attributes = attributes
        return attributes

    @attributes.setter
    def attributes(self, attributes: dict[str, list[Any]]) -> None:
        self._attributes, self._kept = attributes, None

    def know(self, name: str, value: Any, time_us: int) -> None:
        """An attribute has a value since some event; None: it was taken away."""
        self.attributes[name] = [value, time_us]
        self._kept = None

    @property
    def reached(self) -> dict[str, list[int]]:
        """Tier → [first, times, last told anew]."""
        reached = self._reached
        if isinstance(reached, Sealed):
            opened: dict[str, list[int]] = reached.open()
            self._reached = opened
            return opened
        return reached

    @reached.setter
    def reached(self, reached: dict[str, list[int]]) -> None:
        self._reached = reached

    def has_reached(self) -> bool:
        """Whether it has been in any tier. Only what is not empty is sealed."""
        return isinstance(self._reached, Sealed) or bool(self._reached)

    def as_kept(self) -> tuple[dict[str, list[Any]] | Sealed, dict[str, list[int]] | Sealed]:
        """`attributes` and `reached` as they were stored where nothing has changed in them."""
        return self.attributes if self._kept is None else self._kept, self._reached

    def seal(self, attributes: Sealed | None, reached: Sealed | None) -> None:
        """Keep them as they were stored until somebody asks; None: there are none."""
        if attributes is not None:
            self._attributes, self._kept = None, attributes
        if reached is not None:
            self._reached = reached

    def lead_time(self, plan: Plan, time_us: int) -> int:
        """How much time has passed for the lead at `time_us` (µs; see the module)."""
        spent = time_us - plan.paused_before(time_us) if plan.pauses else time_us
        if self.paused_at is not None and plan.model.hold_pauses_decay and time_us > self.paused_at:
            spent -= spent - (self.paused_at - plan.paused_before(self.paused_at))
        return spent - self.paused_us

    def copy(self) -> Ledger:
        """An independent ledger with the same content."""
        twin = Ledger()
        twin.created_us, twin.last_us = self.created_us, self.last_us
        twin._attributes, twin._kept = _copied(self._attributes), self._kept
        twin.fit = self.fit.copy()
        twin.accounts = {name: account.copy() for name, account in self.accounts.items()}
        twin.anchor, twin.held = self.anchor, self.held.copy()
        twin.adjustments, twin.fast = _copied(self.adjustments), _copied(self.fast)
        twin.locked, twin.paused_at, twin.paused_us = self.locked, self.paused_at, self.paused_us
        twin.base, twin.base_since = self.base, self.base_since
        twin.tier, twin.tier_since = self.tier, self.tier_since
        twin._reached = _copied(self._reached)
        return twin


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(v) for v in value]
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return value
