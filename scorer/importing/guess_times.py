"""Which columns hold times, in which form, and what it was that happened then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from scorer.importing.dates import parse_time
from scorer.importing.guess_behaviours import behaviour_for
from scorer.importing.mapping import BehaviourColumn, TimeColumn
from scorer.importing.model_words import ModelWords
from scorer.importing.profile import Profile
from scorer.importing.suggestion import Noted, Suggestion
from scorer.importing.vocabulary import Topic
from scorer.importing.words import about

DAY_US: Final = 86_400_000_000
UTC: Final = ZoneInfo("UTC")


@dataclass
class Times:
    """The columns that hold times, each with its form, and the two that every row needs."""

    created: Noted[TimeColumn | str]
    changed: Noted[TimeColumn | str] | None = None
    forms: dict[str, str] = field(default_factory=dict)
    decided: TimeColumn | None = None  # when the sale was won or lost
    used: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def choose(columns: list[Profile], *, repeated: bool, file_date: str, now_us: int) -> Times:
    """When a lead was created and when its row was true."""
    timed = {c.name: c for c in columns if _is_time(c)}
    none = "no column says when a lead came to exist: all on the file's date; correct it, then leave it as it is"
    times = Times(Noted(file_date, none))
    times.forms = _forms(list(timed.values()), now_us, times.warnings)
    # A log has one time a row, the one at which something happened.
    decided = _likeliest(
        [c for c in timed.values() if about(c.name, Topic.CREATED) < 1], Topic.OUTCOME
    )
    if decided:
        del timed[decided.name]
        times.decided = _part(decided, times.forms[decided.name], "file")
        times.used.add(decided.name)
    created = _likeliest(timed.values(), Topic.CREATED) or (
        _earliest(timed.values(), times.forms) if repeated else None
    )
    if created:
        note = "when the lead came to exist"
        if repeated:
            note = "a lead comes to exist with its first row"
        times.created = Noted(
            _part(created, times.forms[created.name], file_date), note + _empties(created)
        )
        times.used.add(created.name)
    changed = (
        created
        if repeated
        else _likeliest([c for c in timed.values() if c is not created], Topic.CHANGED)
    )
    if changed:
        times.changed = Noted(
            _part(changed, times.forms[changed.name], file_date),
            "when the row was last true" + _empties(changed),
        )
        times.used.add(changed.name)
    return times


def place_the_rest(
    made: Suggestion, columns: list[Profile], times: Times, model: ModelWords
) -> list[Profile]:
    """Other columns of times: a behaviour at that time when its name is one, else left out."""
    left = []
    for column in columns:
        form = times.forms.get(column.name)
        if form is None:
            left.append(column)
        elif column.name not in times.used:
            at = _part(column, form, None)
            if behaviour := behaviour_for(column.name, model):
                made.behaviours.append(
                    Noted(
                        BehaviourColumn(column=column.name, behaviour=behaviour, at=at),
                        "happened at the time in the cell",
                    )
                )
            else:
                made.ignore[column.name] = (
                    f"times ({form}) of something that is no behaviour of the model"
                )
    return left


def _is_time(column: Profile) -> bool:
    if not column.filled or (column.distinct < 2 and column.rows > 10):
        return False
    named = about(column.name, Topic.TIME) > 0 or about(column.name, Topic.CREATED) > 0
    return bool(column.time_formats(named_like_time=named))


def _forms(columns: list[Profile], now_us: int, warnings: list[str]) -> dict[str, str]:
    """The form of each column. Day and month are told apart by the other columns, or by the calendar."""
    options = {c.name: c.time_formats(named_like_time=True) for c in columns}
    for column in columns:
        if _impossible := [
            form for form in options[column.name] if _latest(column, form) > now_us + DAY_US
        ]:
            options[column.name] = [
                f for f in options[column.name] if f not in _impossible
            ] or options[column.name]
    sure = {forms[0] for forms in options.values() if len(forms) == 1} & {"dmy", "mdy"}
    for column in columns:
        forms = options[column.name]
        if len(forms) > 1 and "ymd" not in forms:
            options[column.name] = _decide(column, forms, sure, warnings)
    return {name: forms[0] for name, forms in options.items()}


def _decide(column: Profile, forms: list[str], sure: set[str], warnings: list[str]) -> list[str]:
    if len(sure) == 1 and sure <= set(forms):
        return sorted(sure)
    spans = {form: _span(column, form) for form in forms}
    if all("." in cell for cell in column.sample[:20]) and "dmy" in forms:
        return ["dmy"]  # with points, the day comes first
    if column.distinct >= 8 and min(spans.values()) * 2 < max(spans.values()):
        form = min(forms, key=lambda each: spans[each])
        why = "because the dates then lie closer together"
    elif "/" in column.sample[0] and "dmy" not in forms:
        form, why = "mdy", "because nothing else fits"
    else:
        form, why = "dmy" if "dmy" in forms else forms[0], "by mere custom"
    warnings.append(
        f"{column.name!r}: {column.sample[0]!r} can be day/month or month/day; read as {form} {why}. CHECK IT"
    )
    return [form]


def _likeliest(columns: Iterable[Profile], topic: Topic) -> Profile | None:
    found = max(columns, key=lambda column: about(column.name, topic), default=None)
    return found if found is not None and about(found.name, topic) >= 0.5 else None


def _earliest(columns: Iterable[Profile], forms: dict[str, str]) -> Profile | None:
    return min(columns, key=lambda c: _instants(c, forms[c.name])[:1], default=None)


def _instants(column: Profile, form: str) -> list[int]:
    found = (parse_time(cell, each, UTC) for cell in column.sample for each in form.split()[:1])
    return sorted(instant for instant in found if instant is not None)


def _latest(column: Profile, form: str) -> int:
    return max(_instants(column, form), default=0)


def _span(column: Profile, form: str) -> int:
    instants = _instants(column, form)
    return instants[-1] - instants[0] if instants else 0


def _part(column: Profile, form: str, if_empty: str | None) -> TimeColumn:
    forms = form.split()
    some_empty = column.filled < column.rows
    return TimeColumn(
        column=column.name,
        format=forms if len(forms) > 1 else form,
        if_empty=if_empty if some_empty else None,
    )


def _empties(column: Profile) -> str:
    empty = column.rows - column.filled
    return f"; {empty:,} rows do not say, they get the file's date" if empty else ""
