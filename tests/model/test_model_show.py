"""The tables of a model say what the file says."""

from __future__ import annotations

import json

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.model.show import Section, show


def section(name: str, title: str) -> Section:
    return next(section for section in show(name) if section.title == title)


@pytest.mark.parametrize("name", ["default", "education"])
def test_every_rule_of_a_model_is_in_one_table(name: str) -> None:
    shown = [row[0] for s in show(name) if s.title.startswith("Rules of") for row in s.rows]

    assert sorted(shown) == sorted(rule.id for rule in load_model(name).rules)


@pytest.mark.parametrize("name", ["default", "education"])
def test_every_row_has_a_text_in_every_column(name: str) -> None:
    for table in show(name):
        assert table.rows
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert all(isinstance(cell, str) for cell in row)
        json.dumps(table.as_json())


def test_a_rule_reads_like_a_sentence() -> None:
    rules = {row[0]: row[1:6] for row in section("default", "Rules of behaviour").rows}

    assert rules["asked_for_demo"] == (
        "+14",
        "demo_requested",
        "halves in 14d",
        "1 within any 1d",
        "max 20",
    )
    assert rules["never_answers_calls"][:2] == (
        "-15",
        "3 × call_unanswered in a row, reset by call_answered",
    )


def test_the_tables_of_the_other_model_show_what_only_it_has() -> None:
    rules = {row[0]: row for row in section("education", "Rules of behaviour").rows}

    assert rules["took_trial"][3] == "loses 25% every 15d"
    assert rules["looks_at_courses"][3:6] == (
        "to zero in 30d",
        "once per object, 3 per calendar day",
        "group browsing",
    )
    assert rules["left_the_list"][1] == "-20 soft"
    assert rules["unreachable"][1] == "hard"
    assert section("education", "Fast track").rows == (("callback_requested", "hot", "1d"),)
    assert section("education", "Grid").rows[0] == (
        "first",
        "profile",
        "A from 20, B from 10, C the rest",
    )
    assert section("education", "Dimensions").rows[2][3] == "after 3d halves in 14d, down to 0"


def test_tiers_say_where_they_begin_and_where_they_are_left() -> None:
    assert section("default", "Tiers").rows[:3] == (
        ("hot", "above 70", "at 68"),
        ("warm", "from 30", "under 28"),
        ("cold", "below", ""),
    )


def test_what_a_model_does_not_have_has_no_table() -> None:
    titles = [s.title for s in show("default")]

    assert "Fast track" not in titles
    assert "Grid" not in titles
