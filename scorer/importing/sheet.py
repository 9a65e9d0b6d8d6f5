"""A CSV file as columns and rows with line numbers. Knows nothing about leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from scorer.importing.dialect import Dialect, open_text, sniff
from scorer.importing.errors import FileProblem
from scorer.importing.records import Row, records

INVISIBLE: Final = re.compile("[\ufeff\u200b\u200e\u200f\u00ad]")


class BadRow(NamedTuple):
    """A row that cannot be imported, and why, in words for the person who mends it."""

    line: int
    reason: str


class Sheet(NamedTuple):
    """A file, how to read it, and the names of its columns (made unique)."""

    path: Path
    dialect: Dialect
    columns: list[str]

    def rows(self, *, fill_short: bool = False) -> Iterator[Row | BadRow]:
        """Every data row. Blank lines are skipped, ragged rows are `BadRow`s."""
        with open_text(self.path, self.dialect.encoding) as file:
            for row in records(file, self.dialect.delimiter, width=len(self.columns)):
                if row.line > self.dialect.header_line and any(map(str.strip, row.cells)):
                    yield _fit(row, len(self.columns), fill_short)


def open_sheet(path: Path, dialect: Dialect | None = None) -> Sheet:
    """Look at the file (or believe the given dialect) and read its column names."""
    dialect = dialect or sniff(path)
    with open_text(path, dialect.encoding) as file:
        for row in records(file, dialect.delimiter):
            if row.line >= max(dialect.header_line, 1):
                names = row.cells if dialect.header_line else [""] * len(row.cells)
                return Sheet(path, dialect, unique_names(names))
    raise FileProblem(
        f"{path} has no line {dialect.header_line}", "correct file.header_line in the mapping"
    )


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names as the mapping uses them: trimmed, `column 3` when empty, `Name (2)` when doubled."""
    unique: list[str] = []
    for position, name in enumerate(names, 1):
        clean = " ".join(INVISIBLE.sub("", name).split()) or f"column {position}"
        candidate, number = clean, 1
        while candidate in unique:
            number += 1
            candidate = f"{clean} ({number})"
        unique.append(candidate)
    return unique


def _fit(row: Row, width: int, fill_short: bool) -> Row | BadRow:
    cells = row.cells
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) == width or (fill_short and len(cells) < width):
        return Row(row.line, cells + [""] * (width - len(cells)))
    hint = "an unquoted delimiter" if len(cells) > width else "a cut line or an unclosed quote"
    return BadRow(row.line, f"{len(cells)} cells where the header has {width}: {hint}?")
