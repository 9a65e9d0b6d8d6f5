"""Reading files: delimiters, encodings, headers, and rows that are not as they should be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.importing.errors import FileProblem
from scorer.importing.records import Row, records
from scorer.importing.sheet import BadRow, open_sheet, unique_names
from tests.cli.samples import write

COLUMNS = ["id", "name", "city"]


def rows(path: Path) -> list[Row | BadRow]:
    return list(open_sheet(path).rows())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path / "f.csv", COLUMNS, [["1", "a,b;c", "x"]] * 5, delimiter=delimiter)
    assert open_sheet(path).dialect.delimiter == delimiter
    assert rows(path)[0] == Row(2, ["1", "a,b;c", "x"])


@pytest.mark.parametrize(
    ("encoding", "text", "found", "guessed"),
    [
        ("utf-8", "Müller 北京", "utf-8", False),
        ("utf-8-sig", "Müller 北京", "utf-8-sig", False),
        ("utf-16", "Müller 北京", "utf-16", False),
        ("gb18030", "客户想了解报价，下周再联系", "gb18030", True),
        ("cp1252", "Müller trägt Größe – €", "cp1252", True),
        ("cp1251", "Привет, как дела у вас сегодня", "cp1251", True),
    ],
)
def test_the_encoding_is_found_out(
    tmp_path: Path, encoding: str, text: str, found: str, guessed: bool
) -> None:
    path = write(tmp_path / "f.csv", COLUMNS, [["1", text, "x"]] * 5, encoding=encoding)
    sheet = open_sheet(path)
    assert (sheet.dialect.encoding, sheet.dialect.encoding_guessed) == (found, guessed)
    assert rows(path)[0] == Row(2, ["1", text, "x"])


def test_a_few_broken_bytes_do_not_make_a_file_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"id,name\n" + "1,北京上海\n".encode() * 50 + b"2,\xff\n")
    assert open_sheet(path).dialect.encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PK\x03\x04rest", "Excel"), (b"\x1f\x8b\x08", "gzip"), (b"", "empty"), (b" \n ", "empty")],
)
def test_what_is_no_csv_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(FileProblem, match=said) as problem:
        open_sheet(path)
    assert problem.value.remedy


def test_a_title_above_the_header_is_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", COLUMNS, [["1", "a", "b"]] * 4, above="My report,,\n\n")
    assert open_sheet(path).columns == COLUMNS
    assert rows(path)[0].line == 4


def test_a_declared_separator_is_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", COLUMNS, [["1", "a", "b"]] * 4, delimiter="|", above="sep=|\n")
    assert open_sheet(path).columns == COLUMNS


def test_a_file_without_a_header_gets_numbered_columns(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("1,ann@example.org,2024-01-02\n2,bob@example.org,2024-01-03\n")
    assert open_sheet(path).columns == ["column 1", "column 2", "column 3"]
    assert len(rows(path)) == 2


def test_doubled_and_empty_names_become_unique() -> None:
    assert unique_names(["a", " a ", "", "a", "\ufeffb"]) == [
        "a",
        "a (2)",
        "column 3",
        "a (3)",
        "b",
    ]


def test_blank_lines_are_skipped_and_line_numbers_stay_true(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('id,name,city\n1,"two\nlines",x\n\n,,\n2,b,y\n')
    assert rows(path) == [Row(2, ["1", "two\nlines", "x"]), Row(6, ["2", "b", "y"])]


def test_ragged_rows_are_bad_and_named(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,name,city\n1,a,b\n2,a\n3,a,b,c\n4,a,b,,\n")
    good = [row.line for row in rows(path) if isinstance(row, Row)]
    bad = {row.line: row.reason for row in rows(path) if isinstance(row, BadRow)}
    assert good == [2, 5]
    assert "2 cells where the header has 3" in bad[3]
    assert "4 cells where the header has 3" in bad[4]


def test_short_rows_can_be_filled(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,name,city\n1,a\n")
    assert list(open_sheet(path).rows(fill_short=True)) == [Row(2, ["1", "a", ""])]


def test_a_quote_that_nobody_closed_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    lines = ["id,name,city", "1,a,x", '2,"oops,y', "3,c,z", '4,"ok",v', "5,e,w"]
    path.write_text("\n".join(lines) + "\n")
    found = rows(path)
    assert [row.line for row in found if isinstance(row, BadRow)] == [3]
    assert [row.cells[0] for row in found if isinstance(row, Row)] == ["1", "3", "4", "5"]


def test_an_unclosed_quote_at_the_end_swallows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('id,name,city\n1,"oops,x\n' + "".join(f"{n},a,b\n" for n in range(2, 3000)))
    found = rows(path)
    assert sum(isinstance(row, Row) for row in found) == 2998
    assert [row.line for row in found if isinstance(row, BadRow)] == [2]


def test_a_huge_field_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", COLUMNS, [["1", "x" * 1_000_000, "b"]])
    assert len(rows(path)[0].cells[1]) == 1_000_000  # type: ignore[union-attr]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=2).filter(any), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    read = [row.cells for row in records(io.StringIO(text.getvalue(), newline=""), ",")]
    assert read == table
