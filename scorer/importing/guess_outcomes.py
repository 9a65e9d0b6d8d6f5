"""Columns that tell how the sale went. They are the answer: as attributes they would leak it."""

from __future__ import annotations

from scorer.domain.events import OutcomeKind
from scorer.importing.cells import parse_bool
from scorer.importing.mapping import OutcomeColumn
from scorer.importing.profile import Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.words import (
    DISQUALIFIED,
    LOST,
    OPENED,
    WON,
    Topic,
    about,
    is_about_losing,
    phrase,
)

KINDS = ((OutcomeKind.WON, WON), (OutcomeKind.LOST, LOST), (OutcomeKind.DISQUALIFIED, DISQUALIFIED), (OutcomeKind.OPPORTUNITY_OPENED, OPENED))
MAX_STAGES = 30


def choose(made: Suggestion, columns: list[Profile]) -> list[Profile]:
    """Outcome columns become outcomes; the others are left."""
    left = []
    for column in columns:
        named = about(column.name, Topic.OUTCOME)
        values = _values(column, named) if named >= 0.5 and column.distinct <= MAX_STAGES else {}
        if values:
            why = "the result: an outcome, never an attribute"
            made.outcomes.append(Noted(OutcomeColumn(column=column.name, values=values), why))
        elif named == 1 and not column.is_number:
            made.ignore[column.name] = "may tell the result: as an attribute it would leak it"
        else:
            left.append(column)
    return left


def _values(column: Profile, named: float) -> dict[str, OutcomeKind]:
    if column.is_boolean:
        yes = OutcomeKind.LOST if is_about_losing(column.name) else OutcomeKind.WON
        certain = named == 1 or any(word in phrase(column.name).split() for word in ("converted", "won"))
        return {cell: yes for cell in column.sample if parse_bool(cell)} if certain else {}
    return {cell: kind for cell in column.sample for kind, words in KINDS if phrase(cell) in words}
