"""The reps of the demo: one follows up well, one late, one never. Knows the words of the default model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scorer.demo.script import CRM, Dice, Post
from scorer.domain.events import Body, LeadEvent, Ownership, OwnershipChange, Touch

WELL: Final = "rep-ann"
LATE: Final = "rep-bob"
NEVER: Final = "rep-cem"
ROUTED: Final = (WELL, WELL, WELL, LATE, LATE, NEVER)
"""To whom leads go: half of them to the one who calls back."""


def follow_up(dice: Dice, lead_id: str, arrival_us: int) -> Iterator[Post]:
    """What the reps do about one lead, from its assignment on. In no order of time."""
    owner = dice.choice(ROUTED)
    log = _Log(lead_id)
    now_us = arrival_us + dice.hours(0.5, 3)
    yield log.post(now_us, Ownership(OwnershipChange.ASSIGNED, owner, by="routing"))
    if owner == WELL:
        yield from _well(dice, log, now_us, dice.randint(8, 20))
    elif owner == LATE:
        yield from _late(dice, log, now_us)
    else:  # the pool has it by then, and somebody else takes it
        now_us += dice.days(8, 12)
        yield log.post(now_us, Ownership(OwnershipChange.CLAIMED, WELL))
        yield from _well(dice, log, now_us, 6)


def _well(dice: Dice, log: _Log, now_us: int, touches: int) -> Iterator[Post]:
    """A call within hours, then every other day."""
    now_us += dice.hours(0.5, 3)
    for _ in range(touches):
        yield log.post(now_us, Touch(dice.choice(("call_answered", "message", "meeting")), WELL))
        now_us += dice.days(1, 2.5)


def _late(dice: Dice, log: _Log, now_us: int) -> Iterator[Post]:
    """Days pass before the first touch; or it was made in time, and is logged days later."""
    if dice.random() < 0.4:
        called_us = now_us + dice.hours(2, 3.5)
        yield log.post(called_us, Touch("call_answered", LATE), said_us=now_us + dice.days(2.2, 3))
        return
    for _ in range(dice.randint(1, 3)):
        now_us += dice.days(1.5, 8)
        yield log.post(now_us, Touch("message", LATE))


class _Log:
    """Gives what is logged about a lead an identity."""

    def __init__(self, lead_id: str) -> None:
        self._lead_id, self._count = lead_id, 0

    def post(self, time_us: int, body: Body, said_us: int | None = None) -> Post:
        """An event, and when it is published: at once if nothing is said."""
        self._count += 1
        event = LeadEvent(self._lead_id, time_us, CRM, f"{self._lead_id}.rep.{self._count}", body)
        return Post(said_us or time_us, event)
