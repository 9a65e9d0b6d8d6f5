"""A first mapping for a file that nobody has seen, with the reason for every choice.

Pure: looks at profiles of columns and at a model's words. Each column gets exactly one place; what is
personal, constant, or the answer itself (leaks the outcome) is left out and says so.
"""

from __future__ import annotations

from typing import Final

from scorer.importing import (
    guess_behaviours,
    guess_identity,
    guess_outcomes,
    guess_roles,
    guess_times,
)
from scorer.importing.dialect import Dialect
from scorer.importing.guess_attributes import Fit, attribute_for, best_fits
from scorer.importing.model_words import ModelWords
from scorer.importing.profile import Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.vocabulary import Topic
from scorer.importing.words import about

MAX_CATEGORIES: Final = 60


def suggest(
    name: str,
    dialect: Dialect,
    profiles: list[Profile],
    model: ModelWords,
    *,
    file_date: str,
    now_us: int,
    short_rows: bool = False,
) -> Suggestion:
    """Give every column a place. `file_date` is used where no column tells a time."""
    lead_id, left, repeated = guess_identity.choose(profiles)
    times = guess_times.choose(left, repeated=repeated, file_date=file_date, now_us=now_us)
    made = Suggestion(
        name, dialect, profiles[0].rows, file_date, lead_id, times.created,
        short_rows="fill" if short_rows else "reject",
        empty=sorted({word for column in profiles for word in column.empty_words}),
        warnings=list(times.warnings),
    )  # fmt: skip
    if times.changed:
        made.changed = times.changed
    left = guess_times.place_the_rest(made, left, times, model)
    left = _leave_out(made, left)
    left = guess_outcomes.choose(made, left, times.decided)
    fits = best_fits(left, model)
    left = guess_roles.choose_channel_and_owner(made, left, fits, model)
    left = guess_behaviours.choose(made, left, model, fits)
    for column in left:
        _attribute(made, column, fits.get(column.name), model)
    return made


def _leave_out(made: Suggestion, columns: list[Profile]) -> list[Profile]:
    kept = []
    for column in columns:
        if why := guess_roles.why_left_out(column):
            made.ignore[column.name] = why
        else:
            kept.append(column)
    return kept


def _attribute(made: Suggestion, column: Profile, fit: Fit | None, model: ModelWords) -> None:
    """The column as an attribute, or left out when no rule could hold on to it."""
    categories = column.distinct <= max(
        MAX_CATEGORIES, 0.02 * column.rows
    ) and column.distinct < 0.9 * max(column.filled, 10)
    if fit is None and not (categories or column.is_number or column.is_boolean):
        made.ignore[column.name] = (
            f"{column.distinct:,} different texts in {column.filled:,} cells: too many for a rule"
        )
        return
    if fit is None and (
        about(column.name, Topic.ID) == 1
        or (about(column.name, Topic.ID) and column.mean_chars >= 16)
    ):
        made.ignore[column.name] = "a number or key of another system"
        return
    name, part, why = attribute_for(column, fit, model, taken=set(made.attributes))
    made.attributes[name] = Noted(part, why)
