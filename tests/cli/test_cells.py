"""What a cell means: numbers, bands, yes and no, times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.importing.cells import parse_band, parse_bool, parse_number
from scorer.importing.dates import NAMED_FORMATS, ORDERED, parse_time

UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12", ".", 12), ("12.0", ".", 12), ("1,234.5", ".", 1234.5), ("1 234", ".", 1234), ("$1,200", ".", 1200),
        ("15%", ".", 15), ("(3)", ".", -3), ("1e3", ".", 1000), ("12,34,567", ".", 1_234_567), ("¥8", ".", 8),
        ("12,5", ",", 12.5), ("1.234,5", ",", 1234.5), ("1.200", ",", 1200), ("130,0", ",", 130), ("1'200", ".", 1200),
        ("12,5", ".", None), ("abc", ".", None), ("", ".", None), ("1.2.3", ".", None), ("٣", ".", None),
        ("nan", ".", None), ("inf", ".", None), ("1_000", ".", None), ("0x10", ".", None),
    ],
)  # fmt: skip
def test_numbers(text: str, decimal: str, number: float | None) -> None:
    assert parse_number(text, decimal) == number


@pytest.mark.parametrize(
    ("text", "middle"),
    [
        ("51-200", 125), ("11 to 50", 30), ("1k - 5k", 3000), ("1-5k", 3000), ("200+", 200), ("> 1000", 1000), ("<50", 25),
        ("10,000+ employees", 10_000), ("50-99人", 74), ("500人以上", 500), ("少于50人", 25), ("bis zu 10", 5), ("big", None),
    ],
)  # fmt: skip
def test_a_band_stands_for_its_middle(text: str, middle: float | None) -> None:
    assert parse_band(text) == middle


@pytest.mark.parametrize("text", ["Yes", "TRUE", "1", "1.0", "ja", "是", "да"])
def test_yes_in_many_words(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["No", "false", "0", "nein", "否", "нет"])
def test_no_in_many_words(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2024-05-13", "ymd", "2024-05-13T00:00:00"), ("2024-05-13T10:11:12Z", "ymd", "2024-05-13T10:11:12"),
        ("2024-05-13 10:11:12.123+02:00", "ymd", "2024-05-13T08:11:12.123000"), ("2024/5/1 9:05", "ymd", "2024-05-01T09:05:00"),
        ("13/05/2024", "dmy", "2024-05-13T00:00:00"), ("05/13/2024 1:05 PM", "mdy", "2024-05-13T13:05:00"),
        ("05/13/2024 12:00 AM", "mdy", "2024-05-13T00:00:00"), ("13.5.24", "dmy", "2024-05-13T00:00:00"),
        ("2024年5月13日 下午3:20", "ymd", "2024-05-13T15:20:00"), ("13 Mai 2024", "dmy", "2024-05-13T00:00:00"),
        ("May 13, 2024 3:00 PM", "mdy", "2024-05-13T15:00:00"), ("13-May-24", "dmy", "2024-05-13T00:00:00"),
        ("20240513", "ymd", "2024-05-13T00:00:00"), ("1715558400", "epoch_s", "2024-05-13T00:00:00"),
        ("1715558400000", "epoch_ms", "2024-05-13T00:00:00"), ("45425.5", "excel", "2024-05-13T12:00:00"),
        ("2024-05-13", "dmy", "2024-05-13T00:00:00"), ("13.05.2024", "%d.%m.%Y", "2024-05-13T00:00:00"),
        ("Mon, 13 May 2024 10:00:00 GMT", "dmy", "2024-05-13T10:00:00"),
    ],
)  # fmt: skip
def test_times(text: str, form: str, expected: str) -> None:
    time_us = parse_time(text, form, UTC_ZONE)
    assert time_us is not None
    moment = datetime.fromtimestamp(time_us / 1e6, UTC)
    assert moment.replace(tzinfo=None).isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "31/02/2024", "13/13/2024", "soon", "1/2", "2024-05-13 25:00"]
)
def test_what_is_no_time(text: str) -> None:
    assert [form for form in NAMED_FORMATS if parse_time(text, form, UTC_ZONE) is not None] == []


def test_a_time_without_a_zone_is_in_the_zone_of_its_column() -> None:
    there = parse_time("2024-05-13 08:00", "ymd", ZoneInfo("Asia/Shanghai"))
    assert there == parse_time("2024-05-13T00:00:00Z", "ymd", UTC_ZONE)


WRITTEN = {"ymd": "%Y-%m-%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}


@given(st.integers(946_684_800, 4_102_000_000), st.sampled_from(ORDERED))
def test_a_written_time_is_read_back(seconds: int, order: str) -> None:
    text = datetime.fromtimestamp(seconds, UTC).strftime(f"{WRITTEN[order]} %H:%M:%S")
    assert parse_time(text, order, UTC_ZONE) == seconds * 1_000_000


@given(st.text(max_size=30), st.sampled_from([*NAMED_FORMATS, "%d.%m.%Y"]))
def test_no_text_breaks_the_reading_of_times_and_numbers(text: str, form: str) -> None:
    assert parse_time(text, form, UTC_ZONE) is None or text.strip()
    assert parse_number(text) is None or text.strip()
    parse_band(text)
