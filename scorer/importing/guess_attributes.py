"""Which attribute of the model a column is, and what its cells are called there."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scorer.importing.cells import parse_band
from scorer.importing.mapping import AttributeColumn, Scalar
from scorer.importing.model_words import AttributeWords, ModelWords
from scorer.importing.profile import Profile
from scorer.importing.vocabulary import CONCEPTS, VALUE_GROUPS
from scorer.importing.words import likeness, phrase

ENOUGH: Final = 0.55  # names that are less alike than this are different things
SAME_VALUE: Final = 0.6
MAX_VALUES: Final = 400  # a list of values that a person can still read


class Fit(NamedTuple):
    """A column that is an attribute of the model, and how sure that is."""

    attribute: AttributeWords
    likeness: float


def best_fits(columns: list[Profile], model: ModelWords) -> dict[str, Fit]:
    """At most one attribute a column and one column an attribute, the surest pairs first."""
    pairs = sorted(
        (
            (sure, column.name, words)
            for column in columns
            for words in model.attributes.values()
            if (sure := _sureness(column, words)) >= ENOUGH
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2].name),
    )
    fits: dict[str, Fit] = {}
    taken: set[str] = set()
    for sure, column_name, words in pairs:
        if column_name not in fits and words.name not in taken:
            fits[column_name] = Fit(words, sure)
            taken.add(words.name)
    return fits


def _sureness(column: Profile, words: AttributeWords) -> float:
    """Alike names, of the right kind; values that the rules know make a weak likeness sure."""
    by_name = likeness(column.name, words.name, CONCEPTS)
    if by_name == 0 or not _suits(column, words):
        return 0.0
    if not words.values:
        return by_name
    known = sum(column.counts[cell] for cell in column.sample if value_for(cell, words) is not None)
    return by_name * 0.8 + 0.3 * known / max(column.filled, 1)


def _suits(column: Profile, words: AttributeWords) -> bool:
    if words.numeric and not words.values:
        return column.is_number or _is_banded(column)
    if words.boolean and not words.values:
        return column.is_boolean
    return not column.is_boolean or words.boolean


def _is_banded(column: Profile) -> bool:
    readable = [cell for cell in column.sample if parse_band(cell) is not None]
    return column.distinct <= MAX_VALUES and len(readable) >= 0.8 * len(column.sample) > 0


def value_for(cell: str, words: AttributeWords) -> str | None:
    """What the model calls the value in a cell, None when its rules have no word for it."""
    if words.is_heard(cell):
        return cell

    def sureness(value: str) -> float:
        return likeness(cell, value, VALUE_GROUPS, parts=False)

    likest = max(words.values, key=sureness, default=None)
    return likest if likest and sureness(likest) >= SAME_VALUE else None


def attribute_for(
    column: Profile, fit: Fit | None, model: ModelWords, taken: set[str]
) -> tuple[str, AttributeColumn, str]:
    """The attribute's name, how to read it, and why."""
    name = fit.attribute.name if fit else _free_name(column.name, taken | set(model.attributes))
    numeric = fit.attribute.numeric and not fit.attribute.values if fit else column.is_number
    if numeric and column.is_number and not (column.is_boolean and fit is None):
        few = column.not_numbers
        part = AttributeColumn(
            column=column.name,
            type="number",
            decimal="," if column.decimal == "," else ".",
            empty=few,
        )
        why = "numbers" + (f"; {', '.join(map(repr, few))} mean not known" if few else "")
    elif numeric:
        bands: dict[str, Scalar] = {
            cell: low for cell in column.sample if (low := parse_band(cell)) is not None
        }
        rest = [cell for cell in column.sample if cell not in bands]
        part = AttributeColumn(column=column.name, type="number", values=bands, empty=rest)
        why = "bands, each by its middle"
    elif column.is_boolean and (fit is None or fit.attribute.boolean):
        part = AttributeColumn(column=column.name, type="boolean")
        why = "yes or no: " + ", ".join(sorted(column.counts))
    else:
        part = AttributeColumn(column=column.name, values=_values(column, fit))
        why = _described(column, part, fit)
    if fit:
        return name, part, f"{why}; rules of the model use {name!r}"
    return name, part, f"{why}; no rule uses it" if model.name else why


def _values(column: Profile, fit: Fit | None) -> dict[str, Scalar]:
    """Cells that the model calls by another name, or that differ only in their spelling."""
    renamed: dict[str, Scalar] = {}
    spelt: dict[str, str] = {}
    for cell in column.sample[:MAX_VALUES]:
        known = value_for(cell, fit.attribute) if fit else None
        usual = spelt.setdefault(phrase(cell) or cell, cell)
        if (known or usual) != cell:
            renamed[cell] = known or usual
    return renamed


def _described(column: Profile, part: AttributeColumn, fit: Fit | None) -> str:
    if fit and fit.attribute.values:
        known = [cell for cell in column.sample if value_for(cell, fit.attribute) is not None]
        if known:
            return f"{len(known)} of {column.distinct} values are known to the model"
        return f"NO VALUE IS KNOWN to the model, which knows {', '.join(fit.attribute.values[:6])}: say under `values` which is which"
    common = ", ".join(cell[:24] for cell, _ in column.counts.most_common(3))
    return f"{column.distinct} values: {common}" + (", …" if column.distinct > 3 else "")


def _free_name(column: str, taken: set[str]) -> str:
    """The column's name as an attribute name; a number behind it when it is taken."""
    slug = re.sub(r"\s+", "_", phrase(column))[:60].strip("_") or "attribute"
    name, number = slug, 1
    while name in taken:
        number += 1
        name = f"{slug}_{number}"
    return name
