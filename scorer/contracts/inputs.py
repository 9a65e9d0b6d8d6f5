"""Which event types there are and which topic carries each. Knows CloudEvents, knows no record.

One row of `INPUT_TYPES` is all that a new input type needs, beside its struct, schema and examples.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal, NamedTuple, Union

import msgspec
from msgspec import Struct

from scorer.contracts import wire

TYPE_PREFIX: Final = "leadscorer."
SPECVERSION: Final = "1.0"


class Attributes(Struct, gc=False, kw_only=True):
    """The CloudEvents attributes that the scorer reads. Others pass and are ignored."""

    specversion: Literal["1.0"]
    id: wire.Id
    source: wire.Id
    time: wire.Instant
    subject: wire.OptionalId = None
    traceparent: str | None = None


class Envelope(Attributes, gc=False, kw_only=True):
    """A structured event: the attributes and the data in one JSON object."""

    data: wire.Payload


class InputType(NamedTuple):
    """One event type: where it may appear and what its data looks like."""

    name: str
    topic: str
    data: type[wire.Payload]


_CREATED: Final = "leads.created.v1"
_ATTRIBUTES: Final = "leads.attributes.v1"
_BEHAVIOURS: Final = "leads.behaviours.v1"
_FOLLOWUPS: Final = "leads.followups.v1"
_OUTCOMES: Final = "leads.outcomes.v1"
OWNERS_TOPIC: Final = "leads.owners.v1"
"""About owners, not leads: the key is the owner."""

INPUT_TYPES: Final = (
    InputType("leadscorer.lead.created.v1", _CREATED, wire.CreatedData),
    InputType("leadscorer.lead.erased.v1", _CREATED, wire.ErasedData),
    InputType("leadscorer.lead.attributes_changed.v1", _ATTRIBUTES, wire.AttributesChangedData),
    InputType("leadscorer.lead.adjusted.v1", _ATTRIBUTES, wire.AdjustedData),
    InputType("leadscorer.lead.behaviour.v1", _BEHAVIOURS, wire.BehaviourData),
    InputType("leadscorer.event.retracted.v1", _BEHAVIOURS, wire.RetractedData),
    InputType("leadscorer.lead.assigned.v1", _FOLLOWUPS, wire.AssignedData),
    InputType("leadscorer.lead.claimed.v1", _FOLLOWUPS, wire.ClaimedData),
    InputType("leadscorer.lead.released.v1", _FOLLOWUPS, wire.ReleasedData),
    InputType("leadscorer.lead.transferred.v1", _FOLLOWUPS, wire.TransferredData),
    InputType("leadscorer.lead.touched.v1", _FOLLOWUPS, wire.TouchedData),
    InputType("leadscorer.lead.paused.v1", _FOLLOWUPS, wire.PausedData),
    InputType("leadscorer.lead.resumed.v1", _FOLLOWUPS, wire.ResumedData),
    InputType("leadscorer.lead.locked.v1", _FOLLOWUPS, wire.LockedData),
    InputType("leadscorer.lead.unlocked.v1", _FOLLOWUPS, wire.UnlockedData),
    InputType("leadscorer.follow_up.retracted.v1", _FOLLOWUPS, wire.FollowUpRetractedData),
    InputType("leadscorer.lead.opportunity_opened.v1", _OUTCOMES, wire.OpportunityOpenedData),
    InputType("leadscorer.lead.won.v1", _OUTCOMES, wire.WonData),
    InputType("leadscorer.lead.lost.v1", _OUTCOMES, wire.LostData),
    InputType("leadscorer.lead.disqualified.v1", _OUTCOMES, wire.DisqualifiedData),
    InputType("leadscorer.lead.reopened.v1", _OUTCOMES, wire.ReopenedData),
    InputType("leadscorer.owner.left.v1", OWNERS_TOPIC, wire.OwnerLeftData),
    InputType("leadscorer.owner.returned.v1", OWNERS_TOPIC, wire.OwnerReturnedData),
)

_BY_DATA: Final = {each.data: each for each in INPUT_TYPES}
BY_NAME: Final = {input_type.name: input_type for input_type in INPUT_TYPES}
INPUT_TOPICS: Final = tuple(dict.fromkeys(input_type.topic for input_type in INPUT_TYPES))


def envelope_decoder(topic: str) -> msgspec.json.Decoder[Envelope]:
    """Parses the structured events of one topic; a type that belongs elsewhere is an error."""
    shapes = tuple(envelope_type(each.data) for each in INPUT_TYPES if each.topic == topic)
    return msgspec.json.Decoder(Union[shapes])  # noqa: UP007 - built at run time


def data_decoders(topic: str) -> dict[str, msgspec.json.Decoder[wire.Payload]]:
    """Parses the data of binary events of one topic, by type."""
    return {
        each.name: msgspec.json.Decoder(each.data) for each in INPUT_TYPES if each.topic == topic
    }


def input_type(data: type[wire.Payload]) -> InputType:
    """The row of a shape."""
    return _BY_DATA[data]


@cache
def envelope_type(data: type[wire.Payload]) -> Any:
    """The structured form of one type: msgspec picks it by the value of `type` while it parses."""
    return msgspec.defstruct(
        f"{data.__name__}Envelope",
        [("data", data)],
        bases=(Envelope,),
        tag_field="type",
        tag=_BY_DATA[data].name,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )
