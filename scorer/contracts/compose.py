"""`LeadEvent` → the message that a publisher would send. Knows no Kafka client.

`compose` is the inverse of `decode`; `address` sends a document that somebody else has written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from scorer.contracts import diagnose, wire
from scorer.contracts.inputs import BY_NAME, OWNERS_TOPIC, SPECVERSION, envelope_type, input_type
from scorer.contracts.instants import to_datetime
from scorer.contracts.modes import STRUCTURED_JSON
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Message
from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    Behaviour,
    Created,
    Erased,
    Hold,
    LeadEvent,
    Lock,
    Outcome,
    OutcomeKind,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Retraction,
    TierChange,
    Touch,
)

_HEADERS: Final = (("content-type", STRUCTURED_JSON),)
_OWNERSHIP: Final[dict[OwnershipChange, type[wire.OwnershipData]]] = {
    OwnershipChange.ASSIGNED: wire.AssignedData,
    OwnershipChange.CLAIMED: wire.ClaimedData,
    OwnershipChange.RELEASED: wire.ReleasedData,
    OwnershipChange.TRANSFERRED: wire.TransferredData,
}
_OUTCOMES: Final[dict[OutcomeKind, type[wire.OutcomeData]]] = {
    OutcomeKind.OPPORTUNITY_OPENED: wire.OpportunityOpenedData,
    OutcomeKind.WON: wire.WonData,
    OutcomeKind.LOST: wire.LostData,
    OutcomeKind.DISQUALIFIED: wire.DisqualifiedData,
    OutcomeKind.REOPENED: wire.ReopenedData,
}
_JSON: Final = msgspec.json.Encoder()


def compose(event: LeadEvent) -> Message:
    """The event as a structured CloudEvent on the topic of its type, keyed by the lead.

    Limits are the reader's to check: what breaks one comes back from `decode` as rejected.
    """
    data = _data(event)
    document = envelope_type(type(data))(
        specversion=SPECVERSION,
        source=event.source,
        id=event.id,
        time=to_datetime(event.time_us),
        subject=event.lead_id,
        traceparent=event.traceparent,
        data=data,
    )
    topic = input_type(type(data)).topic
    return Message(topic, event.lead_id.encode(), _JSON.encode(document), _HEADERS)


class _Typed(msgspec.Struct):
    type: str


class _LeadKey(msgspec.Struct):
    lead_id: wire.Id


class _OwnerKey(msgspec.Struct):
    owner: wire.Id


class _OfLead(msgspec.Struct):
    data: _LeadKey


class _OfOwner(msgspec.Struct):
    data: _OwnerKey


_TYPED: Final = msgspec.json.Decoder(_Typed)
_OF_LEAD: Final = msgspec.json.Decoder(_OfLead)
_OF_OWNER: Final = msgspec.json.Decoder(_OfOwner)


def address(document: bytes) -> Message | Rejected:
    """A structured CloudEvent with its topic, from `type`, and its key, the lead or the owner.

    Only these two are looked at: `Decoder.decode` says whether the rest is in order.
    """
    try:
        typed = _TYPED.decode(document)
        known = BY_NAME.get(typed.type)
        if known is None:
            return diagnose.unknown_type(typed.type, "the scorer")
        if known.topic == OWNERS_TOPIC:
            key = _OF_OWNER.decode(document).data.owner
        else:
            key = _OF_LEAD.decode(document).data.lead_id
    except msgspec.ValidationError as error:
        return diagnose.wrong_shape(error)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return diagnose.not_json(document, error)
    except RecursionError:
        return diagnose.too_deep()
    return Message(known.topic, key.encode(), document, _HEADERS)


def _data(event: LeadEvent) -> wire.Payload:  # noqa: C901, PLR0911  (a table: one row a kind)
    lead, body = event.lead_id, event.body
    match body:
        case Behaviour():
            return wire.BehaviourData(lead, body.name, body.object)
        case Created():
            attributes = dict(body.attributes) or None
            return wire.CreatedData(lead, body.source_channel, attributes, body.owner)
        case AttributesChanged():
            return wire.AttributesChangedData(
                lead, dict(body.set) or None, list(body.unset) or None
            )
        case Retraction():
            retracts = wire.EventReference(body.source, body.id)
            shape = wire.FollowUpRetractedData if body.follow_up else wire.RetractedData
            return shape(lead, retracts, body.reason)
        case Touch():
            return wire.TouchedData(lead, body.kind, body.by, body.automatic)
        case Hold():
            return (wire.PausedData if body.paused else wire.ResumedData)(lead, body.reason)
        case Lock():
            locking = wire.LockedData if body.locked else wire.UnlockedData
            return locking(lead, body.reason, body.by)
        case Outcome():
            return _OUTCOMES[body.kind](lead, body.reason, body.value)
        case Ownership():
            return _ownership(lead, body)
        case Adjustment():
            expires_at = None if body.expires_us is None else to_datetime(body.expires_us)
            return wire.AdjustedData(lead, body.points, body.author, body.reason, expires_at)
        case OwnerLeft():
            return wire.OwnerLeftData(lead, body.to, body.reason)
        case OwnerReturned():
            return wire.OwnerReturnedData(lead, body.reason)
        case Erased():
            return wire.ErasedData(lead, body.reason)
        case TierChange():
            raise TypeError("a change of tier is said by scoring alone")


def _ownership(lead: str, body: Ownership) -> wire.Payload:
    fields = {name: value for name, value in body._asdict().items() if value is not None}
    del fields["change"]
    return _OWNERSHIP[body.change](lead_id=lead, **fields)
