"""Which dead letters go when leads are erased. Knows topics and ages; prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.contracts.records import Record


class Erased(NamedTuple):
    """What was done, or would be."""

    leads: int
    letters: int  # that are gone
    copied: int  # of others, written again because a log can only be cut at its front


async def erased_leads(session: Session) -> set[str]:
    """The leads of which `leads.scores.v1` says that they are erased: their last record is a null."""
    from scorer.contracts.published import SCORES_TOPIC

    gone: set[str] = set()
    async for record in session.broker.read([SCORES_TOPIC]):
        lead = (record.key or b"").decode("utf-8", "replace")
        gone.discard(lead) if record.value is not None else gone.add(lead)
    return gone


async def erase_letters(session: Session, leads: Collection[str], *, dry_run: bool) -> Erased:
    """Take the dead letters about these leads out of their topic."""
    from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC

    if not leads:
        return Erased(0, 0, 0)
    goes = _goes(leads, session.now_us() // 1000)
    gone, copied = await session.broker.take_out(DEAD_LETTERS_TOPIC, goes, dry_run=dry_run)
    return Erased(len(leads), gone, copied)


def _goes(leads: Collection[str], now_ms: int) -> Callable[[Record], bool]:
    """About one of the leads; or past the retention, which a copy must not extend."""
    from schemas.catalogue import topic_cards
    from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC, names_lead, parse_dead_letter

    kept_ms = int(topic_cards()[DEAD_LETTERS_TOPIC].configs["retention.ms"])

    def goes(record: Record) -> bool:
        letter = parse_dead_letter(record)
        arrived_ms = letter.timestamp_ms if letter else record.timestamp
        return arrived_ms < now_ms - kept_ms or names_lead(record, leads)

    return goes
