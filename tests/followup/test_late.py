"""Evidence that comes after its deadline has passed: what is undone, and what stands (F13, F22, F23)."""

from __future__ import annotations

from scorer.domain.events import Retraction
from scorer.domain.followup.entries import OWNER_LEFT
from scorer.domain.followup.fold import fold_entry
from scorer.domain.followup.outputs import HandedOver, Met, Returned, Voided
from scorer.domain.followup.policy import Pools
from tests.followup.given import (
    DAY_US,
    HISTORY,
    HOUR_US,
    LEAD,
    Story,
    at,
    limit,
    names,
    policy,
    shown,
)

FOLLOW_UP = {"first_response": limit(2 * DAY_US), "next_follow_up": limit(3 * DAY_US)}


def returned() -> Story:
    """Claimed on 25 March at 10:00, never touched, returned on the 27th at 10:00."""
    story = Story(policy({**FOLLOW_UP, "unassigned": limit(30 * DAY_US)}))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.until("2026-03-27 12:00")
    return story


def back_of(story: Story) -> Returned:
    """The first return that was said."""
    return next(o for o in story.outputs if isinstance(o, Returned))


def test_f13_a_touch_before_the_deadline_that_arrives_after_the_return_voids_it() -> None:
    """Both instants are said, and the clock of the owner goes on from the touch."""
    story = returned()
    said = story.touched("2026-03-26 10:00")

    voided = said[0]
    assert names(said) == ["Voided", "Met"]
    assert isinstance(voided, Voided)
    assert voided.returned_id == back_of(story).about.id
    assert shown(voided.returned_us) == "2026-03-27 10:00"
    assert shown(voided.evidence_us) == "2026-03-26 10:00"
    assert story.owner == "ann"
    assert story.due("next_follow_up") == shown(voided.next_due_us) == "2026-03-29 10:00"


def test_f13_the_return_stands_when_the_lead_was_claimed_meanwhile() -> None:
    """Bob has it; Ann's touch is history."""
    story = returned()
    story.claimed("2026-03-27 11:00", "bob")
    said = story.touched("2026-03-26 10:00")

    assert "Voided" not in names(said)
    assert story.owner == "bob"
    assert story.due("first_response") == "2026-03-29 11:00"


def test_f13_a_touch_after_the_return_changes_nothing() -> None:
    """Too late is too late."""
    story = returned()

    assert names(story.touched("2026-03-27 11:00")) == []
    assert story.owner is None


def test_f13_a_voided_return_that_comes_due_again_is_returned_again() -> None:
    """With its own instant, its own id, and counted once."""
    story = returned()
    story.touched("2026-03-26 10:00")
    [again] = story.until("2026-04-10 00:00")

    assert isinstance(again, Returned)
    assert shown(again.about.time_us) == "2026-03-29 10:00"
    assert again.return_count == 1
    assert again.about.id != back_of(story).about.id


def test_a_win_that_is_heard_of_late_voids_the_return_too() -> None:
    """Not only touches can show that a lead should have stayed."""
    story = returned()
    [voided] = story.outcome("2026-03-26 10:00", "won")

    assert isinstance(voided, Voided)
    assert voided.evidence_what == "won"


def test_a_retracted_touch_never_extended_anything() -> None:
    """The lead is returned at once, due when it would have been."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.touched("2026-03-26 10:00")  # e3
    story.until("2026-03-28 00:00")
    [back] = story.tell("2026-03-28 09:00", Retraction("crm", "e3"))

    assert isinstance(back, Returned)
    assert back.deadline is not None
    assert shown(back.deadline.due_us) == "2026-03-27 10:00"
    assert shown(back.about.time_us) == "2026-03-28 09:00"
    assert story.owner is None


def test_f23_the_earliest_touch_wins_even_when_it_arrives_last() -> None:
    """Speed to lead is 10 minutes, whatever was heard first; the correction names what it replaces."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    [first] = story.touched("2026-03-25 11:00")
    corrected = [o for o in story.touched("2026-03-25 10:10") if isinstance(o, Met) and o.corrects]

    assert isinstance(first, Met)
    assert first.took_us == HOUR_US
    [met] = corrected
    assert met.took_us == HOUR_US // 6
    assert met.corrects == first.about.id


def test_what_is_known_before_the_lead_is_created_takes_effect_at_its_creation() -> None:
    """A claim that arrives first is held; its clock begins when the lead exists."""
    story = Story(policy(FOLLOW_UP))
    story.claimed("2026-03-25 10:00")
    held = story.until("2026-04-10 00:00")
    story.created("2026-04-10 10:00")

    assert names(held) == []
    assert story.owner == "ann"
    assert story.due("first_response") == "2026-04-12 10:00"


def test_x15_a_backlog_with_the_touch_in_it_returns_nothing() -> None:
    """A worker that was down over the deadline reads the touch before it looks at the clock."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.touched("2026-03-26 10:00")  # read days later, and still before any tick

    assert names(story.until("2026-03-28 00:00")) == []


def test_x15_what_was_due_meanwhile_carries_its_exact_instant() -> None:
    """The worker was down for three days; the return says when it was due."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    [back] = story.until("2026-03-30 08:00")

    assert shown(back.about.time_us) == "2026-03-27 10:00"


def left(story: Story, when: str, owner: str = "ann", to: str | None = None) -> list[str]:
    """An owner leaves, as the stage tells each lead of it."""
    entry = (at(when), "hr", f"left-{owner}", OWNER_LEFT, owner, to)
    return names(story.take(fold_entry(story.state, LEAD, entry, story.policy, HISTORY)))


def test_f22_the_lead_of_an_owner_who_left_returns() -> None:
    """At the instant at which the owner left."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")

    assert left(story, "2026-03-25 12:00") == ["Returned"]
    back = story.outputs[-1]
    assert isinstance(back, Returned)
    assert (back.reason, back.deadline, back.previous_owner) == ("owner_left", None, "ann")


def test_f22_or_goes_to_the_one_who_was_named() -> None:
    """With all clocks of a new owner."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")

    assert left(story, "2026-03-25 12:00", to="bob") == ["HandedOver"]
    over = story.outputs[-1]
    assert isinstance(over, HandedOver)
    assert (over.previous_owner, over.about.owner, story.owner) == ("ann", "bob", "bob")
    assert story.due("first_response") == "2026-03-27 12:00"


def test_f22_a_lead_that_had_another_owner_by_then_is_left_alone() -> None:
    """Event time decides, also when the change of owner is heard of last."""
    in_order, late = Story(policy(FOLLOW_UP)), Story(policy(FOLLOW_UP))
    for story in (in_order, late):
        story.created("2026-03-20 09:00")
        story.claimed("2026-03-25 10:00")
    in_order.transferred("2026-03-25 11:00", "bob")
    nothing = left(in_order, "2026-03-25 12:00")
    left(late, "2026-03-25 12:00")
    undone = names(late.transferred("2026-03-25 11:00", "bob"))

    assert nothing == []
    assert undone == ["Voided"]
    assert in_order.owner == late.owner == "bob"


def retract(story: Story, id: str, when: str = "2026-03-25 10:30") -> list[str]:
    """Something is taken back; what is said of it, by name."""
    return names(story.tell(when, Retraction("crm", id)))


def test_t7_a_voided_return_that_was_right_after_all_is_said_again_by_another_id() -> None:
    """A subscriber drops ids that he knows; and the second one can be undone as well."""
    story = returned()
    story.touched("2026-03-26 10:00")  # e3
    again = retract(story, "e3")
    second = story.outputs[-1]
    story.touched("2026-03-26 11:00")
    voided = next(o for o in reversed(story.outputs) if isinstance(o, Voided))

    assert again == ["Returned"]
    assert isinstance(second, Returned)
    assert second.about.id != back_of(story).about.id
    assert second.deadline == back_of(story).deadline
    assert voided.returned_id == second.about.id


def test_t7_what_was_said_and_comes_back_is_not_said_twice() -> None:
    """Nobody was told that the follow-up did not count, so nobody is told that it does."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    met = names(story.touched("2026-03-26 10:00"))
    gone = names(story.released("2026-03-25 11:00"))  # e4
    back = retract(story, "e4")

    assert (met, gone, back) == (["Met"], [], [])
    assert story.owner == "ann"


def test_f23_a_first_response_that_is_the_first_again_corrects_the_one_between() -> None:
    """By an id of its own: its first one was replaced."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.touched("2026-03-26 10:00")
    story.touched("2026-03-25 11:00")  # e4
    retract(story, "e4")
    first, between, again = [
        o for o in story.outputs if isinstance(o, Met) and o.deadline.clock == "first_response"
    ]

    assert [between.corrects, again.corrects] == [first.about.id, between.about.id]
    assert again.took_us == first.took_us
    assert again.about.id != first.about.id


def test_a_return_that_stands_but_belongs_into_another_pool_is_said_anew() -> None:
    """The second return is the end of a lead; by the evidence it was the first."""
    pools = Pools("pool", "dead", dead_after=2)
    story = Story(policy(FOLLOW_UP, pools=pools))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.until("2026-03-27 12:00")
    story.claimed("2026-03-28 10:00", "bob")
    story.until("2026-03-30 12:00")
    dead = story.outputs[-1]
    story.touched("2026-03-27 09:00")  # Ann's, in time
    voided, _, anew = story.outputs[-3:]

    assert isinstance(dead, Returned)
    assert isinstance(anew, Returned)
    assert (dead.pool, anew.pool, story.state.head.pool) == ("dead", "pool", "pool")
    assert isinstance(voided, Voided)
    assert voided.returned_id == dead.about.id


def test_a_return_stays_when_the_evidence_that_showed_it_goes() -> None:
    """What time has brought is brought, also when nothing after it is left of the lead's story."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    story.touched("2026-03-26 10:00")  # e3
    story.touched("2026-03-29 09:00")  # e4: in time, as long as there was the one before
    shown_by_it = retract(story, "e3")
    nothing = retract(story, "e4")

    assert shown_by_it == ["Returned"]
    assert nothing == []
    assert names(story.until("2026-04-30 00:00")) == []
    assert story.owner is None


def test_a_retraction_in_order_finds_what_time_has_brought_before_it() -> None:
    """Said with its own instant, whether a tick came between or not."""
    story = Story(policy(FOLLOW_UP))
    story.created("2026-03-20 09:00")
    story.claimed("2026-03-25 10:00")
    [back] = story.tell("2026-03-28 00:00", Retraction("crm", "never-heard-of"))

    assert isinstance(back, Returned)
    assert shown(back.about.time_us) == "2026-03-27 10:00"
