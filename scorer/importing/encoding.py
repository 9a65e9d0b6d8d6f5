"""In which encoding a file of unknown origin is written. Knows bytes, knows no columns.

Spreadsheets still export in the code page of the machine: UTF-8 is proven, everything else is a
guess, and is reported as one.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final, NamedTuple

from scorer.importing.errors import FileProblem

CHUNK_BYTES: Final = 1 << 20
HIGH_RUNS: Final = re.compile(rb"[\x80-\xff]+")
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_TEXT: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "save it as CSV (UTF-8) and import that"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as CSV (UTF-8) and import that"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it with gunzip and import the CSV"),
)


class Encoding(NamedTuple):
    """A codec name, and whether it was proven or guessed."""

    name: str
    guessed: bool = False


def detect(path: Path) -> Encoding:
    """The encoding of the file: by its mark, else UTF-8 when all of it is, else the likeliest."""
    with _open(path) as file:
        start = file.read(CHUNK_BYTES)
        _refuse_binaries(path, start)
        for mark, name in BOMS:
            if start.startswith(mark):
                return Encoding(name)
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = start
        while chunk:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return _guess(chunk)
            chunk = file.read(CHUNK_BYTES)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _guess(start)
    return Encoding("utf-8")


def _open(path: Path):  # type: ignore[no-untyped-def]  # io.BufferedReader, whose open() mypy knows
    try:
        return path.open("rb")
    except OSError as error:
        raise FileProblem(
            f"cannot read {path}: {error.strerror}", "check the path and its permissions"
        ) from error


def _refuse_binaries(path: Path, start: bytes) -> None:
    if not start.strip():
        raise FileProblem(f"{path} is empty", "export it again, with a line of column names")
    for magic, what, remedy in NOT_TEXT:
        if start.startswith(magic):
            raise FileProblem(f"{path} is {what}, not a CSV", remedy)


def _guess(chunk: bytes) -> Encoding:
    """Which code page bytes are in that are not (all) UTF-8.

    Chinese in GB18030 comes in pairs of high bytes, so nearly all runs are even; accented letters of
    Western Europe stand alone between ASCII letters; Cyrillic comes in long runs of any length.
    """
    text = chunk.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if sum(char > "\x7f" for char in text) - broken >= 10 * broken:
        return Encoding("utf-8", guessed=True)  # UTF-8 with a few broken characters
    runs = [len(run) for run in HIGH_RUNS.findall(chunk)]
    even = sum(length % 2 == 0 for length in runs) / len(runs)
    mean = sum(runs) / len(runs)
    if even >= 0.9:
        return Encoding("gb18030", guessed=True)
    if mean > 2.5:
        return Encoding("cp1251", guessed=True)
    undefined_in_cp1252 = re.search(rb"[\x81\x8d\x8f\x90\x9d]", chunk)
    return Encoding("latin-1" if undefined_in_cp1252 else "cp1252", guessed=True)
