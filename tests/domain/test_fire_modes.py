"""How often a subscriber hears that a lead reached a tier (T8)."""

from __future__ import annotations

import pytest

from scorer.domain.model import Publish
from scorer.domain.outputs import FireMode, Tier, TierCrossed
from tests.domain.given import DAY, START, Lead, attribute_rule, model

EVERY, LEAD, EPISODE = FireMode.EVERY, FireMode.ONCE_PER_LEAD, FireMode.ONCE_PER_EPISODE


def hot_again_after(days: float, cooldown_days: int) -> list[TierCrossed]:
    """The times that a lead gets hot which is hot on day 0, drops, and is hot again."""
    rules = (attribute_rule("vip", "vip", True, 80.0),)
    lead = Lead(model(*rules, publish=Publish(cooldown_us=cooldown_days * DAY)))
    lead.created(vip=True)
    lead.became(START + DAY // 2, vip=False)
    lead.became(START + round(days * DAY), vip=True)
    return [crossing for crossing in lead.crossings if crossing.to_tier is Tier.HOT]


def test_t8_the_first_crossing_fires_in_every_mode() -> None:
    first, _ = hot_again_after(1, cooldown_days=0)

    assert first.fires == (EVERY, LEAD, EPISODE)


def test_t8_a_dropped_and_requalified_lead_fires_again_in_episode_mode() -> None:
    _, again = hot_again_after(1, cooldown_days=0)

    assert again.fires == (EVERY, EPISODE)


@pytest.mark.parametrize(("days", "fires"), [(6.9, (EVERY,)), (7.0, (EVERY, EPISODE))])
def test_t8_within_the_cooldown_only_those_hear_who_want_every_crossing(
    days: float, fires: tuple[FireMode, ...]
) -> None:
    _, again = hot_again_after(days, cooldown_days=7)

    assert again.fires == fires
