"""Writes a suggestion as a YAML mapping in which every choice carries its reason."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from scorer.importing.mapping import (
    AttributeColumn,
    BehaviourColumn,
    OutcomeColumn,
    Repeats,
    TimeColumn,
)
from scorer.importing.suggestion import Suggestion

PLAIN: Final = re.compile(r"[^\W\d_][\w ./+&()-]*[\w)]|[^\W\d_]")
RESERVED: Final = frozenset("true false null yes no on off y n none ~".split())
UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half characters, line breaks
WIDE: Final = 96  # columns of a line that holds a whole list

HEADER: Final = """\
# What the columns of this file mean to the lead scorer. Suggested from {rows} rows{model}: read it, correct it,
# keep it; then   lead-scorer import FILE.csv --map THIS_FILE   (add --dry-run to see what would happen).
# Every key is described in docs/reference/import.md."""

REPEATS: Final = {
    Repeats.MERGE: "merge      # several rows of one lead: facts about it one after the other",
    Repeats.SEPARATE: "separate   # rows that are alike are several leads",
}


def write_mapping(made: Suggestion, model: str = "") -> str:
    """The YAML text, which `parse_mapping` reads back."""
    return "\n".join(map(_one_line, _lines(made, model))) + "\n"


def _one_line(line: str) -> str:
    """A line as YAML takes it: reasons quote cells, and cells may hold anything."""
    return "".join(" " if unicodedata.category(char) in UNPRINTABLE else char for char in line)


def _lines(made: Suggestion, model: str) -> Iterator[str]:
    header = HEADER.format(
        rows=f"{made.rows:,}", model=f" for the model {model!r}" if model else ""
    )
    yield from header.splitlines()
    for warning in made.warnings:
        yield f"# WARNING {warning}."
    yield "version: 1"
    yield f"name: {scalar(made.name)}   # source of the events: /import/{made.name}; renaming it imports everything anew"
    yield from _file(made)
    yield ""
    yield f"lead_id:   # {made.lead_id.why}"
    part = made.lead_id.part
    yield f"  columns: {flow(part.columns)}"
    if part.as_ == "hash":
        yield "  as: hash"
    if part.repeats in REPEATS:
        yield f"  repeats: {REPEATS[part.repeats]}"
    yield f"created: {_instant(made.created.part)}   # {made.created.why}"
    yield f"changed: {_instant(made.changed.part)}   # {made.changed.why}"
    channel = made.channel.part
    written = channel if isinstance(channel, str) else _fields(column=channel.column)
    yield f"source_channel: {written}   # {made.channel.why}"
    if made.owner:
        yield f"owner: {scalar(made.owner.part)}   # {made.owner.why}"
    yield from _section(
        "attributes", (_attribute(n, a.part, a.why) for n, a in made.attributes.items())
    )
    yield from _section("behaviours", (_behaviour(b.part, b.why) for b in made.behaviours))
    yield from _section("outcomes", (_outcome(o.part, o.why) for o in made.outcomes))
    yield from _section(
        "ignore", ([f"  - {scalar(name)}   # {why}"] for name, why in made.ignore.items())
    )


def _file(made: Suggestion) -> Iterator[str]:
    dialect = made.dialect
    guess = "   # a guess: change it if letters look wrong" if dialect.encoding_guessed else ""
    yield "file:"
    yield f"  encoding: {dialect.encoding}{guess}"
    yield f"  delimiter: {json.dumps(dialect.delimiter)}"
    yield f"  header_line: {dialect.header_line}" + (
        ""
        if dialect.header_line
        else "   # no line of column names: they are column 1, column 2, …"
    )
    yield f"  short_rows: {made.short_rows}"
    yield f"empty: {flow(['', *made.empty])}   # cells that mean: not known"
    yield "time_zone: UTC   # of times that carry none"


def _section(name: str, entries: Iterable[list[str]]) -> Iterator[str]:
    lines = [line for entry in entries for line in entry]
    if lines:
        yield ""
        yield f"{name}:"
        yield from lines


def _attribute(name: str, part: AttributeColumn, why: str) -> list[str]:
    plain = part.type == "text" and not part.values and not part.empty
    if plain:
        return [f"  {scalar(name)}: {scalar(part.column)}   # {why}"]
    lines = [
        f"  {scalar(name)}:   # {why}",
        f"    column: {scalar(part.column)}",
        f"    type: {part.type}",
    ]
    if part.decimal == ",":
        lines.append('    decimal: ","')
    if part.empty:
        lines.append(f"    empty: {flow(part.empty)}")
    return lines + _map("values", part.values, "    ")


def _behaviour(part: BehaviourColumn, why: str) -> list[str]:
    lines = [f"  - column: {scalar(part.column)}   # {why}"]
    if part.behaviour:
        lines.append(f"    behaviour: {scalar(part.behaviour)}")
    if part.equals:
        lines.append(f"    equals: {flow(part.equals)}")
    if part.count:
        lines += ["    count: true", f"    at_most: {part.at_most}"]
    if part.object_column:
        lines.append(f"    object_column: {scalar(part.object_column)}")
    if not isinstance(part.at, str):
        lines.append(f"    at: {_instant(part.at)}")
    return lines + _map("values", part.values, "    ")


def _outcome(part: OutcomeColumn, why: str) -> list[str]:
    lines = [f"  - column: {scalar(part.column)}   # {why}"]
    if part.outcome:
        lines.append(f"    outcome: {part.outcome}")
    if not isinstance(part.at, str):
        lines.append(f"    at: {_instant(part.at)}")
    return lines + _map("values", part.values, "    ")


def _map(name: str, values: Mapping[str, object], indent: str) -> list[str]:
    if not values:
        return []
    pairs = [f"{scalar(cell)}: {scalar(value)}" for cell, value in values.items()]
    one_line = f"{indent}{name}: {{{', '.join(pairs)}}}"
    return (
        [one_line]
        if len(one_line) <= WIDE
        else [f"{indent}{name}:", *(f"{indent}  {pair}" for pair in pairs)]
    )


def _instant(part: TimeColumn | str) -> str:
    if isinstance(part, str):
        return scalar(part)
    extra = {"if_empty": part.if_empty} if part.if_empty else {}
    return _fields(column=part.column, format=part.format, **extra)


def _fields(**values: object) -> str:
    inner = (
        f"{key}: {flow(value) if isinstance(value, list) else scalar(value)}"
        for key, value in values.items()
    )
    return "{" + ", ".join(inner) + "}"


def flow(values: Iterable[object]) -> str:
    """A list on one line."""
    return "[" + ", ".join(map(scalar, values)) + "]"


def scalar(value: object) -> str:
    """A YAML scalar: plain where nobody could misread it, else in quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value)
    if PLAIN.fullmatch(text) and text.casefold() not in RESERVED and "  " not in text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in UNPRINTABLE else char
        for char in quoted
    )
