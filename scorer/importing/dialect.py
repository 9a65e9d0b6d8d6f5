"""How a CSV file is written: encoding, delimiter, line of column names. Found out from the file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from scorer.importing.encoding import detect
from scorer.importing.errors import FileProblem
from scorer.importing.records import Row, records

DELIMITERS: Final = (",", ";", "\t", "|")
SAMPLE_LINES: Final = 200
MAX_CELL_CHARS: Final = 16 << 20


class Dialect(NamedTuple):
    """How the file is written. `header_line` 0: it has no line of column names."""

    encoding: str = "utf-8"
    delimiter: str = ","
    header_line: int = 1
    encoding_guessed: bool = False


def open_text(path: Path, encoding: str) -> TextIO:
    """The file as text; undecodable bytes become U+FFFD, which a mapped cell must not hold."""
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        return path.open(encoding=encoding, errors="replace", newline="")
    except OSError as error:
        raise FileProblem(f"cannot read {path}: {error.strerror}", "check the path") from error
    except LookupError as error:
        raise FileProblem(
            f"unknown encoding {encoding!r}",
            "use a Python codec name such as utf-8, gb18030 or cp1252",
        ) from error


def sniff(path: Path) -> Dialect:
    """Encoding, delimiter and header line, from the bytes and the first lines."""
    encoding = detect(path)
    with open_text(path, encoding.name) as file:
        sample = [line for line, _ in zip(file, range(SAMPLE_LINES), strict=False)]
    declared = re.match(r"\ufeff?sep=(.)\s*$", sample[0]) if sample else None
    delimiter = declared.group(1) if declared else _delimiter(sample)
    rows = list(records(iter(sample), delimiter))
    if not any(any(row.cells) for row in rows):
        raise FileProblem(
            f"{path} has nothing but empty cells", "export it again, with a line of column names"
        )
    return Dialect(encoding.name, delimiter, _header_line(rows), encoding.guessed)


def _delimiter(sample: Sequence[str]) -> str:
    """The one under which most records have the same number of cells, more than one."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = Counter(
            len(row.cells) for row in records(iter(sample), delimiter) if any(row.cells)
        )
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
