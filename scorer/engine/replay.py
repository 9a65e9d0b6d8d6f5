"""One lead folded anew from the records of the input topics. Pure; reads no topic itself.

The stored state of a lead holds what its model asks for, for as long as its history goes back. The
topics hold everything: so this answers for any instant, and for models that ask for something else.
"""

from __future__ import annotations

from collections.abc import Iterable

from scorer.contracts.decode import Decoder
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Record
from scorer.domain.fold import Status, fold
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState


def replay(
    records: Iterable[Record], lead_id: str, plan: Plan, decoder: Decoder, until_us: int
) -> LeadState | None:
    """The state that the evidence up to an instant gives, whenever it arrived; None: there is none."""
    state: LeadState | None = None
    for record in sorted(records, key=lambda record: record.timestamp):
        event = decoder.decode(record)
        if isinstance(event, Rejected) or event.lead_id != lead_id or event.time_us > until_us:
            continue
        state = state or LeadState(plan.hash)
        if fold(state, event, plan).status is Status.ERASED:
            state = None
    return state
