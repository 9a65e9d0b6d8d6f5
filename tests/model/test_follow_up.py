"""The follow-up section: what each key becomes, and what `model check` says about it."""

from __future__ import annotations

from datetime import date

import pytest

from scorer.contracts.model.check import check
from scorer.contracts.model.days_off import days_off
from scorer.contracts.model.file import load_model
from scorer.contracts.model.show import show
from scorer.domain.followup.policy import (
    Clock,
    Exemption,
    FollowUpPolicy,
    OnChange,
    OnEnd,
    Reminder,
)
from scorer.domain.outputs import Tier

BASE = """\
name: test
version: "1"
timezone: Asia/Shanghai
dimensions: {fit: {min: 0, max: 100}}
rules: [{id: a, dimension: fit, points: 80, when: {attribute: a, operator: exists}}]
"""
HOUR = 3_600_000_000
DAY = 24 * HOUR


def policy(section: str) -> FollowUpPolicy:
    """The policy of a section in flow style."""
    made = load_model(f"{BASE}follow_up: {section}\n").follow_up
    assert made is not None
    return made


def found(section: str) -> set[str]:
    """The checks that have something to say about a section."""
    return {f.check for f in check(f"{BASE}follow_up: {section}\n") if "follow_up" in f.rule}


def test_a_model_without_the_section_holds_nobody_to_anything() -> None:
    assert load_model(BASE).follow_up is None


def test_one_time_is_the_limit_of_every_tier() -> None:
    limit = policy("{limits: {no_deal: 30d}}").limits[Clock.NO_DEAL]

    assert limit.by_tier == dict.fromkeys(Tier, 30 * DAY)


def test_a_tier_that_is_not_named_has_no_limit() -> None:
    limit = policy("{limits: {first_response: {hot: 15m, warm: 1d}}}").limits[Clock.FIRST_RESPONSE]

    assert limit.by_tier == {Tier.HOT: HOUR // 4, Tier.WARM: DAY}


def test_reminders_have_one_of_three_moments() -> None:
    limit = policy(
        "{limits: {no_deal: {limit: 30d, remind: [{at: 60%}, {before: 1d, to: manager}, "
        "{after: 3d, to: sales, risk: true}]}}}"
    ).limits[Clock.NO_DEAL]

    assert limit.reminders == (
        Reminder("owner", share=0.6),
        Reminder("manager", before_us=DAY),
        Reminder("sales", after_us=3 * DAY, risk=True),
    )


def test_exempt_as_a_list_and_as_a_mapping() -> None:
    listed = policy("{exempt: [locked, won]}").exempt
    mapped = policy("{exempt: {paused: {clocks: no_deal, tiers: [hot], on_end: restart}}}").exempt

    assert set(listed) == {Exemption.LOCKED, Exemption.WON}
    [(exemption, exempt)] = mapped.items()
    assert exemption is Exemption.PAUSED
    assert exempt.clocks == {Clock.NO_DEAL}
    assert exempt.tiers == {Tier.HOT}
    assert exempt.on_end is OnEnd.RESTART


def test_not_said_all_five_exempt() -> None:
    assert set(policy("{}").exempt) == set(Exemption)


HOURS = "calendar: {hours: {mon-fri: [09:00-12:00, 13:00-18:00], sat: 09:00-12:00}"


def test_a_day_of_working_time_is_as_long_as_the_longest_of_the_week() -> None:
    made = policy(
        f"{{limits: {{no_deal: 2d, first_response: 4h, maximum_holding: 1w}}, {HOURS}}}}}"
    )

    spans = {clock: limit.by_tier[Tier.HOT] for clock, limit in made.limits.items()}
    assert spans == {
        Clock.NO_DEAL: 16 * HOUR,
        Clock.FIRST_RESPONSE: 4 * HOUR,
        Clock.MAXIMUM_HOLDING: 48 * HOUR,
    }
    assert all(limit.working for limit in made.limits.values())


def test_one_limit_may_count_real_time_beside_working_hours() -> None:
    made = policy(f"{{limits: {{maximum_holding: {{limit: 20d, time: elapsed}}}}, {HOURS}}}}}")
    limit = made.limits[Clock.MAXIMUM_HOLDING]

    assert (limit.by_tier[Tier.HOT], limit.working) == (20 * DAY, False)


def test_a_country_brings_its_holidays_and_its_make_up_days() -> None:
    made = policy(f"{{{HOURS}, holidays: [CN, 2026-12-24], workdays: [2026-12-26]}}}}")
    calendar = made.calendar
    assert calendar is not None

    off = [day for day in (date(2026, 10, 1), date(2026, 12, 24)) if not calendar.hours_of(day)]
    assert off == [date(2026, 10, 1), date(2026, 12, 24)]
    assert calendar.hours_of(date(2026, 9, 20))  # a Sunday, for the National Day
    assert calendar.hours_of(date(2026, 12, 26))


def test_the_public_holidays_of_china_in_2026_are_those_that_were_announced() -> None:
    """State Council notice of November 2025: 33 days of 2026, 6 of them paid back by weekends."""
    china = days_off("CN")

    assert sorted(day for day in china.workdays if day.year == 2026) == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    spring = {date(2026, 2, day) for day in range(16, 24)} - {date(2026, 2, 21), date(2026, 2, 22)}
    assert spring <= china.holidays


def test_everything_else_that_the_section_says() -> None:
    made = policy(
        '{enabled: false, boundary: {daily: "02:00"}, on_policy_change: restart, '
        "touches: {kinds: visit, by: owner}, pools: {default: p, dead: d, dead_after: 3}, "
        "limits: {unassigned: {limit: 1h, to: boss}}}"
    )

    assert (made.enabled, made.daily_minute, made.on_change) == (False, 120, OnChange.RESTART)
    assert (made.touches, made.by_owner, made.zone.key) == (
        frozenset({"visit"}),
        True,
        "Asia/Shanghai",
    )
    pools = made.pools
    assert (pools.default, pools.dead, pools.dead_after, pools.manager) == ("p", "d", 3, "boss")


def test_the_policy_has_a_hash_of_its_own() -> None:
    """Points may change without moving a deadline; a limit may not."""
    one = load_model(f"{BASE}follow_up: {{limits: {{no_deal: 30d}}}}\n").follow_up
    points = load_model(f"{BASE.replace('80', '81')}follow_up: {{limits: {{no_deal: 30d}}}}\n")
    limit = policy("{limits: {no_deal: 31d}}")
    assert one is not None
    assert points.follow_up is not None

    assert one.hash == points.follow_up.hash
    assert one.model_hash != points.follow_up.model_hash
    assert one.hash != limit.hash


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("{limits: {maximum_holding: 20d, no_deal: 30d}}", "limit_never_fires"),
        ("{limits: {no_opportunity: 30d, no_deal: 30d}}", "limit_never_fires"),
        ("{limits: {no_deal: {limit: 3d, remind: {after: 3d}}}}", "reminder_never"),
        ("{limits: {no_deal: {limit: 3d, remind: {at: 100%}}}}", "reminder_never"),
        ("{limits: {no_deal: {limit: {hot: 1d}, remind: {before: 1d}}}}", "reminder_never"),
        ("{limits: {first_response: {hot: 2d, cold: 1d}}}", "slower_when_warmer"),
        ("{limits: {first_response: 2d}}", "one_touch_suffices"),
        (f"{{limits: {{no_deal: {{limit: 3d, time: elapsed}}}}, {HOURS}}}}}", "unused_calendar"),
        (f"{{limits: {{no_deal: 3d}}, {HOURS}, holidays: CN}}}}", "make_up_days_end"),
    ],
)
def test_model_check_says_what_can_hardly_be_meant(section: str, name: str) -> None:
    assert name in found(section)


def test_model_check_is_silent_about_a_section_that_works() -> None:
    assert (
        found("{limits: {first_response: 1d, next_follow_up: 3d, maximum_holding: 20d}}") == set()
    )


def test_model_show_has_the_limits_and_the_rest() -> None:
    sections = {section.title: section for section in show("default")}

    assert ("no_deal", "120d", "120d", "120d", "120d", "time", "14d before to owner") in sections[
        "Follow-up limits"
    ].rows
    assert "dead pool" in {key for key, _ in sections["Follow-up"].rows}
