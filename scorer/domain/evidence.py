"""Evidence as a lead's history keeps it. Knows which events matter to a model, forgets the rest.

An entry is `(time_us, source, id, kind, …)`. Its first three places are its canonical order, which
is total: two entries that agree in all three are the same event.
"""

from __future__ import annotations

from typing import Any, Final

from scorer.domain.events import (
    Adjustment,
    AttributesChanged,
    Behaviour,
    Created,
    Hold,
    LeadEvent,
    Outcome,
    OutcomeKind,
    Retraction,
)
from scorer.domain.plan import Plan

Entry = tuple[Any, ...]

TIME: Final = 0
SOURCE: Final = 1
ID: Final = 2
KIND: Final = 3
BODY: Final = 4

CREATED: Final = "c"  # attributes
ATTRIBUTES: Final = "a"  # set, unset
BEHAVIOUR: Final = "b"  # name, object
RETRACTION: Final = "r"  # source, id
HOLD: Final = "h"  # paused
OUTCOME: Final = "o"  # kind
ADJUSTMENT: Final = "j"  # points, author, reason, expires_us

OBJECT_KEPT: Final = 64
"""Characters kept of an object's name: enough to tell pages apart, bounded for the state's sake."""


def entry_of(event: LeadEvent, plan: Plan) -> Entry | None:
    """The entry of an event, or None when it means nothing to this model."""
    body = event.body
    time_us, source, event_id = event.time_us, event.source, event.id
    if isinstance(body, Behaviour):
        name, about = body.name, body.object
        if name not in plan.behaviours:
            return None
        return (time_us, source, event_id, BEHAVIOUR, name, about[:OBJECT_KEPT] if about else None)
    if isinstance(body, AttributesChanged):
        named = plan.by_attribute
        to_set = {k: v for k, v in body.set.items() if k in named}
        unset = [k for k in body.unset if k in named]
        return (time_us, source, event_id, ATTRIBUTES, to_set, unset) if to_set or unset else None
    if isinstance(body, Created):
        named = plan.by_attribute
        known = {k: v for k, v in body.attributes.items() if k in named}
        return (time_us, source, event_id, CREATED, known)
    head = (time_us, source, event_id)
    if isinstance(body, Retraction):
        return (*head, RETRACTION, body.source, body.id)
    if isinstance(body, Hold):
        return (*head, HOLD, body.paused)
    if isinstance(body, Outcome):
        return _outcome(head, body, plan)
    if isinstance(body, Adjustment):
        return (*head, ADJUSTMENT, body.points, body.author, body.reason, body.expires_us)
    return None


def _outcome(head: tuple[Any, ...], body: Outcome, plan: Plan) -> Entry | None:
    locks = body.kind.value in plan.model.outcomes.disqualify_on
    return (*head, OUTCOME, body.kind.value) if locks or body.kind is OutcomeKind.REOPENED else None


def what(entry: Entry) -> str:
    """The evidence in a word or two, for causes: the behaviour, the attributes, the outcome."""
    kind = entry[KIND]
    if kind == BEHAVIOUR:
        return str(entry[BODY])
    if kind == ATTRIBUTES:
        return ",".join(sorted({*entry[BODY], *entry[BODY + 1]}))
    if kind == HOLD:
        return "paused" if entry[BODY] else "resumed"
    if kind == OUTCOME:
        return str(entry[BODY])
    return {CREATED: "created", RETRACTION: "retraction", ADJUSTMENT: "adjustment"}[kind]
