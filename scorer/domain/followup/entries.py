"""Evidence as a lead's follow-up history keeps it. Knows which events move a clock, forgets the rest.

The form is that of `scorer.domain.evidence`: `(time_us, source, id, kind, …)`, and the first three
places are the canonical order.
"""

from __future__ import annotations

from typing import Final

from scorer.domain.events import (
    Created,
    Hold,
    LeadEvent,
    Lock,
    Outcome,
    Ownership,
    OwnershipChange,
    Retraction,
    TierChange,
    Touch,
)
from scorer.domain.evidence import BODY, KIND, RETRACTION, Entry
from scorer.domain.followup.policy import FollowUpPolicy

CREATED: Final = "c"  # source channel, owner
OWNERSHIP: Final = "w"  # change, owner, pool
TOUCH: Final = "t"  # kind, by
HOLD: Final = "h"  # paused
LOCK: Final = "k"  # locked
OUTCOME: Final = "o"  # kind
TIER: Final = "g"  # tier, score, why in English and Chinese
OWNER_LEFT: Final = "x"  # owner, to whom the lead goes

WHY_KEPT: Final = 160
"""Characters kept of the reasons behind a tier: a sentence, bounded for the state's sake."""


def entry_of(event: LeadEvent, policy: FollowUpPolicy) -> Entry | None:
    """The entry of an event, or None when no clock cares."""
    body = event.body
    head = (event.time_us, event.source, event.id)
    if isinstance(body, Touch):
        counts = not body.automatic and (not policy.touches or body.kind in policy.touches)
        return (*head, TOUCH, body.kind, body.by) if counts else None
    if isinstance(body, Created):
        return (*head, CREATED, body.source_channel, body.owner)
    if isinstance(body, Ownership):
        owner = None if body.change is OwnershipChange.RELEASED else body.owner
        return (*head, OWNERSHIP, body.change.value, owner, body.pool)
    if isinstance(body, TierChange):
        why = body.why_en[:WHY_KEPT], body.why_zh[:WHY_KEPT]
        return (*head, TIER, body.tier.value, body.score, *why)
    if isinstance(body, Outcome):
        return (*head, OUTCOME, body.kind.value)
    if isinstance(body, Hold):
        return (*head, HOLD, body.paused)
    if isinstance(body, Lock):
        return (*head, LOCK, body.locked)
    if isinstance(body, Retraction):
        return (*head, RETRACTION, body.source, body.id)
    return None


def what(entry: Entry) -> str:
    """The evidence in a word, for those who read why something was undone."""
    kind = entry[KIND]
    if kind in (OWNERSHIP, OUTCOME):
        return str(entry[BODY])
    if kind == HOLD:
        return "paused" if entry[BODY] else "resumed"
    if kind == LOCK:
        return "locked" if entry[BODY] else "unlocked"
    names = {CREATED: "created", TOUCH: "touch", TIER: "tier", OWNER_LEFT: "owner_left"}
    return names.get(kind, "retraction")
