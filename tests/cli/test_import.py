"""`lead-scorer import`: good rows are sent, bad rows are listed, doing it again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scorer.cli.exits import Exit
from tests.cli import samples
from tests.cli.memory_broker import Desk

CSV = """id,title,created
1,CEO,2026-11-01
2,VP,2026-11-02
,CEO,2026-11-03
4,intern,not a date
1,CEO,2026-11-01
2,Director,2026-11-02
7,Manager,2031-01-01
8,analyst
"""
MAP = """
name: test
lead_id: id
created: {column: created}
changed: created_is_fixed
attributes: {title: title}
""".replace("created_is_fixed", "2026-11-10T00:00:00Z")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "leads.csv").write_text(CSV)
    (tmp_path / "map.yaml").write_text(MAP)
    return str(tmp_path / "leads.csv"), str(tmp_path / "map.yaml")


def test_bad_rows_are_listed_with_line_and_reason_and_good_ones_sent(
    desk: Desk, files: tuple[str, str]
) -> None:
    said = desk.run("import", files[0], "--map", files[1], "--json")
    report = json.loads(said.out)
    assert said.code == Exit.BAD_ROWS
    assert {bad["line"]: bad["reason"].split()[0] for bad in report["bad"]} == {
        4: "no", 5: "column", 7: "lead", 8: "its", 9: "2",
    }  # fmt: skip
    assert (report["rows"], report["leads"], report["repeated"]) == (8, 2, 1)
    assert {message.key for message in desk.broker.sent} == {b"1", b"2"}


def test_importing_again_emits_nothing(desk: Desk, files: tuple[str, str]) -> None:
    desk.run("import", files[0], "--map", files[1])
    first = list(desk.broker.driver.outputs)
    states = dict(desk.broker.driver.store.states)
    desk.run("import", files[0], "--map", files[1])
    assert desk.broker.driver.outputs == first
    assert desk.broker.driver.store.states == states
    assert (
        desk.broker.sent[: len(desk.broker.sent) // 2]
        == desk.broker.sent[len(desk.broker.sent) // 2 :]
    )


def test_a_dry_run_reads_everything_and_sends_nothing(desk: Desk, files: tuple[str, str]) -> None:
    said = desk.run("import", files[0], "--map", files[1], "--dry-run")
    assert said.code == Exit.BAD_ROWS
    assert "would be published" in said.out
    assert desk.broker.sent == []


def test_bad_rows_can_be_mended_in_a_file_of_their_own(
    desk: Desk, files: tuple[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "bad.csv"
    desk.run("import", files[0], "--map", files[1], "--bad-rows", str(out))
    lines = out.read_text().splitlines()
    assert lines[0] == "line,reason,id,title,created"
    assert [line.split(",")[0] for line in lines[1:]] == ["4", "5", "7", "8", "9"]


def test_what_the_scorer_would_refuse_is_a_bad_row(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(f"id,title\n1,CEO\n2,{'x' * 2000}\n{'y' * 300},VP\n")
    (tmp_path / "map.yaml").write_text(
        "name: t\nlead_id: id\ncreated: 2026-11-01T00:00:00Z\nattributes: {title: title}\n"
    )
    said = desk.run(
        "import", str(tmp_path / "leads.csv"), "--map", str(tmp_path / "map.yaml"), "--json"
    )
    assert [bad["line"] for bad in json.loads(said.out)["bad"]] == [3, 4]
    assert desk.broker.driver.dead_letters == []


def test_suggest_then_import_scores_every_lead(desk: Desk, tmp_path: Path) -> None:
    csv, mapping = samples.crm_chinese(tmp_path), tmp_path / "map.yaml"
    assert desk.run("import", str(csv), "--suggest", "-o", str(mapping)).code == Exit.OK
    assert desk.run("import", str(csv), "--map", str(mapping)).code == Exit.OK
    leads = [json.loads(line) for line in desk.run("list", "-n", "0", "--json").out.splitlines()]
    assert len(leads) == samples.ROWS
    assert len({lead["score"] for lead in leads}) > 5
    assert desk.broker.driver.dead_letters == []


def test_a_suggestion_overwrites_nothing_unless_told_to(desk: Desk, tmp_path: Path) -> None:
    csv, mapping = samples.deals(tmp_path), tmp_path / "map.yaml"
    mapping.write_text("mine")
    assert desk.run("import", str(csv), "--suggest", "-o", str(mapping)).code == Exit.USAGE
    assert mapping.read_text() == "mine"
    assert desk.run("import", str(csv), "--suggest", "-o", str(mapping), "--force").code == Exit.OK


def test_without_a_mapping_the_command_says_how_to_get_one(
    desk: Desk, files: tuple[str, str]
) -> None:
    said = desk.run("import", files[0])
    assert said.code == Exit.USAGE
    assert "--suggest" in said.err


def test_a_mapping_for_another_file_is_refused_before_anything_is_sent(
    desk: Desk, files: tuple[str, str], tmp_path: Path
) -> None:
    other = samples.deals(tmp_path)
    said = desk.run("import", str(other), "--map", files[1])
    assert said.code == Exit.CONFIG
    assert "does not have" in said.err
    assert desk.broker.sent == []


def test_columns_that_nobody_mentions_are_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,title,extra\n1,CEO,x\n")
    (tmp_path / "map.yaml").write_text("name: t\nlead_id: id\ncreated: 2026-11-01T00:00:00Z\n")
    said = desk.run("import", str(tmp_path / "leads.csv"), "--map", str(tmp_path / "map.yaml"))
    assert "title, extra" in said.err
