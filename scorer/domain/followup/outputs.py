"""What the pool says about a lead. Knows the meaning of an output, not how it is written."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from scorer.domain.followup.policy import Clock
from scorer.domain.outputs import Tier


class Stage(StrEnum):
    """How far a deadline has come when somebody hears of it."""

    REMINDER = "reminder"
    EXPIRED = "expired"


class Reason(StrEnum):
    """Why a lead left its owner by our doing: a clock that expired, or an owner who left."""

    MAXIMUM_HOLDING = Clock.MAXIMUM_HOLDING.value
    FIRST_RESPONSE = Clock.FIRST_RESPONSE.value
    NEXT_FOLLOW_UP = Clock.NEXT_FOLLOW_UP.value
    NO_OPPORTUNITY = Clock.NO_OPPORTUNITY.value
    NO_DEAL = Clock.NO_DEAL.value
    OWNER_LEFT = "owner_left"


class About(NamedTuple):
    """What every output of the pool says first."""

    id: str
    lead_id: str
    time_us: int  # of the event: the deadline, or when it became known if that was later
    episode: str  # one ownership of the lead, or one stay in the pool
    owner: str | None
    tier: Tier
    source_channel: str | None
    model_version: str
    model_hash: str


class Deadline(NamedTuple):
    """The clock that an output is about, and its numbers."""

    clock: Clock
    start_us: int
    limit_us: int  # as the policy has it, in the time that it counts
    due_us: int


class Touched(NamedTuple):
    """A touch, as the next owner reads of it."""

    time_us: int
    kind: str
    by: str | None


class Summary(NamedTuple):
    """What the next owner must know (F18)."""

    touches: int  # of all owners
    last_touches: tuple[Touched, ...]  # the latest first
    score: float | None
    why_en: str
    why_zh: str


class FollowUpDue(NamedTuple):
    """A deadline comes near (`reminder`), or has passed and only words follow (`expired`)."""

    about: About
    deadline: Deadline
    stage: Stage
    to: str
    number: int  # of the reminder, from 1; 0: expired
    of: int
    risk: bool


class Returned(NamedTuple):
    """The lead was taken from its owner."""

    about: About
    deadline: Deadline | None  # None: its owner left
    reason: Reason
    previous_owner: str
    pool: str | None
    dead: bool
    return_count: int
    held_since_us: int
    last_touch_us: int | None  # of the previous owner
    touches: int  # of the previous owner
    summary: Summary


class HandedOver(NamedTuple):
    """The lead went from an owner who left to the one who was named (F22)."""

    about: About
    previous_owner: str
    held_since_us: int
    summary: Summary


class Voided(NamedTuple):
    """A return that is to be undone: evidence came late that would have prevented it (F13)."""

    about: About
    deadline: Deadline | None  # of the return
    reason: Reason
    returned_id: str  # the id of the event that is undone
    returned_us: int
    evidence_source: str
    evidence_id: str
    evidence_what: str  # "touch", "won", …
    evidence_us: int
    next_due_us: int | None


class Met(NamedTuple):
    """What a clock waited for has happened, in time (F23)."""

    about: About
    deadline: Deadline
    took_us: int  # of real time, from the start
    by: str  # what met it: the kind of the touch, "assigned", "opportunity_opened", "won"
    corrects: str | None = None  # the id of an earlier one: evidence came late


PoolOutput = FollowUpDue | Returned | HandedOver | Voided | Met
