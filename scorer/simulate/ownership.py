"""Steps about whose a lead is: their keys, the events that they are, and how they are told.

Knows the domain's events; what clocks make of them is the pool's to know.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import Word
from scorer.domain.events import (
    Body,
    Hold,
    Lock,
    Outcome,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Touch,
)
from scorer.simulate.step import Step


class AssignedStep(Step):
    """Somebody gives the lead to a rep."""

    assigned: Word = Field(description="To whom.")
    pool: Word | None = Field(None, description="The pool that it belongs to from now on.")
    by: Word | None = Field(None, description="Who gave it.")


class ClaimedStep(Step):
    """A rep takes the lead from the pool."""

    claimed: Word = Field(description="By whom.")
    pool: Word | None = Field(None, description="The pool that it was in.")


class TransferredStep(Step):
    """The lead goes from one rep to another."""

    transferred: Word = Field(description="To whom.")
    by: Word | None = Field(None, description="Who decided it.")


class ReleasedStep(Step):
    """Its owner gives the lead back."""

    released: Word = Field(description="The pool that it goes to.")
    by: Word | None = Field(None, description="Who gave it back.")


class TouchedStep(Step):
    """A rep follows up."""

    touched: Word = Field(description="How: the kind of the touch, such as `call_answered`.")
    by: Word | None = Field(None, description="Who.")
    automatic: bool = Field(False, description="A machine did it: no clock moves.")


class LockedStep(Step):
    """A manager keeps the lead where it is."""

    locked: str = Field(description="The reason.")
    by: Word | None = Field(None, description="Who.")


class UnlockedStep(Step):
    """The manager no longer does."""

    unlocked: str = Field(description="The reason.")
    by: Word | None = Field(None, description="Who.")


class OwnerLeftStep(Step):
    """A rep is gone, and with him all that he has."""

    owner: Word = Field(alias="owner left", description="Who.")
    to: Word | None = Field(None, description="Who takes over. Without it: the pool.")
    because: str | None = Field(None, description="The reason.")


class OwnerReturnedStep(Step):
    """The rep is back, and may have leads again."""

    owner: Word = Field(alias="owner returned", description="Who.")
    because: str | None = Field(None, description="The reason.")


OwnershipStep = (
    AssignedStep
    | ClaimedStep
    | TransferredStep
    | ReleasedStep
    | TouchedStep
    | LockedStep
    | UnlockedStep
    | OwnerLeftStep
    | OwnerReturnedStep
)
KINDS: Final[dict[str, type[Entry]]] = {
    "assigned": AssignedStep,
    "claimed": ClaimedStep,
    "transferred": TransferredStep,
    "released": ReleasedStep,
    "touched": TouchedStep,
    "locked": LockedStep,
    "unlocked": UnlockedStep,
    "owner left": OwnerLeftStep,
    "owner returned": OwnerReturnedStep,
}
"""By the key that tells them from other steps."""


def body_of(step: OwnershipStep) -> Body:
    """The event of a step."""
    match step:
        case AssignedStep():
            return Ownership(OwnershipChange.ASSIGNED, step.assigned, None, step.pool, step.by)
        case ClaimedStep():
            return Ownership(OwnershipChange.CLAIMED, step.claimed, None, step.pool)
        case TransferredStep():
            return Ownership(OwnershipChange.TRANSFERRED, step.transferred, by=step.by)
        case ReleasedStep():
            return Ownership(OwnershipChange.RELEASED, pool=step.released, by=step.by)
        case TouchedStep():
            return Touch(step.touched, step.by, step.automatic)
        case LockedStep():
            return Lock(True, step.locked, step.by)
        case UnlockedStep():
            return Lock(False, step.unlocked, step.by)
        case OwnerLeftStep():
            return OwnerLeft(step.to, step.because)
        case OwnerReturnedStep():
            return OwnerReturned(step.because)


def says(step: OwnershipStep) -> str:
    """What happens, in a few words."""
    match step:
        case AssignedStep():
            return f"assigned to {step.assigned}"
        case ClaimedStep():
            return f"claimed by {step.claimed}"
        case TransferredStep():
            return f"transferred to {step.transferred}"
        case ReleasedStep():
            return f"released to {step.released}"
        case TouchedStep():
            return f"{step.touched}{_by(step.by)}{', automatic' if step.automatic else ''}"
        case LockedStep():
            return f"locked ({step.locked})"
        case UnlockedStep():
            return f"unlocked ({step.unlocked})"
        case OwnerLeftStep():
            return f"{step.owner} left{', for ' + step.to if step.to else ''}"
        case OwnerReturnedStep():
            return f"{step.owner} is back"


def owner_of(step: Step) -> str | None:
    """The rep that an event is about, when it is about no lead."""
    return step.owner if isinstance(step, OwnerLeftStep | OwnerReturnedStep) else None


def heard_by_the_pool(body: Body) -> bool:
    """Whether its retraction is published where the pool reads it."""
    return isinstance(body, Ownership | Touch | Lock | Hold | Outcome)


def about_owner(body: Body) -> bool:
    """Whether it is about a rep, whatever leads he has."""
    return isinstance(body, OwnerLeft | OwnerReturned)


def _by(who: str | None) -> str:
    return f" by {who}" if who else ""
