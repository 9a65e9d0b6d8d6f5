"""A crossing as scoring wrote it → evidence for other stages. Knows the output, knows no Kafka client."""

from __future__ import annotations

import msgspec

from scorer.contracts.instants import to_us
from scorer.contracts.published import CrossingEvent, read_output
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.contracts.records import Record
from scorer.domain.events import LeadEvent, TierChange


def decode_crossing(record: Record) -> LeadEvent | Rejected | None:
    """The change of tier in a record of `leads.tiers.v1`; None for the tombstone of an erased lead."""
    if record.value is None:
        return None
    try:
        said = read_output(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Rejected(RejectReason.INVALID_JSON, "no event as this scorer writes it")
    if not isinstance(said, CrossingEvent):
        return Rejected(RejectReason.WRONG_TOPIC, "no crossing from one tier to another")
    data = said.data
    if record.key != data.lead_id.encode():
        return Rejected(RejectReason.KEY_MISMATCH, "key: is not data.lead_id")
    change = TierChange(data.to, data.score, data.why.en, data.why.zh)
    return LeadEvent(data.lead_id, to_us(said.time), said.source, said.id, change, said.traceparent)
