"""The present of every lead, from the topics. Knows outputs and states, prints nothing."""

from __future__ import annotations

from scorer.cli.exits import Exit
from scorer.cli.failures import Failure
from scorer.cli.session import Session
from scorer.contracts.published import (
    SCORES_TOPIC,
    CrossingEvent,
    ScoreEvent,
    read_output,
)
from scorer.contracts.records import Record

__all__ = ["CrossingEvent", "ScoreEvent", "latest", "read", "state_of"]

Said = ScoreEvent | CrossingEvent


def read(record: Record) -> Said | None:
    """The output in a record; None for a tombstone and for what is none of ours."""
    import msgspec

    if not record.value:
        return None
    try:
        return read_output(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def latest(session: Session) -> dict[str, ScoreEvent]:
    """The last score of every lead."""
    scores: dict[str, ScoreEvent] = {}
    async for record in session.broker.read([SCORES_TOPIC]):
        said = read(record)
        lead_id = (record.key or b"").decode(errors="replace")
        if isinstance(said, ScoreEvent):
            scores[lead_id] = said
        elif record.value is None:
            scores.pop(lead_id, None)
    return scores


async def state_of(session: Session, lead: str) -> bytes:
    """The stored state of one lead, from the changelog of the scoring stage."""
    found = await session.broker.state("scoring", lead.encode())
    if found is None:
        raise Failure(
            f"nothing is known about the lead {lead!r}",
            "check the id with `lead-scorer list`, and that `lead-scorer run` is running",
            Exit.NOT_FOUND,
        )
    return found
