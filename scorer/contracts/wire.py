"""The JSON shape of every input. Knows field names and limits, no topic and no header.

One msgspec struct a type: parsing, type checks and limits happen in one pass in C (0.4 µs an event).
Each struct turns itself into the body of a domain event, but for the three frequent ones, which
`scorer.contracts.decode` turns. The published JSON Schemas say the same, which a test holds. An optional field that is null or "" is absent. Unknown fields are ignored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Raw, Struct, field

from scorer.contracts.instants import to_us
from scorer.domain.events import (
    Adjustment,
    Body,
    Erased,
    Hold,
    Lock,
    Outcome,
    OutcomeKind,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Retraction,
    Touch,
)

# Limits keep a lead's state small whatever is published; ±2^53 is what every JSON reader keeps exact.
LARGEST_INTEGER: Final = 2**53 - 1
Id = Annotated[str, Meta(min_length=1, max_length=256)]
OptionalId = Annotated[str, Meta(max_length=256)] | None
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Url = Annotated[str, Meta(max_length=2048)]
Text = Annotated[str, Meta(max_length=1024)]
Integer = Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Instant = Annotated[datetime, Meta(tz=True)]
Number = Annotated[float, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Attributes = Annotated[dict[Name, Text | Integer | Number | bool], Meta(max_length=256)]
Names = Annotated[list[Name], Meta(max_length=256)]
Points = Annotated[float, Meta(ge=-10_000, le=10_000)]
Money = Annotated[float, Meta(ge=-1e15, le=1e15)]


class Data(Struct, gc=False, omit_defaults=True):
    """What every `data` holds. `gc=False`: no cycles can arise, so nothing is there to collect."""

    lead_id: Id

    def body(self) -> Body:
        """The same in the words of the domain."""
        raise NotImplementedError


class CreatedData(Data, gc=False):
    source_channel: Name
    attributes: Attributes | None = None
    owner: OptionalId = None


class AttributesChangedData(Data, gc=False):
    set_: Attributes | None = field(default=None, name="set")
    unset: Names | None = None


class BehaviourData(Data, gc=False):
    behaviour: Name
    object: Url | None = None
    properties: dict[str, Raw] | None = None  # for other readers: never parsed, never kept


class EventReference(Struct, gc=False):
    source: Id
    id: Id


class RetractedData(Data, gc=False):
    retracts: EventReference
    reason: Text | None = None

    def body(self) -> Body:
        return Retraction(self.retracts.source, self.retracts.id, self.reason or None)


class OwnershipData(Data, gc=False):
    change: ClassVar[OwnershipChange]
    owner: OptionalId = None
    previous_owner: OptionalId = None
    pool: OptionalId = None
    by: OptionalId = None

    def body(self) -> Body:
        return Ownership(
            self.change,
            self.owner or None,
            self.previous_owner or None,
            self.pool or None,
            self.by or None,
        )


class OwnedData(OwnershipData, gc=False, kw_only=True):
    owner: Id


class AssignedData(OwnedData, gc=False):
    change: ClassVar = OwnershipChange.ASSIGNED


class ClaimedData(OwnedData, gc=False):
    change: ClassVar = OwnershipChange.CLAIMED


class TransferredData(OwnedData, gc=False):
    change: ClassVar = OwnershipChange.TRANSFERRED


class ReleasedData(OwnershipData, gc=False):
    change: ClassVar = OwnershipChange.RELEASED


class TouchedData(Data, gc=False):
    kind: Name
    by: OptionalId = None
    automatic: bool | None = None

    def body(self) -> Body:
        return Touch(self.kind, self.by or None, bool(self.automatic))


class HoldData(Data, gc=False):
    paused: ClassVar[bool]
    reason: Text | None = None

    def body(self) -> Body:
        return Hold(self.paused, self.reason or None)


class PausedData(HoldData, gc=False):
    paused: ClassVar = True


class ResumedData(HoldData, gc=False):
    paused: ClassVar = False


class LockData(Data, gc=False):
    locked: ClassVar[bool]
    reason: Text | None = None
    by: OptionalId = None

    def body(self) -> Body:
        return Lock(self.locked, self.reason or None, self.by or None)


class LockedData(LockData, gc=False):
    locked: ClassVar = True


class UnlockedData(LockData, gc=False):
    locked: ClassVar = False


class FollowUpRetractedData(RetractedData, gc=False):
    def body(self) -> Body:
        return Retraction(self.retracts.source, self.retracts.id, self.reason or None, True)


class OutcomeData(Data, gc=False):
    kind: ClassVar[OutcomeKind]
    reason: Text | None = None
    value: Money | None = None

    def body(self) -> Body:
        return Outcome(self.kind, self.reason or None, self.value)


class OpportunityOpenedData(OutcomeData, gc=False):
    kind: ClassVar = OutcomeKind.OPPORTUNITY_OPENED


class WonData(OutcomeData, gc=False):
    kind: ClassVar = OutcomeKind.WON


class LostData(OutcomeData, gc=False):
    kind: ClassVar = OutcomeKind.LOST


class DisqualifiedData(OutcomeData, gc=False):
    kind: ClassVar = OutcomeKind.DISQUALIFIED


class ReopenedData(OutcomeData, gc=False):
    kind: ClassVar = OutcomeKind.REOPENED


class AdjustedData(Data, gc=False):
    points: Points
    author: Id
    reason: Annotated[str, Meta(min_length=1, max_length=1024)]
    expires_at: Instant | None = None

    def body(self) -> Body:
        expires_us = None if self.expires_at is None else to_us(self.expires_at)
        return Adjustment(self.points, self.author, self.reason, expires_us)


class ErasedData(Data, gc=False):
    reason: Text | None = None

    def body(self) -> Body:
        return Erased(self.reason or None)


class OwnerData(Struct, gc=False, omit_defaults=True):
    """What every `data` about an owner holds. Its key is the owner."""

    owner: Id

    @property
    def lead_id(self) -> str:
        """The key, under the name that it has in all other events."""
        return self.owner

    def body(self) -> Body:
        """The same in the words of the domain."""
        raise NotImplementedError


class OwnerLeftData(OwnerData, gc=False):
    to: OptionalId = None
    reason: Text | None = None

    def body(self) -> Body:
        return OwnerLeft(self.to or None, self.reason or None)


class OwnerReturnedData(OwnerData, gc=False):
    reason: Text | None = None

    def body(self) -> Body:
        return OwnerReturned(self.reason or None)


Payload = Data | OwnerData
"""The `data` of any input."""
