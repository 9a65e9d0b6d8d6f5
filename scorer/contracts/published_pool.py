"""The JSON shape of what the pool says, for those who write it and those who read it.

As in `scorer.contracts.published`: fields in the order in which they appear, one with a default is
left out when it holds it. The published JSON Schemas say the same (tested).
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from scorer.contracts.published import ModelShape, Published, WhyShape
from scorer.contracts.wire import Instant
from scorer.domain.followup.outputs import Reason, Stage
from scorer.domain.followup.policy import Clock
from scorer.domain.outputs import Tier

POOL_TOPIC: Final = "leads.pool.v1"
FOLLOW_UP_DUE: Final = "leadscorer.lead.follow_up_due.v1"
RETURNED: Final = "leadscorer.lead.returned_to_pool.v1"
HANDED_OVER: Final = "leadscorer.lead.handed_over.v1"
VOIDED: Final = "leadscorer.lead.return_voided.v1"
MET: Final = "leadscorer.lead.follow_up_met.v1"


class TouchShape(Struct, gc=False, omit_defaults=True):
    """A touch, as the next owner reads of it."""

    at: Instant
    kind: str
    by: str | None = None


class SummaryShape(Struct, gc=False):
    """What the next owner must know."""

    touches: int
    last_touches: list[TouchShape]
    score: float | None
    why: WhyShape


class EvidenceShape(Struct, gc=False):
    """The late evidence that undid a return."""

    source: str
    id: str
    what: str
    at: Instant


class FollowUpDueData(Struct, gc=False, omit_defaults=True):
    """`data` of a deadline that comes near or has passed."""

    lead_id: str
    clock: Clock
    stage: Stage
    to: str
    started_at: Instant
    limit_seconds: float
    due_at: Instant
    owner: str | None
    tier: Tier
    episode: str
    model: ModelShape
    number: int = 0
    of: int = 0
    risk: bool = False
    source_channel: str | None = None


class ReturnedData(Struct, gc=False, omit_defaults=True):
    """`data` of a return to the pool."""

    lead_id: str
    reason: Reason
    previous_owner: str
    pool: str | None
    return_count: int
    due_at: Instant
    late_seconds: float
    started_at: Instant | None
    limit_seconds: float | None
    held_since: Instant
    last_touch_at: Instant | None
    touches: int
    tier: Tier
    episode: str
    summary: SummaryShape
    model: ModelShape
    dead: bool = False
    source_channel: str | None = None


class HandedOverData(Struct, gc=False, omit_defaults=True):
    """`data` of a lead that went from an owner who left to another."""

    lead_id: str
    owner: str
    previous_owner: str
    held_since: Instant
    tier: Tier
    episode: str
    summary: SummaryShape
    model: ModelShape
    source_channel: str | None = None


class VoidedData(Struct, gc=False, omit_defaults=True):
    """`data` of a return that is undone."""

    lead_id: str
    returned_id: str
    returned_at: Instant
    reason: Reason
    evidence: EvidenceShape
    owner: str | None
    next_due_at: Instant | None
    tier: Tier
    episode: str
    model: ModelShape
    source_channel: str | None = None


class MetData(Struct, gc=False, omit_defaults=True):
    """`data` of a deadline that was met."""

    lead_id: str
    clock: Clock
    by: str
    started_at: Instant
    limit_seconds: float
    due_at: Instant
    took_seconds: float
    owner: str | None
    tier: Tier
    episode: str
    model: ModelShape
    corrects: str | None = None
    source_channel: str | None = None


class FollowUpDueEvent(Published, gc=False, kw_only=True, tag_field="type", tag=FOLLOW_UP_DUE):
    """A whole event."""

    data: FollowUpDueData


class ReturnedEvent(Published, gc=False, kw_only=True, tag_field="type", tag=RETURNED):
    """A whole event."""

    data: ReturnedData


class HandedOverEvent(Published, gc=False, kw_only=True, tag_field="type", tag=HANDED_OVER):
    """A whole event."""

    data: HandedOverData


class VoidedEvent(Published, gc=False, kw_only=True, tag_field="type", tag=VOIDED):
    """A whole event."""

    data: VoidedData


class MetEvent(Published, gc=False, kw_only=True, tag_field="type", tag=MET):
    """A whole event."""

    data: MetData


PoolEvent = FollowUpDueEvent | ReturnedEvent | HandedOverEvent | VoidedEvent | MetEvent
"""A whole event of `leads.pool.v1`."""

POOL_DATA: Final[dict[str, type[Struct]]] = {
    FOLLOW_UP_DUE: FollowUpDueData,
    RETURNED: ReturnedData,
    HANDED_OVER: HandedOverData,
    VOIDED: VoidedData,
    MET: MetData,
}
_READER: Final[msgspec.json.Decoder[PoolEvent]] = msgspec.json.Decoder(PoolEvent)


def read_pool_output(value: bytes) -> PoolEvent:
    """What the pool said, as a subscriber sees it. Raises `msgspec.DecodeError` for anything else."""
    return _READER.decode(value)
