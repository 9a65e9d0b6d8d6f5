"""CSV records with the line each begins on, whatever quotes nobody closed. Knows no header."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TextIO

MAX_RECORD_LINES: Final = 1000  # a quote still open after so many lines was never meant to open


class Row(NamedTuple):
    """One record as it is written."""

    line: int  # where it begins, 1 is the first line of the file
    cells: list[str]


def records(
    lines: Iterator[str] | TextIO, delimiter: str, width: int | None = None
) -> Iterator[Row]:
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
    return len(cells) != width or (
        width > 2 and any(i.count(delimiter) >= width - 1 for i in inner)
    )


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
