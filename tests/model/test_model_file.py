"""What is written in a model file is what the fold gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.model.scalars import format_duration, parse_duration
from scorer.domain.model import (
    DAY_US,
    SECOND_US,
    AttributeRule,
    BehaviourRule,
    Bounds,
    Decay,
    DecayKind,
    Dimension,
    Disqualify,
    FastTrack,
    Grid,
    GridAxis,
    Group,
    History,
    Limit,
    LimitKind,
    Model,
    Outcomes,
    Publish,
    Silence,
    Streak,
    Tiers,
)
from scorer.domain.outputs import Tier

HOUR_US = 3600 * SECOND_US
BASE = """
name: test
version: "1"
weights: {strong: 20, weak: 5}
dimensions:
  fit: {min: -33, max: 33}
  behaviour: {min: -34, max: 34}
groups: {opens: {dimension: behaviour, max: 10}}
behaviours:
  demo: {by: lead, label: {en: Asked for a demo, zh: 申请了演示}}
  mail_opened:
  unanswered: {by: rep}
  answered: {}
"""


def model(rest: str, rules: str = "[]") -> Model:
    return load_model(f"{BASE}\nrules: {rules}\n{rest}\n")


def rule(text: str) -> AttributeRule | BehaviourRule:
    return model("", f"[{{id: r, dimension: behaviour, {text}}}]").rules[0]


@pytest.mark.parametrize(
    ("written", "duration_us"),
    [
        ("90s", 90 * SECOND_US),
        ("15m", 900 * SECOND_US),
        ("24h", DAY_US),
        ("7d", 7 * DAY_US),
        ("2w", 14 * DAY_US),
        ("0s", 0),
    ],
)
def test_durations_have_one_number_and_one_unit(written: str, duration_us: int) -> None:
    assert parse_duration(written) == duration_us
    assert parse_duration(format_duration(duration_us)) == duration_us


@pytest.mark.parametrize(
    ("written", "decay"),
    [
        ("none", Decay()),
        ("{half_life: 14d}", Decay(DecayKind.HALF_LIFE, 14 * DAY_US)),
        ("{linear: {to_zero: 60d}}", Decay(DecayKind.LINEAR, 60 * DAY_US)),
        ("{expires: 30d}", Decay(DecayKind.EXPIRES, 30 * DAY_US)),
        ("{step: {every: 45d, lose: 15%}}", Decay(DecayKind.STEP, 45 * DAY_US, 0.15)),
        ("{step: {every: 45d, lose: 0.15}}", Decay(DecayKind.STEP, 45 * DAY_US, 0.15)),
    ],
)
def test_every_decay_is_written_as_the_contract_writes_it(written: str, decay: Decay) -> None:
    found = rule(f"on: demo, points: 1, decay: {written}")

    assert isinstance(found, BehaviourRule)
    assert found.decay == decay


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ("once", (Limit(LimitKind.ONCE),)),
        ("once_per_object", (Limit(LimitKind.ONCE_PER_OBJECT),)),
        ("{count: 3, per: 24h}", (Limit(LimitKind.ROLLING, 3, DAY_US),)),
        ("{count: 1, per: day}", (Limit(LimitKind.CALENDAR_DAY, 1),)),
        (
            "[once_per_object, {count: 2, per: 7d}]",
            (Limit(LimitKind.ONCE_PER_OBJECT), Limit(LimitKind.ROLLING, 2, 7 * DAY_US)),
        ),
    ],
)
def test_every_limit_is_written_as_the_contract_writes_it(
    written: str, limits: tuple[Limit, ...]
) -> None:
    found = rule(f"on: demo, points: 1, limit: {written}")

    assert isinstance(found, BehaviourRule)
    assert found.limits == limits


def test_a_streak_counts_its_behaviour_until_another_resets_it() -> None:
    found = rule("points: -15, streak: {of: unanswered, length: 3, reset_by: [answered]}")

    assert isinstance(found, BehaviourRule)
    assert found.on == {"unanswered"}
    assert found.streak == Streak(3, frozenset({"answered"}), repeat=False)


@pytest.mark.parametrize(
    ("written", "points"),
    [("12", 12.0), ("-4.5", -4.5), ("strong", 20.0), ("-weak", -5.0)],
)
def test_points_are_a_number_or_a_named_weight(written: str, points: float) -> None:
    """C14: one edit of the weight changes every rule that names it."""
    assert rule(f"on: demo, points: {written}").points == points


def test_a_rule_joins_a_group_and_has_caps_of_its_own() -> None:
    found = rule("on: [demo, mail_opened], points: 2, group: opens, min: -1, max: 4")

    assert (found.group, found.min, found.max) == ("opens", -1.0, 4.0)
    assert isinstance(found, BehaviourRule)
    assert found.on == {"demo", "mail_opened"}


def test_labels_come_in_two_languages_and_never_are_empty() -> None:
    named = rule("on: demo, points: 2, label: {en: Asked, zh: 申请}")
    plain = rule("on: demo, points: 2, label: Asked")
    without = load_model(
        f"{BASE}\nrules: [{{id: asked_twice, dimension: fit, on: demo, points: 1}}]"
    ).rules[0]

    assert (named.label_en, named.label_zh) == ("Asked", "申请")
    assert (plain.label_en, plain.label_zh) == ("Asked", "Asked")
    assert (without.label_en, without.label_zh) == ("Asked twice", "Asked twice")


def test_conditions_are_one_or_all_or_any() -> None:
    big = "{attribute: n, operator: at_least, value: 10}"
    text = "{attribute: t, operator: equals, value: vp}"
    one = rule(f"points: 1, when: {big}")
    both = rule(f"points: 1, when: {{all: [{big}, {text}]}}")
    either = rule(f"points: 1, when: {{any: [{big}, {text}]}}")

    assert isinstance(one, AttributeRule)
    assert isinstance(both, AttributeRule)
    assert isinstance(either, AttributeRule)
    assert [len(r.conditions) for r in (one, both, either)] == [1, 2, 2]
    assert [r.any_of for r in (one, both, either)] == [False, False, True]


def test_disqualifiers_are_hard_without_points_or_soft_with_negative_ones() -> None:
    hard = rule("disqualify: hard, when: {attribute: region, operator: equals, value: x}")
    soft = rule("disqualify: soft, points: -30, on: demo")

    assert (hard.disqualify, hard.points) == (Disqualify.HARD, 0.0)
    assert (soft.disqualify, soft.points) == (Disqualify.SOFT, -30.0)


def test_the_rest_of_the_language() -> None:
    """Every section outside the rules, in one model."""
    found = load_model("""
name: whole
version: "2026-11-01"
timezone: Asia/Shanghai
history: {for: 10d, events: 50}
dimensions:
  fit: {min: -3, max: 60, label: Fit}
  behaviour: {min: -34, max: 34, floor: -2, silence: {after: 7d, lose: 1, every: 1d, floor: 3}}
  other: {min: 0, max: 5, silence: {after: 7d, half_life: 14d}}
total: {min: 1, max: 99}
groups: {opens: {dimension: behaviour, min: -1, max: 10}}
behaviours: {demo: {by: lead}, call: {by: rep}}
rules: []
fast_track: {behaviour: demo, tier: hot, for: 48h}
tiers: {hot: {above: 60}, warm: from 20, leave_margin: 3, min_dwell: 1h}
grid:
  first: {dimensions: [fit], bands: {A: 40, B: rest}}
  second: {dimensions: [behaviour, other], bands: {1: 20, 2: 10, 3: rest}}
publish: {min_delta: 0.5, coalesce: 1m}
outcomes: {disqualify_on: [lost, disqualified]}
hold: {pauses_decay: false}
""")
    steps = Silence(7 * DAY_US, lose=1.0, every_us=DAY_US, floor=3.0)
    halves = Silence(7 * DAY_US, half_life_us=14 * DAY_US)
    expected = Model(
        name="whole",
        version="2026-11-01",
        hash=found.hash,
        dimensions=(
            Dimension("fit", -3.0, 60.0, label_en="Fit", label_zh="Fit"),
            Dimension("behaviour", -34.0, 34.0, -2.0, steps, "Behaviour", "Behaviour"),
            Dimension("other", 0.0, 5.0, 0.0, halves, "Other", "Other"),
        ),
        rules=(),
        groups=(Group("opens", "behaviour", -1.0, 10.0),),
        total=Bounds(1.0, 99.0),
        tiers=Tiers(60.0, 20.0, 3.0, HOUR_US),
        fast_tracks=(FastTrack(frozenset({"demo"}), Tier.HOT, 48 * HOUR_US),),
        by_rep=frozenset({"call"}),
        behaviours=frozenset({"demo", "call"}),
        grid=Grid(
            GridAxis(("fit",), (("A", 40.0), ("B", float("-inf")))),
            GridAxis(("behaviour", "other"), (("1", 20.0), ("2", 10.0), ("3", float("-inf")))),
        ),
        history=History(10 * DAY_US, 50),
        publish=Publish(0.5, 60 * SECOND_US),
        outcomes=Outcomes(frozenset({"lost", "disqualified"})),
        time_zone=ZoneInfo("Asia/Shanghai"),
        hold_pauses_decay=False,
    )

    assert found == expected


def test_holidays_are_days_of_the_models_zone_joined_where_they_touch() -> None:
    found = model(
        "timezone: Asia/Shanghai\n"
        "calendar: {holidays: [2026-10-03, {from: 2026-10-01, to: 2026-10-02}, 2027-01-01]}"
    )

    def midnight(year: int, month: int, day: int) -> int:
        """0:00 in Shanghai is 16:00 of the day before in UTC."""
        at = datetime(year, month, day, tzinfo=UTC) - timedelta(hours=8)
        return int(at.timestamp()) * SECOND_US

    assert found.pauses == (
        (midnight(2026, 10, 1), midnight(2026, 10, 4)),
        (midnight(2027, 1, 1), midnight(2027, 1, 2)),
    )


def test_a_holiday_on_which_the_clock_is_set_has_23_hours() -> None:
    found = model("timezone: Europe/Berlin\ncalendar: {holidays: [2026-03-29]}")

    assert [end - start for start, end in found.pauses] == [23 * HOUR_US]


def test_holidays_need_not_pause_decay() -> None:
    assert model("calendar: {holidays: [2026-10-01], pauses_decay: false}").pauses == ()


def test_what_a_file_leaves_out_has_the_defaults_of_the_contract() -> None:
    found = model("")

    assert found.tiers == Tiers(70.0, 30.0, 2.0, 0)
    assert found.history == History(30 * DAY_US, 200)
    assert found.outcomes == Outcomes(frozenset({"disqualified"}))
    assert found.hold_pauses_decay


SAME = """
# another comment
version: '1'
name: test
groups: {opens: {max: 10.0, dimension: behaviour}}
weights:
  weak: 5
  strong: 2e1
total: {min: 0}
dimensions:
  fit: {max: 33, min: -33}
  behaviour: {max: 34, min: -34, floor: 0}
behaviours:
  unanswered: {by: rep}
  answered: {by: lead}
  mail_opened: {}
  demo: {label: {zh: 申请了演示, en: Asked for a demo}}
history: {for: 720h}
rules: []
"""


def test_the_hash_is_of_what_the_file_says_not_of_how() -> None:
    """Comments, order of keys, spelling of numbers and written-out defaults do not change it."""
    assert load_model(SAME).hash == model("").hash
    assert len(model("").hash) == 16


@pytest.mark.parametrize(
    "change",
    [
        ("max: 34", "max: 35"),
        ("strong: 20", "strong: 21"),
        ("Asked for a demo", "Asked"),
        ('version: "1"', 'version: "2"'),
        ("{by: rep}", "{by: lead}"),
    ],
)
def test_whatever_changes_an_output_changes_the_hash(change: tuple[str, str]) -> None:
    changed = BASE.replace(*change)

    assert changed != BASE
    assert load_model(f"{changed}\nrules: []").hash != model("").hash


def test_the_order_of_dimensions_and_rules_is_part_of_the_model() -> None:
    """Explanations are shown in it."""
    fit, behaviour = "  fit: {min: -33, max: 33}\n", "  behaviour: {min: -34, max: 34}\n"
    turned = BASE.replace(fit + behaviour, behaviour + fit)

    assert load_model(f"{turned}\nrules: []").hash != model("").hash


def test_a_model_comes_from_a_path_a_shipped_name_or_a_text(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(f"\ufeff{BASE}rules: []\n", encoding="utf-8")

    assert load_model(path) == load_model(str(path)) == model("")
    assert load_model("default").name == "default"
    assert load_model("education").name == "education"
