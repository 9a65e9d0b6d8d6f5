"""R8: what is legal and yet hardly meant is found, and nothing is found where all is well."""

from __future__ import annotations

import pytest

from scorer.contracts.model.check import Finding, Severity, check

BASE = """
name: test
version: "1"
dimensions:
  fit: {min: 0, max: 50}
  behaviour: {min: -34, max: 50}
groups: {opens: {dimension: behaviour, max: 10}}
behaviours: {demo: {}, mail: {}, call: {by: rep}}
rules:
  - {id: industry, dimension: fit, points: 50, when: {attribute: industry, operator: exists}}
  - {id: demo, dimension: behaviour, on: demo, points: 25, max: 50}
  - {id: mail, dimension: behaviour, on: mail, points: 2, group: opens}
  - {id: call, dimension: behaviour, on: call, points: -5}
"""


def findings(change: tuple[str, str] | None = None, more: str = "") -> list[Finding]:
    text = BASE
    if change:
        assert change[0] in BASE
        text = BASE.replace(*change)
    return check(f"{text}{more}\n")


def rule(text: str) -> list[Finding]:
    return findings(more=f"  - {{id: tried, {text}}}")


def checks(found: list[Finding], name: str = "tried") -> set[str]:
    return {finding.check for finding in found if finding.rule == name}


@pytest.mark.parametrize("source", ["default", "education", BASE])
def test_a_sound_model_has_no_finding(source: str) -> None:
    assert check(source) == []


def test_what_does_not_load_is_a_finding_too() -> None:
    found = findings(("on: demo", "on: demos"))

    assert [(f.severity, f.line, f.rule, f.check) for f in found] == [
        (Severity.ERROR, 11, "rules[1].on", "does_not_load")
    ]
    assert "demo" in found[0].suggestion


@pytest.mark.parametrize(
    "conditions",
    [
        "[{attribute: a, operator: equals, value: x}, {attribute: a, operator: equals, value: y}]",
        "[{attribute: a, operator: at_least, value: 5}, {attribute: a, operator: at_most, value: 4.9}]",
        "[{attribute: a, operator: in, value: [x]}, {attribute: a, operator: not_in, value: [x, y]}]",
        "[{attribute: a, operator: exists}, {attribute: a, operator: missing}]",
        "[{attribute: a, operator: between, value: [1, 3]}, {attribute: a, operator: equals, value: 4}]",
        "[{attribute: a, operator: missing}, {attribute: a, operator: matches, value: x}]",
        "[{attribute: a, operator: equals, value: true}, {attribute: a, operator: contains, value: x}]",
    ],
)
def test_conditions_that_exclude_each_other_are_dead(conditions: str) -> None:
    assert checks(rule(f"dimension: fit, points: 3, when: {{all: {conditions}}}")) == {"dead_rule"}


@pytest.mark.parametrize(
    "conditions",
    [
        "[{attribute: a, operator: at_least, value: 5}, {attribute: a, operator: at_most, value: 5}]",
        "[{attribute: a, operator: not_equals, value: 5}, {attribute: a, operator: between, value: [5, 6]}]",
        "[{attribute: a, operator: matches, value: ^x}, {attribute: a, operator: matches, value: y$}]",
        "[{attribute: a, operator: contains, value: x}, {attribute: a, operator: not_equals, value: x}]",
        "[{attribute: a, operator: equals, value: x}, {attribute: b, operator: equals, value: y}]",
        "[{attribute: a, operator: not_in, value: [x, y]}, {attribute: a, operator: exists}]",
        "[{attribute: a, operator: matches, value: ^2}, {attribute: a, operator: at_least, value: 9}]",
    ],
)
def test_conditions_that_can_meet_are_not_dead(conditions: str) -> None:
    """Where the check cannot be sure, it is silent."""
    assert checks(rule(f"dimension: fit, points: 3, when: {{all: {conditions}}}")) == set()


@pytest.mark.parametrize(
    "text", ["on: demo, points: 0", "on: demo, points: 5, max: 0", "on: demo, points: -5, min: 0"]
)
def test_a_rule_that_gives_nothing_is_dead(text: str) -> None:
    assert "dead_rule" in checks(rule(f"dimension: behaviour, {text}"))


def test_a_condition_that_always_holds_says_nothing() -> None:
    either = "{any: [{attribute: a, operator: exists}, {attribute: a, operator: missing}]}"

    assert checks(rule(f"dimension: fit, points: 3, when: {either}")) == {"always_holds"}


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("on: demo, points: 12, max: 10", Severity.WARNING),
        ("on: demo, points: 12, group: opens", Severity.WARNING),
        ("on: demo, points: 60", Severity.WARNING),
        ("on: demo, points: -40", Severity.WARNING),
        ("on: demo, points: 10, max: 10", Severity.INFO),
    ],
)
def test_a_rule_that_always_hits_a_cap_is_found(text: str, severity: Severity) -> None:
    found = [f for f in rule(f"dimension: behaviour, {text}") if f.rule == "tried"]

    assert [(f.check, f.severity) for f in found] == [("always_at_cap", severity)]


@pytest.mark.parametrize(
    "text",
    [
        "on: demo, points: 10, max: 10, limit: once",
        "on: demo, points: 10, max: 10, decay: {half_life: 7d}",
        "on: demo, points: 9, max: 10",
        "on: call, points: -5, min: -5",
    ],
)
def test_a_cap_that_more_than_one_occurrence_reaches_is_meant(text: str) -> None:
    assert checks(rule(f"dimension: behaviour, {text}")) == set()


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        ("[once, {count: 3, per: 24h}]", "3 within any 1d"),
        ("[{count: 3, per: 24h}, once_per_object, once]", "once_per_object"),
        ("[{count: 3, per: 24h}, {count: 5, per: 24h}]", "5 within any 1d"),
        ("[{count: 3, per: 24h}, {count: 3, per: 12h}]", "3 within any 12h"),
        ("[{count: 2, per: day}, {count: 4, per: day}]", "4 per calendar day"),
        ("[once, once]", "once"),
    ],
)
def test_a_limit_that_another_covers_is_shadowed(limits: str, line: str) -> None:
    found = rule(f"dimension: behaviour, on: demo, points: 1, limit: {limits}")

    assert any(f.check == "shadowed_limit" and f.message.startswith(f"`{line}`") for f in found)


@pytest.mark.parametrize(
    "limits",
    [
        "[{count: 1, per: day}, {count: 3, per: 7d}]",
        "[once_per_object, {count: 3, per: 24h}]",
        "once",
    ],
)
def test_limits_that_both_bind_are_meant(limits: str) -> None:
    assert checks(rule(f"dimension: behaviour, on: demo, points: 1, limit: {limits}")) == set()


@pytest.mark.parametrize(
    ("decay", "suspicious"),
    [
        ("{half_life: 59m}", True),
        ("{half_life: 1h}", False),
        ("{half_life: 730d}", False),
        ("{half_life: 731d}", True),
        ("{expires: 14m}", True),
        ("{linear: {to_zero: 3000d}}", True),
        ("{step: {every: 7d, lose: 10%}}", False),
        ("none", False),
    ],
)
def test_an_age_that_nobody_means_is_suspicious(decay: str, suspicious: bool) -> None:
    found = checks(rule(f"dimension: behaviour, on: demo, points: 1, decay: {decay}"))

    assert found == ({"suspicious_decay"} if suspicious else set())


def test_decay_does_not_lift_a_hard_disqualifier() -> None:
    found = rule("dimension: behaviour, on: demo, disqualify: hard, decay: {expires: 30d}")

    assert [(f.check, f.rule) for f in found] == [("suspicious_decay", "tried")]


@pytest.mark.parametrize(
    ("change", "tiers", "unreachable"),
    [
        (("max: 50}\n  b", "max: 20}\n  b"), "", {"tiers.hot"}),
        (("points: 50", "points: 20"), "", {"tiers.hot"}),
        (("max: 50}\ng", "max: 20}\ng"), "tiers: {hot: above 70}", {"tiers.hot"}),
        (None, "tiers: {hot: above 100, warm: from 30}", {"tiers.hot"}),
        (None, "tiers: {hot: above 99.99, warm: from 30}", set()),
        (None, "tiers: {hot: above 200, warm: from 101}", {"tiers.hot", "tiers.warm"}),
        (None, "tiers: {hot: above 70, warm: from 0}", {"tiers.warm"}),
        (None, "total: {min: 35, max: 100}", {"tiers.warm"}),
        (None, "total: {max: 70}", {"tiers.hot"}),
        (
            None,
            "total: {max: 70}\nfast_track: {behaviour: demo, tier: hot, for: 48h}",
            set(),
        ),
    ],
)
def test_a_tier_that_no_lead_can_be_in_is_found(
    change: tuple[str, str] | None, tiers: str, unreachable: set[str]
) -> None:
    """By the caps and rules, not by the caps alone; a fast track lifts where points do not."""
    found = findings(change, tiers)

    assert {f.rule for f in found if f.check == "unreachable_tier"} == unreachable


def test_rules_about_one_attribute_do_not_add_up_when_they_exclude_each_other() -> None:
    """Two industries are worth 30 and 20; no lead is in both, so fit reaches 30, not 50."""
    rules = """  - {id: a, dimension: fit, points: 30, when: {attribute: x, operator: equals, value: a}}
  - {id: b, dimension: fit, points: 20, when: {attribute: x, operator: equals, value: b}}"""
    found = findings(("points: 50", "points: 1"), rules)

    assert any("at most 31 of its max of 50" in f.message for f in found)


def test_one_dimension_alone_should_not_make_a_lead_hot() -> None:
    change = ("max: 50}\n  b", "max: 80}\n  b")
    able = BASE.replace(*change).replace("points: 50", "points: 80")

    assert checks(findings(change), "dimensions.fit.max") == {"cap_out_of_reach"}
    assert checks(check(able), "dimensions.fit.max") == {"one_dimension_decides"}


@pytest.mark.parametrize(
    ("change", "more", "name"),
    [
        (None, "weights: {strong: 3}", "weights.strong"),
        (("opens: {", "other: {dimension: fit}, opens: {"), "", "groups.other"),
        (("groups:", "  empty: {min: 0, max: 5}\ngroups:"), "", "dimensions.empty"),
    ],
)
def test_what_is_defined_and_not_used_is_told(
    change: tuple[str, str] | None, more: str, name: str
) -> None:
    assert checks(findings(change, more), name) == {"unused"}


def test_a_behaviour_that_changes_nothing_is_told() -> None:
    """One that ends a silence changes something, though no rule weighs it."""
    idle = ("call: {by: rep}}", "call: {by: rep}, page: {}}")
    with_silence = BASE.replace(*idle).replace(
        "max: 50}\ng", "max: 50, silence: {after: 7d, half_life: 7d}}\ng"
    )

    assert checks(findings(idle), "behaviours.page") == {"idle_behaviour"}
    assert check(with_silence) == []


def test_every_finding_has_a_line_a_reason_and_a_suggestion() -> None:
    found = rule("dimension: fit, on: demo, points: 0, decay: {half_life: 1m}, limit: [once, once]")

    assert len(found) >= 3
    assert all(f.line == 14 and f.message and f.suggestion for f in found if f.rule == "tried")


def test_a_model_with_many_attributes_in_one_rule_is_checked_in_bounds() -> None:
    """Twelve attributes of three values are half a million cases: a bound is taken instead."""
    conditions = ", ".join(
        f"{{attribute: a{i}, operator: in, value: [x, y, z]}}" for i in range(12)
    )

    assert checks(rule(f"dimension: fit, points: 3, when: {{all: [{conditions}]}}")) == set()
