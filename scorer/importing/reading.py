"""One cell of a row by the name of its column. Knows which cells mean `not known`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from scorer.importing.cells import clean

SHOWN_CHARS: Final = 40

Cells = Sequence[str]


class BadCell(Exception):
    """Carries the reason why a row cannot be imported up to where the row is known."""


class Reader:
    """The columns of one file."""

    def __init__(self, columns: Sequence[str], empty: Iterable[str]) -> None:
        self._columns = {name: number for number, name in enumerate(columns)}
        self._empty = frozenset(map(clean, empty)) | {""}

    def cell(self, cells: Cells, column: str | None) -> str:
        """The cell, "" when it means `not known`."""
        if column is None:
            return ""
        text = clean(cells[self._columns[column]])
        if "\ufffd" in text:
            raise BadCell(f"column {column!r} holds bytes that are not in the file's encoding")
        return "" if text in self._empty else text


def shown(cell: str) -> str:
    """A cell as a message quotes it: a free text can be long."""
    return repr(cell if len(cell) <= SHOWN_CHARS else cell[: SHOWN_CHARS - 1] + "…")
