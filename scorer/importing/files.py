"""From paths to an importer or a suggestion: what the command line and the demo call."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scorer.domain.model import Model
from scorer.importing.convert import Converter
from scorer.importing.dates import EPOCH, MICROSECOND
from scorer.importing.dialect import Dialect, sniff
from scorer.importing.importer import Check, Importer
from scorer.importing.mapping import FileLayout, Mapping
from scorer.importing.mapping_file import load_mapping, parse_mapping
from scorer.importing.mapping_text import write_mapping
from scorer.importing.model_words import ModelWords, model_words
from scorer.importing.profile import profile
from scorer.importing.records import Row
from scorer.importing.sheet import BadRow, open_sheet
from scorer.importing.suggest import suggest
from scorer.importing.suggestion import Suggestion

MANY_SHORT_ROWS: Final = 0.01


def open_import(
    csv: Path,
    mapping: Mapping | Path,
    *,
    now_us: int | None = None,
    as_of_us: int | None = None,
    check: Check | None = None,
) -> Importer:
    """An importer for a file by its mapping. `Importer.run()` yields the events, row by row."""
    mapping = load_mapping(mapping) if isinstance(mapping, Path) else mapping
    sheet = open_sheet(csv, _dialect(mapping.file))
    now_us = time.time_ns() // 1_000 if now_us is None else now_us
    file_us = min(_file_time(csv), now_us)
    converter = Converter(mapping, sheet.columns, file_us=file_us, as_of_us=as_of_us)
    importer = Importer(sheet, mapping, converter, now_us)
    if check is not None:
        importer.check = check
    return importer


def suggest_mapping(
    csv: Path,
    model: Model | None = None,
    *,
    now_us: int | None = None,
    dialect: Dialect | None = None,
) -> tuple[str, Suggestion]:
    """The text of a first mapping for a file, and the suggestion that it was written from."""
    now_us = time.time_ns() // 1_000 if now_us is None else now_us
    sheet = open_sheet(csv, dialect or sniff(csv))
    short = good = 0

    def rows() -> Iterator[Row | BadRow]:
        nonlocal short, good
        for row in sheet.rows():
            good += isinstance(row, Row)
            short += isinstance(row, BadRow) and "cut line" in row.reason
            yield row

    profiles = profile(sheet.columns, rows())
    day = datetime.fromtimestamp(min(_file_time(csv), now_us) / 1e6, UTC).strftime(
        "%Y-%m-%dT00:00:00Z"
    )
    words = model_words(model) if model else ModelWords()
    made = suggest(
        _slug(csv.stem), sheet.dialect, profiles, words,
        file_date=day, now_us=now_us, short_rows=short > MANY_SHORT_ROWS * max(good, 1),
    )  # fmt: skip
    text = write_mapping(made, words.name)
    parse_mapping(
        text
    )  # what is suggested can be read: a failure here is a bug, found before the user finds it
    return text, made


def _dialect(layout: FileLayout) -> Dialect:
    return Dialect(layout.encoding, layout.delimiter, layout.header_line)


def _file_time(path: Path) -> int:
    """When the file was last written, to the second: as much as a copy keeps."""
    return (datetime.fromtimestamp(int(path.stat().st_mtime), UTC) - EPOCH) // MICROSECOND


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-")[:80] or "file"
