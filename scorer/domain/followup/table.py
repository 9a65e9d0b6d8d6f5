"""When clocks start, stop and expire, and the states of a deadline: as tables.

The fold reads these tables, docs/how-to/follow-up.md shows them, and tests walk through every row.
Knows no lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from scorer.domain.followup.policy import Clock


class Signal(StrEnum):
    """What happens to a lead, as far as a clock can tell."""

    POOLED = "created, released or returned without an owner"
    OWNED = "assigned, claimed or transferred to another owner; or reopened after a win"
    TOUCHED = "a valid touch"
    OPPORTUNITY = "opportunity opened"
    WON = "won"
    CLOSED = "the episode ends with the win"


class Expiry(StrEnum):
    """What an expired clock brings about."""

    RETURN = "return to the pool"
    NOTICE = "a notice to the pool's manager"


class ClockRow(NamedTuple):
    """One clock. What neither meets nor starts it, but ends the episode, cancels it."""

    starts: frozenset[Signal]
    met_by: frozenset[Signal]
    cancelled_by: frozenset[Signal]
    expires: Expiry
    moved_by: str  # for people


_LOST: Final = frozenset({Signal.POOLED, Signal.OWNED, Signal.CLOSED})
_OWNED: Final = frozenset({Signal.OWNED})
_TOUCHED: Final = frozenset({Signal.TOUCHED})
_WARMER: Final = "a warmer tier: the earlier of the running deadline and one from the crossing"

CLOCKS: Final[Mapping[Clock, ClockRow]] = MappingProxyType(
    {
        Clock.MAXIMUM_HOLDING: ClockRow(_OWNED, frozenset(), _LOST, Expiry.RETURN, _WARMER),
        Clock.FIRST_RESPONSE: ClockRow(_OWNED, _TOUCHED, _LOST, Expiry.RETURN, _WARMER),
        Clock.NEXT_FOLLOW_UP: ClockRow(
            # From assignment where a tier has no limit for the first response (F6).
            _OWNED | _TOUCHED,
            _TOUCHED,
            _LOST,
            Expiry.RETURN,
            f"each valid touch: min(max(due, touch + limit), start + maximum holding); {_WARMER}",
        ),
        Clock.NO_OPPORTUNITY: ClockRow(
            _OWNED,
            frozenset({Signal.OPPORTUNITY, Signal.WON}),
            _LOST,
            Expiry.RETURN,
            _WARMER,
        ),
        Clock.NO_DEAL: ClockRow(_OWNED, frozenset({Signal.WON}), _LOST, Expiry.RETURN, _WARMER),
        Clock.UNASSIGNED: ClockRow(
            frozenset({Signal.POOLED}),
            _OWNED,
            frozenset({Signal.POOLED, Signal.CLOSED}),
            Expiry.NOTICE,
            _WARMER,
        ),
    }
)
"""In the order in which clocks that expire at the same instant are heard."""


class State(StrEnum):
    """The states of one deadline. An exempt one stands still in whichever state it is."""

    ARMED = "armed"
    WARNED = "warned"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    VOIDED = "voided"


class Move(StrEnum):
    """What takes a deadline from one state to the next."""

    ARM = "the clock starts"
    SHIFT = "the deadline moves"
    REMIND = "a reminder is due"
    MEET = "what it waits for happens"
    EXPIRE = "its instant comes"
    END = "the episode ends otherwise, or an exemption restarts it"
    UNDO = "late evidence would have prevented it, and nobody has the lead yet"


MACHINE: Final[Mapping[tuple[State | None, Move], State]] = MappingProxyType(
    {
        (None, Move.ARM): State.ARMED,
        (State.ARMED, Move.SHIFT): State.ARMED,
        (State.ARMED, Move.REMIND): State.WARNED,
        (State.ARMED, Move.MEET): State.MET,
        (State.ARMED, Move.EXPIRE): State.BREACHED,
        (State.ARMED, Move.END): State.CANCELLED,
        (State.WARNED, Move.SHIFT): State.WARNED,
        (State.WARNED, Move.REMIND): State.WARNED,
        (State.WARNED, Move.MEET): State.MET,
        (State.WARNED, Move.EXPIRE): State.BREACHED,
        (State.WARNED, Move.END): State.CANCELLED,
        (State.BREACHED, Move.UNDO): State.VOIDED,
    }
)
"""What is not in the table cannot happen."""

TERMINAL: Final = frozenset({State.MET, State.BREACHED, State.CANCELLED, State.VOIDED})
"""Every deadline ends in exactly one of them (`breached` may still become `voided`)."""


def clock_table() -> list[tuple[str, ...]]:
    """The clocks as rows of words, for documentation."""
    rows: list[tuple[str, ...]] = [
        ("clock", "starts", "met by", "moved by", "cancelled by", "expires into")
    ]
    for clock, row in CLOCKS.items():
        signals = (row.starts, row.met_by, row.cancelled_by - row.met_by)
        starts, met_by, cancelled_by = (
            "; ".join(s for s in Signal if s in each) for each in signals
        )
        moved = row.moved_by
        rows.append((clock.value, starts, met_by or "nothing", moved, cancelled_by, row.expires))
    return rows


def state_table() -> list[tuple[str, ...]]:
    """The transitions of a deadline as rows of words, for documentation."""
    head: list[tuple[str, ...]] = [("state", "when", "becomes")]
    return head + [
        (state.value if state else "", move.value, after.value)
        for (state, move), after in MACHINE.items()
    ]
