"""Columns that tell how the sale went. They are the answer: as attributes they would leak it."""

from __future__ import annotations

from scorer.domain.events import OutcomeKind
from scorer.importing.cells import parse_bool
from scorer.importing.mapping import OutcomeColumn, TimeColumn
from scorer.importing.profile import Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.vocabulary import DISQUALIFIED, LOST, OPENED, WON, Topic
from scorer.importing.words import (
    about,
    is_about_losing,
    is_value_of_deal,
    mentions,
    phrase,
)

KINDS = (
    (OutcomeKind.WON, WON),
    (OutcomeKind.LOST, LOST),
    (OutcomeKind.DISQUALIFIED, DISQUALIFIED),
    (OutcomeKind.OPPORTUNITY_OPENED, OPENED),
)
MAX_STAGES = 30


def choose(made: Suggestion, columns: list[Profile], decided: TimeColumn | None) -> list[Profile]:
    """Outcome columns become outcomes, at the time of `decided` if a column tells it; the others are left."""
    left = []
    at = decided or "changed"
    for column in columns:
        named = about(column.name, Topic.OUTCOME)
        values = _values(column, named) if named >= 0.5 and column.distinct <= MAX_STAGES else {}
        if values:
            why = "the result: an outcome, never an attribute"
            made.outcomes.append(
                Noted(OutcomeColumn(column=column.name, values=values, at=at), why)
            )
        elif (named == 1 and not column.is_number) or is_value_of_deal(column.name):
            made.ignore[column.name] = "may tell the result: as an attribute it would leak it"
        else:
            left.append(column)
    if decided and not made.outcomes:
        _by_time(made, decided)
    return left


def _by_time(made: Suggestion, decided: TimeColumn) -> None:
    """A column such as `won_date` says what happened by being filled."""
    kind = next((kind for kind, words in KINDS[:2] if mentions(decided.column, words)), None)
    if kind is None:
        made.ignore[decided.column] = "when the sale was decided, without saying how"
        return
    at = decided.model_copy(update={"if_empty": None})
    made.outcomes.append(
        Noted(OutcomeColumn(column=decided.column, outcome=kind, at=at), "filled when it happened")
    )


def _values(column: Profile, named: float) -> dict[str, OutcomeKind]:
    if column.is_boolean:
        yes = OutcomeKind.LOST if is_about_losing(column.name) else OutcomeKind.WON
        certain = named == 1 or any(
            word in phrase(column.name).split() for word in ("converted", "won")
        )
        return {cell: yes for cell in column.sample if parse_bool(cell)} if certain else {}
    return {cell: kind for cell in column.sample for kind, words in KINDS if phrase(cell) in words}
