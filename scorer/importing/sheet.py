"""A CSV file as columns and rows with line numbers. Knows dialects, knows nothing about leads."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from scorer.importing.encoding import detect
from scorer.importing.errors import FileProblem

DELIMITERS: Final = (",", ";", "\t", "|")
SAMPLE_LINES: Final = 200
MAX_RECORD_LINES: Final = 1000  # a quote still open after so many lines was never meant to open
MAX_CELL_CHARS: Final = 16 << 20
INVISIBLE: Final = re.compile("[\ufeff\u200b\u200e\u200f\u00ad]")


class Row(NamedTuple):
    line: int  # where it begins, 1 is the first line of the file
    cells: list[str]


class BadRow(NamedTuple):
    """A row that cannot be imported, and why, in words for the person who mends it."""

    line: int
    reason: str


class Dialect(NamedTuple):
    """How the file is written. `header_line` 0: it has no line of column names."""

    encoding: str = "utf-8"
    delimiter: str = ","
    header_line: int = 1
    encoding_guessed: bool = False


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
    raise FileProblem(f"{path} has no line {dialect.header_line}", "correct file.header_line in the mapping")


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text; undecodable bytes become U+FFFD, which a mapped cell must not hold."""
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        return path.open(encoding=encoding, errors="replace", newline="")
    except OSError as error:
        raise FileProblem(f"cannot read {path}: {error.strerror}", "check the path") from error
    except LookupError as error:
        raise FileProblem(f"unknown encoding {encoding!r}", "use a Python codec name such as utf-8, gb18030 or cp1252") from error


def records(lines: Iterator[str] | TextIO, delimiter: str, width: int | None = None) -> Iterator[Row]:
    """CSV records with the line each begins on.

    A quote that nobody closed would swallow the rows behind it. A record of several lines that does
    not have `width` cells is therefore read again line by line, so that one bad line costs one row.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        line = feed.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = []
        if len(feed.taken) > 1 and (feed.overrun or _swallowed(cells, delimiter, width)):
            cells = next(csv.reader([feed.taken[0]], delimiter=delimiter), [])
            feed.give_back_all_but_first()
        elif not cells and feed.taken and feed.taken[0].strip():
            cells = [feed.taken[0]]
        if feed.taken:
            reader = csv.reader(feed, delimiter=delimiter) if feed.dirty() else reader
            yield Row(line, cells)


def _swallowed(cells: Sequence[str], delimiter: str, width: int | None) -> bool:
    """Whether a record of several lines holds other records: a wrong width, or whole rows in a cell."""
    if width is None:
        return False
    inner = (line for cell in cells for line in cell.splitlines()[1:])
    return len(cells) != width or (width > 2 and any(i.count(delimiter) >= width - 1 for i in inner))


class _Feed:
    """Physical lines for the CSV reader, remembered for as long as a record may have to be undone."""

    def __init__(self, lines: Iterator[str] | TextIO) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._next_line = 1
        self._dirty = False
        self.taken: list[str] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise StopIteration
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self._next_line += 1
        return line

    @property
    def overrun(self) -> bool:
        return len(self.taken) >= MAX_RECORD_LINES

    def begin_record(self) -> int:
        self.taken = []
        return self._next_line

    def give_back_all_but_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        self._next_line -= len(self.taken) - 1
        self._dirty = True

    def dirty(self) -> bool:
        """Whether lines were given back since last asked: the reader's own state is then stale."""
        was, self._dirty = self._dirty or self.overrun, False
        return was


def sniff(path: Path) -> Dialect:
    """Encoding, delimiter and header line, from the bytes and the first lines."""
    encoding = detect(path)
    with open_text(path, encoding.name) as file:
        sample = [line for line, _ in zip(file, range(SAMPLE_LINES), strict=False)]
    declared = re.match(r"\ufeff?sep=(.)\s*$", sample[0]) if sample else None
    delimiter = declared.group(1) if declared else _delimiter(sample)
    rows = list(records(iter(sample), delimiter))
    return Dialect(encoding.name, delimiter, _header_line(rows), encoding.guessed)


def _delimiter(sample: Sequence[str]) -> str:
    """The one under which most records have the same number of cells, more than one."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row.cells) for row in records(iter(sample), delimiter) if any(row.cells))
        width, rows = widths.most_common(1)[0] if widths else (1, 0)
        return (rows / max(widths.total(), 1) if width > 1 else 0.0, width)

    return max(DELIMITERS, key=evenness)


def _header_line(rows: Sequence[Row]) -> int:
    """The first row as wide as the data: reports carry titles above it, raw dumps carry none."""
    widths = Counter(len(row.cells) for row in rows if any(row.cells))
    width = widths.most_common(1)[0][0]
    for row in rows[:20]:
        if len(row.cells) == width and sum(1 for cell in row.cells if cell.strip()) * 2 > width:
            return 0 if _looks_like_data(row.cells) and row.line == 1 else row.line
    return 1


def _looks_like_data(cells: Sequence[str]) -> bool:
    """No column is called 42, 2024-05-01 or anna@example.org."""
    data = re.compile(r"\s*(-?\d+([.,]\d+)*|\d{4}-\d\d-\d\d.*|\S+@\S+\.\w+)\s*$")
    return sum(1 for cell in cells if data.match(cell)) >= max(1, len(cells) // 4)


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
