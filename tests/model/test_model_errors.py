"""Every mistake is found at once, with its place, what is allowed and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorer.contracts.model.check import check
from scorer.contracts.model.file import load_model
from scorer.contracts.model.problems import ModelError, Problem
from scorer.contracts.model.source import shipped_text

BASE = """name: test
version: "1"
weights: {strong: 20}
dimensions:
  fit: {min: -33, max: 33}
  behaviour: {min: -34, max: 34}
groups: {opens: {dimension: behaviour, max: 10}}
behaviours:
  demo_requested: {by: lead}
  unanswered: {by: rep}
"""
CONDITION = "when: {attribute: a, operator: equals, value: x}"


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(ModelError) as caught:
        load_model(text)
    return list(caught.value.problems)


def only_problem(text: str) -> Problem:
    found = problems_of(text)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


@pytest.mark.parametrize(
    ("rule", "path", "says", "remedy"),
    [
        ("dimension: behavior, on: demo_requested, points: 1", "dimension", "behavior", "behaviour"),
        ("dimension: fit, on: demo_request, points: 1", "on", "demo_request", "demo_requested"),
        ("dimension: fit, on: [demo_requested, x], points: 1", "on[1]", "`x`", "demo_requested"),
        ("dimension: fit, on: demo_requested, points: strongg", "points", "weight", "strong"),
        ("dimension: fit, on: demo_requested, points: -weak", "points", "`weak`", "strong"),
        ("dimension: fit, on: demo_requested, points: true", "points", "True", "number"),
        ('dimension: fit, on: demo_requested, points: "12"', "points", "`12`", "number"),
        ("dimension: fit, on: demo_requested", "", "no `points`", "points: 10"),
        ("dimension: fit, points: 1", "", "what it weighs", "when"),
        ("dimension: fit, points: 1, wen: 3", "wen", "`wen`", "`when`"),
        (f"dimension: fit, points: 1, on: demo_requested, {CONDITION}", "when", "`when`", "`on`"),
        (f"dimension: fit, points: 1, {CONDITION}, decay: none", "decay", "decay", "age"),
        ("dimension: fit, points: 1, on: demo_requested, group: open", "group", "open", "opens"),
        ("dimension: fit, points: 1, on: demo_requested, group: opens", "group", "behaviour", "second"),
        ("dimension: fit, points: 1, on: demo_requested, max: -1", "max", "-1", "at least 0"),
        ("dimension: fit, points: 1, on: demo_requested, min: 1", "min", "1", "at most 0"),
        ("dimension: fit, points: 1, on: demo_requested, max: ", "max", "no value", "remove"),
        ("dimension: fit, points: 1, on: demo_requested, disqualify: soft", "points", "soft", "negative"),
        ("dimension: fit, points: 1, on: demo_requested, disqualify: hart", "disqualify", "hart", "hard"),
        ("dimension: fit, points: 1, on: demo_requested, decay: {half_life: 0d}", "decay.half_life", "0d", "7d"),
        ("dimension: fit, points: 1, on: demo_requested, decay: {half_life: 14}", "decay.half_life", "14", "7d"),
        ("dimension: fit, points: 1, on: demo_requested, decay: {halflife: 14d}", "decay.halflife", "halflife", "half_life"),
        ("dimension: fit, points: 1, on: demo_requested, decay: {expires: 1d, half_life: 1d}", "decay", "exactly one", "keep one"),
        ("dimension: fit, points: 1, on: demo_requested, decay: linear", "decay", "linear", "none"),
        ("dimension: fit, points: 1, on: demo_requested, decay: {step: {every: 1d, lose: 150%}}", "decay.step.lose", "150%", "15%"),
        ("dimension: fit, points: 1, on: demo_requested, limit: twice", "limit", "twice", "once"),
        ("dimension: fit, points: 1, on: demo_requested, limit: {count: 0, per: day}", "limit.count", "0", "at least 1"),
        ("dimension: fit, points: 1, on: demo_requested, limit: [once, {count: 1, per: week}]", "limit[1].per", "week", "7d"),
        ("dimension: fit, points: 1, on: demo_requested, limit: {count: 3}", "limit", "`per`", "per"),
        ("dimension: fit, points: 1, on: demo_requested, streak: {of: unanswered, length: 3}", "", "not both", "remove"),
        ("dimension: fit, points: 1, streak: {of: unanswered, length: 1}", "streak.length", "1", "at least 2"),
        ("dimension: fit, points: 1, streak: {of: unanswered, length: 3}, limit: once", "", "streak", "repeat"),
        ("dimension: fit, points: 1, streak: {of: unanswered, length: 3, reset_by: unanswered}", "streak.reset_by", "reset", "remove"),
        ("dimension: fit, points: 1, when: {attribute: a, operator: atleast, value: 1}", "when.operator", "atleast", "at_least"),
        ("dimension: fit, points: 1, when: {attribute: a, operator: at_least, value: x}", "when.value", "number", "100"),
        ("dimension: fit, points: 1, when: {attribute: a, operator: matches, value: (a}", "when.value", "pattern", "RE2"),
        ("dimension: fit, points: 1, when: {attribute: a, operator: in, value: [{b: 1}]}", "when.value", "no value", "text"),
        ("dimension: fit, points: 1, when: {attribute: a, operator: equals}", "when", "one value", "in"),
        ("dimension: fit, points: 1, when: {all: []}", "when.all", "empty", "at least 1"),
        ("dimension: fit, points: 1, when: {any: [5]}", "when.any[0]", "not a mapping", "key"),
        ("dimension: fit, points: 1, when: often", "when", "not a mapping", "key"),
        ("dimension: fit, points: 1, on: demo_requested, label: {en: [a]}", "label.en", "not a text", "quotes"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_where_it_is_wrong(
    rule: str, path: str, says: str, remedy: str
) -> None:
    """One mistake is one problem, at its own place, with the word that was meant."""
    found = [
        p for p in problems_of(f"{BASE}rules:\n  - {{id: r, {rule}}}\n") if p.path.endswith(path)
    ]
    expected = f"rules[0].{path}" if path else "rules[0]"

    matching = [p for p in found if p.path == expected and says in p.message and remedy in p.remedy]
    assert len(matching) == 1, [str(problem) for problem in found]
    assert matching[0].line == 12


@pytest.mark.parametrize(
    ("section", "path", "remedy"),
    [
        ("behaviors: {}", "behaviors", "behaviours"),
        ("followup: {}", "followup", "follow_up"),
        ("follow_up: {limits: {first_reply: 1d}}", "follow_up.limits.first_reply", "first_response"),
        ("follow_up: {limits: {no_deal: 0d}}", "follow_up.limits.no_deal", "7d"),
        ("follow_up: {limits: {no_deal: {limit: 9d, remind: {to: me}}}}", "follow_up.limits.no_deal.remind", "before"),
        ("follow_up: {limits: {no_deal: {limit: 9d, time: working}}}", "follow_up.limits.no_deal.time", "calendar"),
        ("follow_up: {exempt: {won: {on_end: continue}}}", "follow_up.exempt.won.on_end", "remove it"),
        ("follow_up: {exempt: [loked]}", "follow_up.exempt", "locked"),
        ("follow_up: {calendar: {hours: {}}}", "follow_up.calendar.hours", "mon-fri"),
        ("follow_up: {calendar: {hours: {mon: 18:00-09:00}}}", "follow_up.calendar.hours.mon", "09:00-18:00"),
        ("follow_up: {calendar: {hours: {mon: [09:00-12:00, 11:00-18:00]}}}", "follow_up.calendar.hours", "break"),
        ("follow_up: {calendar: {hours: {mon: 09:00-18:00}, holidays: [XX]}}", "follow_up.calendar.holidays[0]", "DE-BY"),
        ("follow_up: {boundary: {daily: midnight}}", "follow_up.boundary.daily", "02:00"),
        ("follow_up: {on_policy_change: reset}", "follow_up.on_policy_change", "restart"),
        ("timezone: Europe/Pari", "timezone", "Europe/Paris"),
        ("timezone: Nowhere", "timezone", "Asia/Shanghai"),
        ("tiers: {hot: above 20, warm: from 30}", "tiers.warm", "20"),
        ("tiers: {hot: above 31, warm: from 30, leave_margin: 2}", "tiers.leave_margin", "1"),
        ("tiers: {hot: over 70}", "tiers.hot", "key"),
        ("tiers: {cold: 0}", "tiers.cold", "below warm"),
        ("total: {min: 10, max: 5}", "total.max", "swap"),
        ("fast_track: {behaviour: demo, tier: hot, for: 1h}", "fast_track.behaviour", "demo_requested"),
        ("fast_track: [{behaviour: demo_requested, tier: cold, for: 1h}]", "fast_track[0].tier", "warm"),
        ("history: {for: 1d, events: 0}", "history.events", "at least 1"),
        ("ignore_case: yes", "ignore_case", "true or false"),
        ("calendar: {holidays: [2026-02-30]}", "calendar.holidays[0]", "2026-10-01"),
        ("calendar: {holidays: [{from: 2026-02-03, to: 2026-02-01}]}", "calendar.holidays[0]", "swap"),
        ("publish: {min_delta: -1}", "publish.min_delta", "at least 0"),
        ("outcomes: {disqualify_on: [reopened]}", "outcomes.disqualify_on[0]", "lost"),
        ("grid: {first: {dimensions: [fat], bands: {A: rest}}, second: {dimensions: [fit], bands: {1: rest}}}", "grid.first.dimensions[0]", "fit"),
        ("grid: {first: {dimensions: [fit], bands: {A: 1, B: 5, C: rest}}, second: {dimensions: [fit], bands: {1: rest}}}", "grid.first.bands", "best first"),
        ("grid: {first: {dimensions: [fit], bands: {A: 1}}, second: {dimensions: [fit], bands: {1: rest}}}", "grid.first.bands", "rest"),
        ("name: again", "name", "keep one"),
    ],
)  # fmt: skip
def test_a_wrong_section_is_refused_where_it_is_wrong(section: str, path: str, remedy: str) -> None:
    problem = only_problem(f"{BASE}rules: []\n{section}\n")

    assert (problem.path, problem.line) == (path, 12)
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("silence", "path"),
    [
        ("{after: 7d}", "silence"),
        ("{after: 7d, lose: 1}", "silence"),
        ("{after: 7d, lose: 1, every: 1d, half_life: 3d}", "silence"),
        ("{after: 7d, lose: 0, every: 1d}", "silence.lose"),
        ("{lose: 1, every: 1d}", "silence"),
        ("{after: 7d, half_life: 3d, floor: 40}", "silence.floor"),
    ],
)
def test_silence_has_one_form_and_a_floor_within_its_dimension(silence: str, path: str) -> None:
    text = BASE.replace("max: 34", f"max: 34, silence: {silence}")

    assert only_problem(f"{text}rules: []\n").path == f"dimensions.behaviour.{path}"


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    """Shape and meaning together: a rule of wrong shape does not hide what is wrong in others."""
    text = f"""{BASE.replace('version: "1"', "version: 1.10")}rules:
  - {{id: a, dimension: fit, on: demo_requested, points: 1, limit: {{count: 3, per: 24}}}}
  - {{id: b, dimension: fitt, on: demo_requested, points: 1}}
  - {{id: c, dimension: fit, on: nothing, points: 1}}
  - {{id: c, dimension: fit, on: demo_requested, points: 1, colour: red}}
tiers: {{hot: above 10}}
"""
    found = problems_of(text)

    assert [(p.line, p.path) for p in found] == [
        (2, "version"),
        (12, "rules[0].limit.per"),
        (13, "rules[1].dimension"),
        (14, "rules[2].on"),
        (15, "rules[3].colour"),
        (16, "tiers"),
    ]


def test_a_wrong_dimension_does_not_make_its_rules_wrong_too() -> None:
    text = BASE.replace("min: -34", "min: low")
    rule = "{id: a, dimension: behaviour, on: demo_requested, points: 1}"

    assert only_problem(f"{text}rules: [{rule}]\n").path == "dimensions.behaviour.min"


def test_an_id_belongs_to_one_rule() -> None:
    rule = "{id: a, dimension: fit, on: demo_requested, points: 1}"
    problem = only_problem(f"{BASE}rules:\n  - {rule}\n  - {rule}\n")

    assert (problem.path, problem.line, problem.column) == ("rules[1].id", 13, 10)
    assert "rules[0]" in problem.message


def test_the_message_names_file_line_column_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{BASE}rules: []\nbehaviors: {{}}\n", encoding="utf-8")

    with pytest.raises(ModelError) as caught:
        load_model(path)

    text = str(caught.value)
    assert f"{path}:12:1 at behaviors:" in text
    assert "did you mean `behaviours`?" in text
    assert "model check" in caught.value.remedy


def multiplied() -> str:
    """Six lists, each nine times the one before: 4 million nodes if they were unfolded."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for i in range(1, 7):
        lines.append(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]")
    return "\n".join(lines) + "\n"


NO_MODELS = {
    "empty": "\n",
    "a list": "- a list\n- of things\n",
    "an open bracket": "a: [\n",
    "two colons": "a: b: c\n",
    "a tab": "\tname: x\n",
    "an alias of itself": "name: &a [*a]\nb: 1\n",
    "a tag that runs code": "name: !!python/object/apply:os.system [id]\nb: 1\n",
    "an unknown alias": "name: *unknown\nb: 1\n",
    "a list as key": "? [a, b]\n: c\n",
    "no numbers": "name: .nan\nversion: .inf\nb: 1e999\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "aliases that multiply": multiplied(),
}


@pytest.mark.parametrize("text", NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_model_is_refused_and_never_run_or_unfolded(text: str) -> None:
    """Broken YAML, tags that would run code, aliases that multiply to millions of nodes."""
    assert problems_of(text)


def test_a_path_that_cannot_be_read_names_the_shipped_models(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(ModelError) as caught:
            load_model(path)
        assert "default, education" in caught.value.problems[0].remedy


LINES = shipped_text("education").splitlines(keepends=True)


@settings(max_examples=40)  # each reads 250 lines of YAML: 25 ms
@given(data=st.data())
def test_a_damaged_model_is_refused_or_read_but_never_crashes_the_loader(
    data: st.DataObject,
) -> None:
    """Lines dropped, doubled, shifted or with a letter changed."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "shift", "letter"])):
            case "drop":
                lines[at] = "\n"
            case "double":
                lines[at] += lines[at]
            case "shift":
                lines[at] = "  " + lines[at]
            case _:
                column = data.draw(st.integers(0, len(lines[at])))
                letter = data.draw(st.sampled_from(list("{}[]:,-#&*!|'\"9x \t~")))
                lines[at] = lines[at][:column] + letter + lines[at][column:]
    for finding in check("".join(lines)):
        assert finding.line >= 1
        assert finding.message
        assert finding.suggestion
