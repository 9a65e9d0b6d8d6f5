"""What starts, moves, stops and expires each clock, one rule a test (F1 to F12, F18 to F20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from scorer.domain.events import Touch
from scorer.domain.followup.outputs import FollowUpDue, Met, Returned, Stage
from scorer.domain.followup.policy import (
    EXEMPT_BY_DEFAULT,
    Clock,
    Exempt,
    Exemption,
    FollowUpPolicy,
    Limit,
    OnChange,
    OnEnd,
    Pools,
    Reminder,
)
from scorer.domain.followup.table import TERMINAL, Move, State
from tests.followup.given import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SHANGHAI,
    Story,
    at,
    limit,
    names,
    office,
    policy,
    shown,
)

FOLLOW_UP = {
    "first_response": limit(10 * DAY_US),
    "next_follow_up": limit(3 * DAY_US),
    "maximum_holding": limit(20 * DAY_US),
}
FIRST = {"first_response": limit(2 * DAY_US)}
IDS = [
    ("FollowUpDue", "f0dd4c55d8e9c17c5300575a653a8e39", "058d000ae27bade4"),
    ("FollowUpDue", "1f9d6428cbba72499dafec3784edec61", "058d000ae27bade4"),
    ("Met", "c756e0924d8d536595c464b22d0fb09e", "97225083f4b9006d"),
    ("Returned", "c0fbbc87abb826c0eb2ce1852ae86121", "97225083f4b9006d"),
    ("FollowUpDue", "99776ae22e7ff11ab7dde2694c3c9e29", "0eea85eecec7a4a3"),
    ("FollowUpDue", "642707ff98a038a34d98ce357f056699", "0eea85eecec7a4a3"),
    ("Voided", "e4b09212fb613f0d6d5d1d020fdffcc2", "97225083f4b9006d"),
    ("Met", "1f078abef093b81e0e8ab3515a3acd13", "97225083f4b9006d"),
]


def claimed(limits: Mapping[str, Limit], **changes: Any) -> Story:
    """A lead created on 20 March and claimed by Ann on 25 March at 10:00."""
    story = Story(policy(limits, **changes))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    return story


def test_f8_a_touch_extends_the_deadline_up_to_the_maximum_holding() -> None:
    """The worked example: limit 10 d, touch + 3 d, maximum 20 d, claimed 25 March."""
    story = claimed(FOLLOW_UP)
    dues = [story.due("first_response")]
    for day in ("2026-03-28 10:00", "2026-04-02 10:00", "2026-04-05 10:00"):
        story.touched(day)
        dues.append(story.due("next_follow_up"))
    for day in ("2026-04-08 10:00", "2026-04-11 10:00", "2026-04-13 10:00"):
        story.touched(day)
    story.until("2026-04-30 00:00")

    assert [due[:10] for due in dues if due] == [
        "2026-04-04",
        "2026-04-04",
        "2026-04-05",
        "2026-04-08",
    ]
    back = story.outputs[-1]
    assert isinstance(back, Returned)
    assert shown(back.about.time_us) == "2026-04-14 10:00"
    assert back.reason == "maximum_holding"


def test_f6_a_lead_that_was_never_touched_counts_from_its_assignment() -> None:
    """A freshly claimed lead survives the first night, and its limit runs from the claim."""
    story = claimed({"next_follow_up": limit(3 * DAY_US)})

    assert names(story.until("2026-03-26 09:00")) == []
    assert story.due("next_follow_up") == "2026-03-28 10:00"


def test_f4_and_f5_the_return_says_rule_numbers_and_previous_owner() -> None:
    """'Over 2 days without follow-up', with everything needed to check it."""
    story = claimed(FIRST)
    [back] = story.until("2026-03-28 00:00")

    assert isinstance(back, Returned)
    assert back.deadline is not None
    assert (back.reason, back.previous_owner, back.return_count) == ("first_response", "ann", 1)
    assert back.deadline.limit_us == 2 * DAY_US
    assert shown(back.deadline.start_us) == "2026-03-25 10:00"
    assert shown(back.deadline.due_us) == shown(back.about.time_us) == "2026-03-27 10:00"
    assert back.last_touch_us is None
    assert story.owner is None


def test_a_touch_at_the_very_instant_of_the_deadline_is_in_time() -> None:
    """Evidence comes before expiry when both have the same instant, whichever is heard first."""
    early, late = claimed(FIRST), claimed(FIRST)

    early.touched("2026-03-27 10:00")
    late.until("2026-03-27 10:00")
    late.touched("2026-03-27 10:00")

    assert names(early.outputs) == ["Met"]
    assert names(late.outputs) == ["Returned", "Voided", "Met"]
    assert early.owner == late.owner == "ann"


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.touched("2026-03-26 10:00", automatic=True),
        lambda s: s.touched("2026-03-26 10:00", kind="note"),
        lambda s: s.touched("2026-03-26 10:00", by="bob"),
    ],
    ids=["automatic", "a kind that does not count", "by somebody else"],
)
def test_f7_what_is_no_valid_touch_leaves_the_deadline_unchanged(
    act: Callable[[Story], object],
) -> None:
    """Only declared kinds, only by people, here only by the owner."""
    story = claimed(FIRST, touches=frozenset({"call_answered"}), by_owner=True)
    act(story)

    assert story.due("first_response") == "2026-03-27 10:00"
    assert names(story.outputs) == []


def test_f7_a_touch_that_is_told_twice_counts_once() -> None:
    """The identity of an event is its source and id, whatever the rest says."""
    story = claimed(FOLLOW_UP)
    story.tell("2026-03-26 10:00", Touch("call_answered"), id="t")
    again = story.tell("2026-03-30 10:00", Touch("call_answered"), id="t")

    assert names(again) == []
    assert story.state.head.touches == 1


def test_f3_reminders_are_graded_and_each_is_said_once() -> None:
    """Day 3 the owner, day 5 the manager with a risk flag, day 7 the return."""
    story = claimed(
        {
            "first_response": limit(
                7 * DAY_US,
                Reminder("owner", after_us=3 * DAY_US),
                Reminder("manager", before_us=2 * DAY_US, risk=True),
            )
        }
    )
    story.until("2026-04-30 00:00")
    story.until("2026-05-30 00:00")

    said = [
        (o.to, o.risk, shown(o.about.time_us)) for o in story.outputs if isinstance(o, FollowUpDue)
    ]
    assert said == [("owner", False, "2026-03-28 10:00"), ("manager", True, "2026-03-30 10:00")]
    assert names(story.outputs) == ["FollowUpDue", "FollowUpDue", "Returned"]


def test_f3_a_reminder_at_a_share_of_the_limit() -> None:
    """60 % of 10 hours are 6 hours."""
    story = claimed({"first_response": limit(10 * HOUR_US, Reminder("owner", share=0.6))})
    [due] = story.until("2026-03-25 16:00")

    assert isinstance(due, FollowUpDue)
    assert shown(due.about.time_us) == "2026-03-25 16:00"


def test_a_reminder_longer_before_than_the_limit_is_never_said() -> None:
    """A day before a deadline of 15 minutes there was no deadline."""
    story = claimed({"first_response": limit(15 * MINUTE_US, Reminder("owner", before_us=DAY_US))})

    assert names(story.until("2026-03-26 00:00")) == ["Returned"]


def test_f1_a_lead_without_owner_is_reported_to_the_manager_of_the_pool() -> None:
    """The clock of the unassigned ends in a notice, once, and starts anew with each return."""
    story = Story(policy({"unassigned": limit(2 * HOUR_US), **FIRST}))
    story.created("2026-03-25 10:00")
    notices = story.until("2026-03-26 00:00")
    story.claimed("2026-03-26 10:00")
    after_return = story.until("2026-03-29 00:00")

    assert [(o.stage, o.to) for o in notices if isinstance(o, FollowUpDue)] == [
        (Stage.EXPIRED, "pool_manager")
    ]
    assert names(after_return) == ["Returned", "FollowUpDue"]


def test_f1_an_assignment_in_time_meets_the_clock_of_the_unassigned() -> None:
    """Speed of assignment is attainment, too."""
    story = Story(policy({"unassigned": limit(2 * HOUR_US)}))
    story.created("2026-03-25 10:00")
    [met] = story.assigned("2026-03-25 10:30")

    assert isinstance(met, Met)
    assert (met.deadline.clock, met.took_us) == (Clock.UNASSIGNED, HOUR_US // 2)


@pytest.mark.parametrize(
    ("clock", "outcome"), [("no_opportunity", "opportunity_opened"), ("no_deal", "won")]
)
def test_f1_an_outcome_meets_its_clock_and_none_returns_the_lead(clock: str, outcome: str) -> None:
    """A lead that comes to nothing goes back, however often it was touched."""
    successful, fruitless = (claimed({clock: limit(30 * DAY_US)}) for _ in range(2))
    successful.outcome("2026-04-10 10:00", outcome)
    fruitless.touched("2026-04-10 10:00")

    assert names(successful.until("2026-05-30 00:00")) == []
    assert names(successful.outputs) == ["Met"]
    assert names(fruitless.until("2026-05-30 00:00")) == ["Returned"]


def test_f10_a_lead_that_heats_up_is_due_earlier() -> None:
    """The earlier of the running deadline and one counted from the crossing."""
    story = claimed({"first_response": limit(hot=15 * MINUTE_US, warm=DAY_US, cold=7 * DAY_US)})
    before = story.due("first_response")
    story.tier("2026-03-26 10:00", "warm")
    warm = story.due("first_response")
    story.tier("2026-03-27 09:55", "hot")

    assert before == "2026-04-01 10:00"
    assert warm == "2026-03-27 10:00"
    assert story.due("first_response") == "2026-03-27 10:00"  # 15 minutes from now were later


def test_f10_a_lead_that_cools_down_is_never_due_later() -> None:
    """Neither is a deadline extended that was due, nor does one revive."""
    story = claimed({"first_response": limit(hot=HOUR_US, cold=7 * DAY_US)})
    story.tier("2026-03-25 10:10", "hot")
    story.tier("2026-03-25 10:20", "cold")

    assert story.due("first_response") == "2026-03-25 11:10"
    assert names(story.until("2026-03-25 12:00")) == ["Returned"]
    story.tier("2026-03-25 12:30", "warm")
    assert story.due("first_response") is None


def test_f10_a_tier_without_limit_gets_one_when_the_lead_heats_up() -> None:
    """Counted from the crossing, since there was none before."""
    story = claimed({"first_response": limit(hot=HOUR_US)})

    assert story.due("first_response") is None
    story.tier("2026-03-25 10:10", "hot")
    assert story.due("first_response") == "2026-03-25 11:10"


EXEMPTIONS: dict[str, tuple[Callable[[Story, str], object], Callable[[Story, str], object]]] = {
    "locked": (lambda s, t: s.locked(t), lambda s, t: s.locked(t, False)),
    "paused": (lambda s, t: s.paused(t), lambda s, t: s.paused(t, False)),
    "open_opportunity": (
        lambda s, t: s.outcome(t, "opportunity_opened"),
        lambda s, t: s.outcome(t, "lost"),
    ),
    "disqualified": (
        lambda s, t: s.outcome(t, "disqualified"),
        lambda s, t: s.outcome(t, "reopened"),
    ),
}


@pytest.mark.parametrize("name", EXEMPTIONS)
def test_f9_an_exempt_lead_is_not_returned_and_then_has_the_time_that_was_left(name: str) -> None:
    """Half of the two days were gone when the exemption began."""
    begin, end = EXEMPTIONS[name]
    story = claimed(FIRST)
    begin(story, "2026-03-26 10:00")
    quiet = story.until("2026-04-10 00:00")
    end(story, "2026-04-10 10:00")

    assert names(quiet) == []
    assert story.due("first_response") == "2026-04-11 10:00"


@pytest.mark.parametrize("name", EXEMPTIONS)
def test_f9_or_its_clock_restarts_as_the_policy_says(name: str) -> None:
    """`on_end: restart`: the whole limit again."""
    begin, end = EXEMPTIONS[name]
    story = claimed(FIRST, exempt={Exemption(name): Exempt(on_end=OnEnd.RESTART)})
    begin(story, "2026-03-26 10:00")
    end(story, "2026-04-10 10:00")

    assert story.due("first_response") == "2026-04-12 10:00"


@pytest.mark.parametrize("name", EXEMPTIONS)
def test_f9_what_the_policy_does_not_exempt_is_returned(name: str) -> None:
    """And what it exempts for hot leads only, does not hold a cold one."""
    begin, _ = EXEMPTIONS[name]
    for exempt in ({}, {Exemption(name): Exempt(tiers=frozenset())}):
        story = claimed(FIRST, exempt=exempt)
        begin(story, "2026-03-26 10:00")

        assert names(story.until("2026-04-10 00:00")) == ["Returned"]


def test_f9_a_won_lead_is_nobody_s_to_take_until_it_is_reopened() -> None:
    """The win ends the episode; reopening begins another one of the same owner."""
    story = claimed(FIRST)
    story.outcome("2026-03-26 10:00", "won")
    quiet = story.until("2026-06-01 00:00")
    story.outcome("2026-06-01 10:00", "reopened")

    assert names(quiet) == []
    assert story.owner == "ann"
    assert story.due("first_response") == "2026-06-03 10:00"


def test_f9_two_exemptions_hold_until_both_have_ended() -> None:
    """A lead that is locked and paused goes on when it is neither."""
    story = claimed(FIRST)
    story.locked("2026-03-26 10:00")
    story.paused("2026-03-27 10:00")
    story.locked("2026-03-28 10:00", False)
    still = story.until("2026-04-10 00:00")
    story.paused("2026-04-10 10:00", False)

    assert names(still) == []
    assert story.due("first_response") == "2026-04-11 10:00"


def test_f11_a_limit_in_working_time() -> None:
    """Claimed on Friday at 17:50 with 4 working hours: Monday 12:50."""
    story = Story(policy({"first_response": limit(4 * HOUR_US, working=True)}, calendar=office()))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-27 17:50")

    assert story.due("first_response") == "2026-03-30 12:50"


def test_f11_an_exemption_stops_working_time_and_not_the_night() -> None:
    """Paused with 2 of 4 hours left, resumed on a Saturday: Monday 11:00."""
    story = Story(policy({"first_response": limit(4 * HOUR_US, working=True)}, calendar=office()))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-27 09:00")
    story.paused("2026-03-27 11:00")
    story.paused("2026-03-28 15:00", False)

    assert story.due("first_response") == "2026-03-30 11:00"


@pytest.mark.parametrize(
    ("claim", "due"),
    [("2026-03-25 00:30", "2026-03-29 02:00"), ("2026-03-25 23:59", "2026-03-29 02:00")],
)
def test_f12_a_daily_boundary_returns_after_strictly_more_than_n_calendar_days(
    claim: str, due: str
) -> None:
    """3 days, claimed on the 25th at whatever hour: on the 28th it is not more than three."""
    story = Story(policy({"first_response": limit(3 * DAY_US)}, daily_minute=120, zone=SHANGHAI))
    story.created(at("2026-03-20 09:00", SHANGHAI))
    story.claimed(at(claim, SHANGHAI))
    [back] = story.until("2026-04-30 00:00")

    assert shown(back.about.time_us, SHANGHAI) == due


def test_f12_hours_are_due_at_the_first_boundary_after_them() -> None:
    """4 hours from 10:00 are over at 14:00; the next 02:00 is the day after."""
    story = claimed({"first_response": limit(4 * HOUR_US)}, daily_minute=120)

    assert story.due("first_response") == "2026-03-26 02:00"


def test_f18_the_next_owner_sees_touches_score_and_count_and_the_k_th_return_ends_in_the_dead_pool() -> (
    None
):
    """After two returns the lead goes where nobody is reminded of it."""
    story = claimed(
        {**FIRST, "unassigned": limit(HOUR_US)}, pools=Pools("public", "dead", dead_after=2)
    )
    story.tier("2026-03-25 11:00", "warm", 42.0)
    story.released("2026-03-25 12:00")
    story.claimed("2026-03-25 12:30", "bob")
    story.until("2026-03-28 00:00")
    story.claimed("2026-03-28 10:00", "cat")
    story.until("2026-04-10 00:00")

    first, second = (o for o in story.outputs if isinstance(o, Returned))
    assert (first.return_count, first.pool, first.dead) == (1, "public", False)
    assert (second.return_count, second.pool, second.dead) == (2, "dead", True)
    assert (first.summary.score, first.summary.why_en) == (42.0, "why")
    assert story.due("unassigned") is None


@pytest.mark.parametrize(
    "path",
    [
        lambda s: s.claimed("2026-03-25 10:00"),
        lambda s: s.assigned("2026-03-25 10:00"),
        lambda s: s.transferred("2026-03-25 10:00", "ann"),
        lambda s: (s.assigned("2026-03-24 10:00", "bob"), s.transferred("2026-03-25 10:00", "ann")),
        lambda s: (s.assigned("2026-03-24 10:00", "bob"), s.released("2026-03-24 11:00"), s.claimed("2026-03-25 10:00")),
    ],
    ids=["claim", "assignment", "transfer", "transfer from another owner", "claim after a release"],
)  # fmt: skip
def test_f19_every_path_to_an_owner_starts_the_same_clock(path: Callable[[Story], object]) -> None:
    """Bulk, import, workflow or by hand: an ownership is an ownership."""
    story = Story(policy(FIRST))
    story.created("2026-03-20 09:00")
    path(story)

    assert story.due("first_response") == "2026-03-27 10:00"


def test_f19_a_lead_that_is_created_with_an_owner_starts_it_too() -> None:
    """The sixth path."""
    story = Story(policy(FIRST))
    story.created("2026-03-25 10:00", "ann")

    assert story.due("first_response") == "2026-03-27 10:00"


def test_giving_a_lead_to_the_one_who_has_it_starts_nothing_anew() -> None:
    """Nobody gets more time by assigning a lead to himself again."""
    story = claimed(FIRST)
    story.assigned("2026-03-26 10:00", "ann")

    assert story.due("first_response") == "2026-03-27 10:00"


LONGER = {"first_response": limit(5 * DAY_US)}


@pytest.mark.parametrize(
    ("change", "due"),
    [
        (OnChange.KEEP, "2026-03-27 10:00"),
        (OnChange.RESTART, "2026-03-31 10:00"),
        (OnChange.RECOMPUTE, "2026-03-30 10:00"),
    ],
)
def test_f20_a_change_of_policy_does_to_running_clocks_what_it_says(
    change: OnChange, due: str
) -> None:
    """2 days become 5, a day after the claim."""
    story = claimed(FIRST)
    story.policy = _changed(policy(LONGER, on_change=change))
    story.until("2026-03-26 10:00")

    assert story.due("first_response") == due


def test_f20_switching_off_and_on_again_leaves_every_due_instant_as_it_was() -> None:
    """Off, nothing is returned; on again, what is overdue is returned then, and says so."""
    story = claimed(FIRST)
    on = story.policy
    story.policy = _changed(policy(FIRST, enabled=False))
    off = story.until("2026-03-26 10:00")
    due = story.due("first_response")
    story.until("2026-03-30 10:00")
    story.policy = on
    [back] = story.until("2026-04-01 10:00")

    assert names(off) == []
    assert due == "2026-03-27 10:00"
    assert isinstance(back, Returned)
    assert back.deadline is not None
    assert shown(back.deadline.due_us) == "2026-03-27 10:00"
    assert shown(back.about.time_us) == "2026-04-01 10:00"


def test_f20_recompute_follows_the_extension_formula() -> None:
    """The touch still counts, with the new limit, from its own instant."""
    story = claimed(FOLLOW_UP)
    story.touched("2026-04-02 10:00")
    shorter = {**FOLLOW_UP, "first_response": limit(2 * DAY_US), "next_follow_up": limit(DAY_US)}
    story.policy = _changed(policy(shorter, on_change=OnChange.RECOMPUTE))
    story.until("2026-04-02 12:00")

    assert story.due("next_follow_up") == "2026-04-03 10:00"


def _changed(terms: FollowUpPolicy) -> FollowUpPolicy:
    return replace(terms, hash="changed")


def test_f2_every_deadline_of_a_long_story_ends_exactly_once() -> None:
    """Whatever happens to a lead, no deadline is both met and breached, and none is forgotten."""
    story = claimed({**FOLLOW_UP, "unassigned": limit(DAY_US), "no_deal": limit(15 * DAY_US)})
    story.touched("2026-03-26 10:00")
    story.tier("2026-03-27 10:00", "hot")
    story.transferred("2026-03-28 10:00", "bob")
    story.until("2026-04-20 00:00")
    story.claimed("2026-04-21 10:00", "cat")
    story.outcome("2026-04-22 10:00", "won")

    armed = [s for s in story.steps if s.move is Move.ARM]
    ended = [s for s in story.steps if s.state in TERMINAL]
    keys = [(s.episode, s.clock, s.start_us) for s in ended]
    assert sorted(map(str, keys)) == sorted(str((s.episode, s.clock, s.start_us)) for s in armed)
    assert {s.state for s in ended} == {State.MET, State.BREACHED, State.CANCELLED}


def test_exemptions_by_default_are_those_of_the_contract() -> None:
    """Locked, won, open opportunity, disqualified, paused."""
    assert set(EXEMPT_BY_DEFAULT) == set(Exemption)


def test_t7_ids_are_the_same_in_every_release() -> None:
    """A replay by a later release says the same things with the same ids (semantics, section 7)."""
    story = Story(
        policy({"unassigned": limit(2 * HOUR_US, Reminder("owner", share=0.5)), **FOLLOW_UP})
    )
    story.created("2026-03-25 10:00")
    story.until("2026-03-26 00:00")
    story.claimed("2026-03-26 10:00")
    story.touched("2026-03-27 10:00")
    story.until("2026-04-10 00:00")
    story.touched("2026-04-04 10:00")

    assert [(type(o).__name__, o.about.id, o.about.episode) for o in story.outputs] == IDS
