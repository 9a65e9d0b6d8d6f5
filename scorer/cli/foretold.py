"""How many leads there are, and what time alone brings next. Asks workers, else reads topics; prints nothing.

Workers say it at once and name no lead, because no lead is in a metric. The topics name it, but are read
from their beginning to their end: a minute for a million leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scorer.cli.session import Session
    from scorer.cli.workers import Worker

WORKERS: Final = "workers"
TOPICS: Final = "topics"


@dataclass(frozen=True)
class Next:
    """What is due next in one stage: a crossing, or a reminder or return."""

    at: str | None  # RFC 3339; None: nothing, ever
    lead: str | None = None  # as the topics name it
    what: str | None = None
    waiting: int | None = None  # leads that are due already; None: only workers know


@dataclass(frozen=True)
class Foretold:
    """All leads and what comes next, by whom it was told."""

    told_by: str
    tiers: Mapping[str, int]
    crossing: Next
    deadline: Next


def by_workers(workers: Iterable[Worker], partitions: int) -> Foretold | None:
    """At once; None when the workers on this machine do not have all partitions of both stages."""
    from scorer.cli.workers import shares
    from scorer.domain.outputs import Tier

    known = [*workers]
    scoring, pool = shares(known, "scoring", partitions), shares(known, "pool", partitions)
    if scoring is None or pool is None:
        return None
    counts: Counter[str] = Counter()
    for share in scoring:
        counts.update(share.leads)
    crossing, deadline = (
        Next(
            _instant(min((s.next_due_us for s in all_ if s.next_due_us is not None), default=None)),
            waiting=sum(s.due for s in all_),
        )
        for all_ in (scoring, pool)
    )
    return Foretold(WORKERS, {tier.value: counts[tier] for tier in Tier}, crossing, deadline)


async def by_topics(session: Session) -> Foretold:
    """By name, from the scores and from what the stage pool keeps."""
    from scorer.cli import scores
    from scorer.domain.outputs import Tier

    found = await scores.latest(session)
    coming = [said.data for said in found.values() if said.data.next_tier_at is not None]
    first = min(coming, key=lambda data: str(data.next_tier_at), default=None)
    counts = Counter(str(said.data.tier) for said in found.values())
    crossing = Next(None)
    if first and first.next_tier_at:
        what = f"turns {first.next_tier}"
        crossing = Next(first.next_tier_at.isoformat(), first.lead_id, what)
    tiers = {tier.value: counts[tier.value] for tier in Tier}
    return Foretold(TOPICS, tiers, crossing, await _deadline(session))


async def _deadline(session: Session) -> Next:
    """The next reminder or return. Only the instant before each state is looked at, and the one state."""
    from scorer.cli.cases import cases
    from scorer.contracts.pool_codec import decode_follow_up

    stored = (await cases(session)).items()
    due = [(at_us, key, state) for key, (at_us, state) in stored if at_us is not None]
    if not due:
        return Next(None)
    at_us, key, state = min(due)
    case = decode_follow_up(state).head
    where = f"with {case.owner}" if case.owner else f"in the pool {case.pool or ''}".rstrip()
    return Next(_instant(at_us), key.decode(errors="replace"), where)


def _instant(us: int | None) -> str | None:
    from scorer.contracts.instants import LAST_US, to_datetime

    return None if us is None else to_datetime(min(us, LAST_US)).isoformat()
