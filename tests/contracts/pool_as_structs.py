"""What the pool says by way of the structs that say how it must look: the plain, slow way to the same bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from scorer.contracts.inputs import SPECVERSION
from scorer.contracts.instants import LAST_US, to_datetime
from scorer.contracts.published import ModelShape, WhyShape, dataschema
from scorer.contracts.published_pool import (
    FOLLOW_UP_DUE,
    HANDED_OVER,
    MET,
    RETURNED,
    VOIDED,
    EvidenceShape,
    FollowUpDueData,
    FollowUpDueEvent,
    HandedOverData,
    HandedOverEvent,
    MetData,
    MetEvent,
    PoolEvent,
    ReturnedData,
    ReturnedEvent,
    SummaryShape,
    TouchShape,
    VoidedData,
    VoidedEvent,
)
from scorer.domain.followup.outputs import (
    About,
    FollowUpDue,
    HandedOver,
    Met,
    PoolOutput,
    Returned,
    Summary,
    Voided,
)

_Data = FollowUpDueData | ReturnedData | HandedOverData | VoidedData | MetData
_TYPES: Final[dict[type, tuple[type[PoolEvent], str]]] = {
    FollowUpDueData: (FollowUpDueEvent, dataschema(FOLLOW_UP_DUE)),
    ReturnedData: (ReturnedEvent, dataschema(RETURNED)),
    HandedOverData: (HandedOverEvent, dataschema(HANDED_OVER)),
    VoidedData: (VoidedEvent, dataschema(VOIDED)),
    MetData: (MetEvent, dataschema(MET)),
}


def as_bytes(output: PoolOutput, source: str) -> bytes:
    """The value of its message."""
    about, data = output.about, _data(output)
    event, schema = _TYPES[type(data)]
    document = event(
        specversion=SPECVERSION,
        source=source,
        id=about.id,
        time=to_datetime(about.time_us),
        subject=about.lead_id,
        datacontenttype="application/json",
        dataschema=schema,
        data=data,  # type: ignore[arg-type]  # the pair comes from one row of the table
    )
    return msgspec.json.encode(document)


def _data(output: PoolOutput) -> _Data:
    match output:
        case FollowUpDue():
            return _due(output)
        case Returned():
            return _returned(output)
        case HandedOver():
            return _handed_over(output)
        case Voided():
            return _voided(output)
        case Met():
            return _met(output)


def _due(output: FollowUpDue) -> FollowUpDueData:
    about, deadline = output.about, output.deadline
    return FollowUpDueData(
        about.lead_id,
        deadline.clock,
        output.stage,
        output.to,
        to_datetime(deadline.start_us),
        _seconds(deadline.limit_us),
        _instant(deadline.due_us),
        about.owner,
        about.tier,
        about.episode,
        _model(about),
        output.number,
        output.of,
        output.risk,
        about.source_channel,
    )


def _returned(output: Returned) -> ReturnedData:
    about, deadline = output.about, output.deadline
    due_us = deadline.due_us if deadline else about.time_us
    return ReturnedData(
        about.lead_id,
        output.reason,
        output.previous_owner,
        output.pool,
        output.return_count,
        _instant(due_us),
        _seconds(max(about.time_us - due_us, 0)),
        to_datetime(deadline.start_us) if deadline else None,
        _seconds(deadline.limit_us) if deadline else None,
        to_datetime(output.held_since_us),
        None if output.last_touch_us is None else to_datetime(output.last_touch_us),
        output.touches,
        about.tier,
        about.episode,
        _summary(output.summary),
        _model(about),
        output.dead,
        about.source_channel,
    )


def _handed_over(output: HandedOver) -> HandedOverData:
    about = output.about
    return HandedOverData(
        about.lead_id,
        about.owner or "",
        output.previous_owner,
        to_datetime(output.held_since_us),
        about.tier,
        about.episode,
        _summary(output.summary),
        _model(about),
        about.source_channel,
    )


def _voided(output: Voided) -> VoidedData:
    about = output.about
    evidence_at = to_datetime(output.evidence_us)
    evidence = (output.evidence_source, output.evidence_id, output.evidence_what, evidence_at)
    return VoidedData(
        about.lead_id,
        output.returned_id,
        to_datetime(output.returned_us),
        output.reason,
        EvidenceShape(*evidence),
        about.owner,
        None if output.next_due_us is None else _instant(output.next_due_us),
        about.tier,
        about.episode,
        _model(about),
        about.source_channel,
    )


def _met(output: Met) -> MetData:
    about, deadline = output.about, output.deadline
    return MetData(
        about.lead_id,
        deadline.clock,
        output.by,
        to_datetime(deadline.start_us),
        _seconds(deadline.limit_us),
        _instant(deadline.due_us),
        _seconds(output.took_us),
        about.owner,
        about.tier,
        about.episode,
        _model(about),
        output.corrects,
        about.source_channel,
    )


def _summary(summary: Summary) -> SummaryShape:
    touches = [TouchShape(to_datetime(t.time_us), t.kind, t.by) for t in summary.last_touches]
    why = WhyShape(summary.why_en, summary.why_zh)
    return SummaryShape(summary.touches, touches, summary.score, why)


def _model(about: About) -> ModelShape:
    return ModelShape(about.model_version, about.model_hash)


def _seconds(us: int) -> float:
    return us / 1_000_000


def _instant(instant_us: int) -> datetime:
    """The calendar ends with the year 9999; a deadline that never comes is shown as its last day."""
    return to_datetime(min(instant_us, LAST_US))
