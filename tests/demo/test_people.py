"""Every persona ends where a sales person would expect it to, with the model that is shipped."""

from __future__ import annotations

import pytest

from scorer.contracts.model.file import load_model
from scorer.demo.people import CAST, Role
from scorer.demo.script import Dice, play
from scorer.domain.events import LeadEvent
from scorer.domain.fold import fold
from scorer.domain.outputs import Tier, TierCrossed
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState

PLAN = Plan(load_model("default"))
START_US = 1_767_600_000_000_000


def life_of(role: Role, seed: int) -> tuple[LeadState, list[TierCrossed]]:
    """The state at the end of a story, and every crossing on the way."""
    state, crossings = LeadState(PLAN.hash), []
    for post in play(role.persona(Dice(seed)), "mei", START_US):
        assert isinstance(post.what, LeadEvent)
        outputs = fold(state, post.what, PLAN).outputs
        crossings += [output for output in outputs if isinstance(output, TierCrossed)]
    return state, crossings


@pytest.mark.parametrize("role", CAST, ids=lambda role: role.persona.__name__)
def test_a_story_ends_in_the_tier_that_it_tells_of(role: Role) -> None:
    """Whatever the dice: the buyer is hot, the student is out, the ghost is cold."""
    assert {life_of(role, seed)[0].head.tier for seed in range(40)} == {role.ends}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("buyer", [Tier.WARM, Tier.HOT]),
        ("champion", [Tier.WARM, Tier.HOT, Tier.WARM, Tier.COLD]),
        ("returner", [Tier.WARM, Tier.COLD, Tier.WARM, Tier.HOT]),
        ("competitor", [Tier.WARM, Tier.HOT, Tier.DISQUALIFIED]),
        ("bot", []),
    ],
)
def test_the_way_there_is_a_story_too(name: str, path: list[Tier]) -> None:
    """Tiers are reached and left for reasons that can be told."""
    role = next(role for role in CAST if role.persona.__name__ == name)

    assert [crossing.to_tier for crossing in life_of(role, seed=0)[1]] == path


def test_a_bots_two_hundred_pages_are_worth_what_its_papers_are() -> None:
    """Volume buys nothing: the pages score nothing and the papers meet their cap."""
    role = next(role for role in CAST if role.persona.__name__ == "bot")

    assert life_of(role, seed=0)[0].published == 8.0
