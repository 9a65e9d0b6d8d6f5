"""Columns that tell what leads did: names of activities, counts, marks."""

from __future__ import annotations

from typing import Final

from scorer.importing.cells import parse_bool
from scorer.importing.guess_attributes import Fit
from scorer.importing.mapping import BehaviourColumn, Repeats
from scorer.importing.model_words import ModelWords
from scorer.importing.profile import Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.vocabulary import ACTIONS, Topic
from scorer.importing.words import about, likeness, mentions

ENOUGH: Final = 0.7
MAX_ACTIVITIES: Final = 200
MAX_WORDS: Final = 40  # of a column whose name says nothing of activities
OBJECTS: Final = (
    "page",
    "url",
    "object",
    "document",
    "campaign",
    "asset",
    "subject",
    "content",
    "item",
    "页面",
    "文档",
    "seite",
    "página",
)
COUNTED: Final = 10  # more visits than this say nothing new


def behaviour_for(text: str, model: ModelWords) -> str | None:
    """The behaviour of the model that a name or a cell means."""

    def sureness(behaviour: str) -> float:
        return max(
            likeness(text, word, ACTIONS) for word in (behaviour, *model.behaviours[behaviour])
        )

    best = max(model.behaviours, key=sureness, default=None)
    return best if best is not None and sureness(best) >= ENOUGH else None


def choose(
    made: Suggestion, columns: list[Profile], model: ModelWords, fits: dict[str, Fit]
) -> list[Profile]:
    """Activities and counts become behaviours; the others are left."""
    log = made.lead_id.part.repeats is Repeats.MERGE
    about_what = (
        next((c for c in columns if mentions(c.name, OBJECTS) and not c.is_number), None)
        if log
        else None
    )
    left = []
    counted: set[str | None] = set()
    for column in columns:
        noted = None if column.name in fits or column is about_what else _behaviours(column, model)
        if noted and about_what and noted.part.values:
            part = noted.part.model_copy(update={"object_column": about_what.name})
            noted = Noted(part, "what the lead did")
        if noted and noted.part.count and noted.part.behaviour in counted:
            noted = None  # pages and sessions are the same visits: one of them is counted
        if noted:
            made.behaviours.append(noted)
            counted.add(noted.part.behaviour)
        else:
            left.append(column)
    told = any(noted.part.object_column for noted in made.behaviours)
    return [column for column in left if not (told and column is about_what)]


def _behaviours(column: Profile, model: ModelWords) -> Noted[BehaviourColumn] | None:
    activity = about(column.name, Topic.ACTIVITY)
    few = MAX_ACTIVITIES if activity >= 0.5 else MAX_WORDS
    if not column.is_number and not column.is_boolean and column.distinct <= few:
        found = {cell: name for cell in column.sample if (name := behaviour_for(cell, model))}
        told = sum(column.counts[cell] for cell in found) / max(column.filled, 1)
        if found and (activity >= 0.5 or told > 0.8):
            others = column.distinct - len(found)
            why = "what the lead did last" + (
                f"; {others} other values are no behaviour of the model" if others else ""
            )
            return Noted(BehaviourColumn(column=column.name, values=found), why)
        return None
    name = behaviour_for(column.name, model)
    if name is None:
        return None
    if column.is_boolean:
        return Noted(
            BehaviourColumn(
                column=column.name,
                behaviour=name,
                equals=[cell for cell in column.sample if parse_bool(cell)],
            ),
            "yes means that it happened",
        )
    if column.is_count:
        return Noted(
            BehaviourColumn(column=column.name, behaviour=name, count=True, at_most=COUNTED),
            "how often it happened, at the time of the row",
        )
    return None
