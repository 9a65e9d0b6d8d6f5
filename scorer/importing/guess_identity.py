"""Which column, or which columns together, identify a lead."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from scorer.importing.guess_roles import is_personal
from scorer.importing.mapping import LeadId, Repeats
from scorer.importing.profile import MAIL, UUID, Profile
from scorer.importing.suggestion import Noted
from scorer.importing.vocabulary import Topic
from scorer.importing.words import about

MOSTLY: Final = (
    0.9  # of the rows differ in an identifying column; the rest are mistakes, or missing
)
LONGEST: Final = 60


def choose(columns: list[Profile]) -> tuple[Noted[LeadId], list[Profile], bool]:
    """The lead id, the columns that are left, and whether a lead has many rows (a log)."""
    best = max(columns, key=_identifying, default=None)
    if best is not None and _identifying(best) >= 0.8:
        return _single(best), [column for column in columns if column is not best], False
    if (key := _log_key(columns)) is not None:
        note = f"a log: {key.rows:,} rows about {key.distinct:,} leads"
        part = LeadId(
            columns=[key.name], as_="hash" if is_personal(key) else "text", repeats=Repeats.MERGE
        )
        return Noted(part, note), [column for column in columns if column is not key], True
    return _together(columns), columns, False


def _identifying(column: Profile) -> float:
    """How well a column serves as id: (nearly) unique, never a measure, named like one."""
    if (
        column.filled < MOSTLY * column.rows
        or column.distinct < MOSTLY * column.filled
        or column.mean_chars > LONGEST
    ):
        return 0.0
    named = about(column.name, Topic.ID)
    uuid = column.share(UUID) > 0.9
    mail = column.share(MAIL) > 0.9
    fraction = column.is_number and not all(cell.isdigit() for cell in column.sample)
    if fraction or (column.time_formats(named_like_time=False) and not uuid and named < 1):
        return 0.0
    if mail:
        return 0.85
    if is_personal(column):
        return (
            0.81
            if about(column.name, Topic.PERSON)
            and any(w in column.name.casefold() for w in _REACHABLE)
            else 0.0
        )
    code = column.mean_words <= 1.2 and any(char.isdigit() for char in "".join(column.sample[:20]))
    return (
        (0.8 if uuid else 0.0)
        + named
        + (0.3 if code else 0.0)
        + (0.1 if column.unique else 0.0)
        - (0.5 if not named and not uuid and column.is_number else 0)
    )


_REACHABLE: Final = ("phone", "mobile", "tel", "手机", "电话", "móvil", "handy")


def _single(column: Profile) -> Noted[LeadId]:
    personal = is_personal(column) or column.share(MAIL) > 0.9
    note = (
        "different in every row"
        if column.unique
        else f"{column.distinct:,} different ids in {column.rows:,} rows"
    )
    if personal:
        note += "; personal, so the lead is known by its hash"
    return Noted(LeadId(columns=[column.name], as_="hash" if personal else "text"), note)


def _log_key(columns: list[Profile]) -> Profile | None:
    """The id of a file with several rows a lead: named like one, and something in it happens at times."""
    keys = [
        c
        for c in columns
        if (about(c.name, Topic.ID) >= 0.5 or c.share(MAIL) > 0.9)
        and c.filled >= MOSTLY * c.rows
        and c.distinct > 1
    ]
    acts = any(about(c.name, Topic.ACTIVITY) >= 0.5 and c.distinct < 0.5 * c.rows for c in columns)
    timed = any(about(c.name, Topic.TIME) and c.time_formats(named_like_time=True) for c in columns)
    return (
        max(keys, key=lambda c: (about(c.name, Topic.ID), c.distinct))
        if keys and acts and timed
        else None
    )


def _together(columns: list[Profile]) -> Noted[LeadId]:
    """No column identifies: those of a person together, else the whole row."""
    personal = [
        c
        for c in columns
        if is_personal(c) and c.filled >= MOSTLY * c.rows and c.distinct > 0.3 * c.rows
    ]
    for pair in combinations(personal[:6], 2):
        if max(column.distinct for column in pair) > 0.7 * pair[0].rows:
            names = [column.name for column in pair]
            return Noted(
                LeadId(columns=names, as_="hash"),
                "no column identifies a lead; these two together do, nearly",
            )
    part = LeadId(columns=[column.name for column in columns], as_="hash", repeats=Repeats.SEPARATE)
    return Noted(
        part,
        "NO COLUMN IDENTIFIES A LEAD: the whole row does, so an edited row becomes a new lead. Better add an id",
    )
