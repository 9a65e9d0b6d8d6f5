"""A first mapping for files that nobody has seen: every column in its place, with a reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.contracts.model.file import load_model
from scorer.importing.errors import FileProblem
from scorer.importing.files import open_import, suggest_mapping
from scorer.importing.importer import Report
from scorer.importing.mapping import Mapping, Repeats, TimeColumn
from scorer.importing.mapping_file import parse_mapping
from tests.cli import samples

NOW_US = 1_795_005_000_000_000
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "education_leads.csv"


def suggested(path: Path, model: str = "default") -> Mapping:
    text, _ = suggest_mapping(path, load_model(model), now_us=NOW_US)
    return parse_mapping(text)


def imported(path: Path, model: str = "default") -> Report:
    importer = open_import(path, suggested(path, model), now_us=NOW_US)
    for _ in importer.run():
        pass
    return importer.report


@pytest.mark.parametrize("sample", samples.ALL, ids=lambda sample: sample.__name__)
def test_a_suggested_mapping_imports_every_row(
    tmp_path: Path, sample: Callable[[Path], Path]
) -> None:
    report = imported(sample(tmp_path))
    assert report.bad == []
    assert report.rows >= samples.ROWS


@pytest.mark.parametrize("sample", samples.ALL, ids=lambda sample: sample.__name__)
def test_every_column_has_one_place(tmp_path: Path, sample: Callable[[Path], Path]) -> None:
    path = sample(tmp_path)
    mapping = suggested(path)
    columns = set(open_import(path, mapping, now_us=NOW_US).sheet.columns)
    named = {column for _, column in mapping.columns()}
    assert named | set(mapping.ignore) == columns
    assert named & set(mapping.ignore) == set()


def test_a_crm_export_is_understood(tmp_path: Path) -> None:
    mapping = suggested(samples.crm_english(tmp_path))
    assert mapping.lead_id.columns == ["Lead ID"]
    assert mapping.created == TimeColumn(column="Created Date", format="mdy")
    assert mapping.attributes["employees"].type == "number"
    assert mapping.attributes["industry"].values == {
        "Technology": "software", "Banking": "finance", "Hospital & Health Care": "healthcare",
    }  # fmt: skip
    assert mapping.attributes["title"].column == "Title"
    assert mapping.owner == "Lead Owner"


def test_personal_data_notes_and_foreign_scores_are_left_out(tmp_path: Path) -> None:
    mapping = suggested(samples.crm_english(tmp_path))
    assert {"First Name", "Last Name", "Email", "Phone", "Description", "Rating"} <= set(
        mapping.ignore
    )


def test_the_answer_is_an_outcome_and_never_an_attribute(tmp_path: Path) -> None:
    mapping = suggested(samples.crm_english(tmp_path))
    assert [(each.column, each.values) for each in mapping.outcomes] == [
        ("Converted", {"Yes": "won"})
    ]
    assert "Converted" not in [attribute.column for attribute in mapping.attributes.values()]


def test_a_chinese_export_is_understood(tmp_path: Path) -> None:
    mapping = suggested(samples.crm_chinese(tmp_path))
    assert mapping.file.encoding == "gb18030"
    assert mapping.lead_id.columns == ["线索编号"]
    assert mapping.attributes["industry"].values == {
        "软件": "software", "金融": "finance", "制造业": "manufacturing", "博彩": "gambling",
    }  # fmt: skip
    assert (
        mapping.attributes["employees"].values["少于50人"] == "25"
    )  # a text until its type is read
    assert {b.behaviour for b in mapping.behaviours} == {"page_viewed", "demo_requested"}
    assert mapping.outcomes[0].values == {"已成交": "won", "无效": "disqualified"}
    assert {"客户姓名", "手机号", "备注"} <= set(mapping.ignore)


def test_a_german_export_is_understood(tmp_path: Path) -> None:
    mapping = suggested(samples.erp_german(tmp_path))
    assert (mapping.file.encoding, mapping.file.delimiter) == ("cp1252", ";")
    assert mapping.created == TimeColumn(column="Erstellt am", format="dmy")
    assert mapping.attributes["employees"].decimal == ","
    assert mapping.attributes["department"].values["Vertrieb"] == "sales"
    assert mapping.outcomes[0].values == {"gewonnen": "won", "verloren": "lost"}


def test_a_log_of_activities_is_merged_by_lead(tmp_path: Path) -> None:
    path = samples.activity_log(tmp_path)
    mapping = suggested(path)
    assert mapping.lead_id.repeats is Repeats.MERGE
    assert mapping.behaviours[0].values == {
        "page_view": "page_viewed", "demo_request": "demo_requested",
        "call_no_answer": "call_unanswered", "whitepaper_download": "documents_requested",
    }  # fmt: skip
    assert mapping.behaviours[0].object_column == "page"
    assert len(imported(path).leads) == 15


def test_a_lead_of_a_log_is_created_with_its_first_event(tmp_path: Path) -> None:
    path = samples.activity_log(tmp_path)
    rows = [
        event
        for events in open_import(path, suggested(path), now_us=NOW_US).run()
        for event in events
    ]
    first: dict[str, int] = {}
    for event in rows:
        first[event.lead_id] = min(event.time_us, first.get(event.lead_id, event.time_us))
    created = {e.lead_id: e.time_us for e in rows if type(e.body).__name__ == "Created"}
    assert created == first


def test_the_day_of_the_deal_is_the_time_of_the_outcome(tmp_path: Path) -> None:
    mapping = suggested(samples.deals(tmp_path))
    assert mapping.outcomes[0].values == {"Won": "won", "Lost": "lost"}
    assert isinstance(mapping.outcomes[0].at, TimeColumn)
    assert mapping.outcomes[0].at.column == "close_date"
    assert "close_value" in mapping.ignore


def test_a_spreadsheet_is_understood(tmp_path: Path) -> None:
    mapping = suggested(samples.spreadsheet(tmp_path))
    assert mapping.file.header_line == 3
    assert (mapping.lead_id.columns, mapping.lead_id.as_) == (["Email"], "hash")
    assert mapping.created == TimeColumn(column="Created", format="excel")


def test_rows_without_an_id_are_known_by_all_they_say(tmp_path: Path) -> None:
    path = samples.nameless(tmp_path)
    mapping = suggested(path)
    assert mapping.lead_id.repeats is Repeats.SEPARATE
    assert mapping.outcomes[0].column == "y"
    assert len(imported(path).leads) == samples.ROWS + 1  # two rows are alike


def test_day_and_month_that_could_be_either_are_warned_about(tmp_path: Path) -> None:
    rows = [[n, f"{1 + n % 12:02d}/{1 + n % 11:02d}/2025"] for n in range(1, 60)]
    path = samples.write(tmp_path / "f.csv", ["id", "created"], rows)
    text, made = suggest_mapping(path, now_us=NOW_US)
    assert made.warnings
    assert "WARNING" in text


def test_another_column_tells_day_from_month(tmp_path: Path) -> None:
    rows = [
        [n, f"{1 + n % 12:02d}/{1 + n % 11:02d}/2025", f"12/{1 + n % 28}/2025"]
        for n in range(1, 60)
    ]
    path = samples.write(tmp_path / "f.csv", ["id", "created", "updated"], rows)
    mapping = suggested(path)
    assert isinstance(mapping.created, TimeColumn)
    assert mapping.created.format == "mdy"


def test_without_a_column_of_times_all_leads_get_the_day_of_the_file(tmp_path: Path) -> None:
    path = samples.nameless(tmp_path)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert suggested(path).created == "2023-11-14T00:00:00Z"


def test_every_choice_has_a_reason(tmp_path: Path) -> None:
    text, _ = suggest_mapping(samples.crm_english(tmp_path), load_model("default"), now_us=NOW_US)
    section = ""
    for line in text.splitlines():
        section = line if line and line[0] not in " #-" else section
        entry = line.startswith(("  - ",)) or (line.startswith("  ") and line[2] not in " -")
        if entry and section.startswith(("attributes", "behaviours", "outcomes", "ignore")):
            assert "   # " in line, line


@pytest.mark.skipif(not SHARED.exists(), reason=f"NOT PROVEN on real leads: {SHARED} is not there")
@pytest.mark.parametrize("model", ["default", "education"])
def test_the_real_leads_all_import(model: str) -> None:
    report = imported(SHARED, model)
    assert (len(report.leads), report.bad) == (4_620, [])


words = st.sampled_from(
    ["", "Select", "yes", "否", "12", "1.200", "12,5", "2024-05-01", "05/06/2024", "45300", "1715558400", "ann@example.org",
     "+1 555 1234", "VP", "51-200", "won", "Email Opened", "two\nlines", "\x07\u2028\x85 odd", "a b c d e f", "\U0001f600", "'", '"', "# no", "key: value", "[x", "-"]
)  # fmt: skip
names = st.sampled_from(
    ["id", "Lead ID", "name", "created", "updated at", "status", "visits", "source", "owner", "industry", "编号", "创建时间",
     "event", "timestamp", "score", "", "a: b", "- x", "won date", "demo requested", "y", "No"]
)  # fmt: skip


def test_a_file_of_empty_cells_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = samples.write(tmp_path / "f.csv", [""], [[""]])

    with pytest.raises(FileProblem, match="nothing but empty cells"):
        suggest_mapping(path)


@settings(max_examples=60)
@given(st.integers(1, 5).flatmap(lambda width: st.tuples(
    st.lists(names, min_size=width, max_size=width),
    st.lists(st.lists(words, min_size=width, max_size=width), max_size=12),
)))  # fmt: skip
def test_whatever_a_file_holds_its_suggestion_can_be_read_and_used(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[str]]]
) -> None:
    path = samples.write(tmp_path_factory.mktemp("f") / "f.csv", *table)
    with suppress(FileProblem):  # a table of nothing but empty cells is no file
        report = imported(path)
        assert len(report.leads) + len(report.bad) + report.repeated <= max(report.rows, 1)
