"""Records, documents and events with defaults, for the tests of the contracts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scorer.contracts.decode import FIRST_YEAR, LAST_YEAR
from scorer.contracts.instants import EPOCH, to_us
from scorer.contracts.records import AnyHeaders, Message
from scorer.contracts.wire import LARGEST_INTEGER
from scorer.domain import events as e

NOW_MS = to_us(EPOCH.replace(year=2026, month=3, day=25, hour=9)) // 1000
LEAD = "lead-4711"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class FakeRecord(NamedTuple):
    """A consumed record."""

    topic: str = "leads.behaviours.v1"
    partition: int = 3
    offset: int = 42
    timestamp: int = NOW_MS
    key: bytes | None = LEAD.encode()
    value: bytes | None = b""
    headers: AnyHeaders = ()


def document(**changed: Any) -> dict[str, Any]:
    """A structured behaviour event; a changed attribute of None is left out."""
    whole = {
        "specversion": "1.0",
        "type": "leadscorer.lead.behaviour.v1",
        "source": "/website",
        "id": "e-1",
        "time": "2026-03-25T08:15:30Z",
        "subject": LEAD,
        "data": {"lead_id": LEAD, "behaviour": "demo_requested"},
    } | changed
    return {name: value for name, value in whole.items() if value is not None}


def record(doc: Any = None, **changed: Any) -> FakeRecord:
    """A record with this document as its value (default: a good behaviour event)."""
    value = json.dumps(document() if doc is None else doc, ensure_ascii=False).encode()
    return FakeRecord(**{"value": value, **changed})


def record_of(message: Message, **changed: Any) -> FakeRecord:
    """The message as a consumer gets it."""
    return FakeRecord(
        topic=message.topic, key=message.key, value=message.value, headers=message.headers
    )._replace(**changed)


def binary_headers(**changed: str | None) -> tuple[tuple[str, bytes], ...]:
    """The headers of a binary behaviour event; a changed one of None is left out."""
    attributes: Mapping[str, str | None] = {
        "ce_specversion": "1.0",
        "ce_type": "leadscorer.lead.behaviour.v1",
        "ce_source": "/website",
        "ce_id": "e-1",
        "ce_time": "2026-03-25T08:15:30Z",
        "content-type": "application/json",
    } | {name.replace("__", "-"): value for name, value in changed.items()}
    return tuple((name, text.encode()) for name, text in attributes.items() if text is not None)


def binary_record(**changed: Any) -> FakeRecord:
    """A behaviour event in binary mode."""
    value = json.dumps({"lead_id": LEAD, "behaviour": "demo_requested"}).encode()
    return FakeRecord(**{"value": value, "headers": binary_headers(), **changed})


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
_maybe = st.none() | _ids
_numbers = st.floats(-1e15, 1e15).map(lambda number: number + 0.0)
_values = _text | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | _numbers | st.booleans()
_attributes = st.dictionaries(_ids, _values, max_size=5)
_times = st.integers(
    to_us(EPOCH.replace(year=FIRST_YEAR)), to_us(EPOCH.replace(year=LAST_YEAR)) - 1
)
_owned = st.sampled_from(
    [e.OwnershipChange.ASSIGNED, e.OwnershipChange.CLAIMED, e.OwnershipChange.TRANSFERRED]
)
bodies: st.SearchStrategy[e.Body] = st.one_of(
    st.builds(e.Behaviour, name=_ids, object=_maybe),
    st.builds(e.Created, source_channel=_ids, attributes=_attributes, owner=_maybe),
    st.builds(e.AttributesChanged, set=_attributes, unset=st.lists(_ids, max_size=3).map(tuple)),
    st.builds(e.Retraction, source=_ids, id=_ids, reason=_maybe),
    st.builds(
        e.Ownership, change=_owned, owner=_ids, previous_owner=_maybe, pool=_maybe, by=_maybe
    ),
    st.builds(
        e.Ownership,
        change=st.just(e.OwnershipChange.RELEASED),
        owner=_maybe,
        previous_owner=_maybe,
        pool=_maybe,
        by=_maybe,
    ),
    st.builds(e.Touch, kind=_ids, by=_maybe, automatic=st.booleans()),
    st.builds(e.Hold, paused=st.booleans(), reason=_maybe),
    st.builds(
        e.Outcome, kind=st.sampled_from(e.OutcomeKind), reason=_maybe, value=st.none() | _numbers
    ),
    st.builds(
        e.Adjustment,
        points=st.floats(-10_000, 10_000),
        author=_ids,
        reason=_ids,
        expires_us=st.none() | _times,
    ),
    st.builds(e.Erased, reason=_maybe),
)
lead_events: st.SearchStrategy[e.LeadEvent] = st.builds(
    e.LeadEvent,
    lead_id=_ids,
    time_us=_times,
    source=_ids,
    id=_ids,
    body=bodies,
    traceparent=st.none() | st.just(TRACE),
)
