"""The demo in memory: what a viewer can see in two minutes, proven without a broker."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import takewhile

from scorer.contracts.records import Message
from scorer.demo.board import Board
from scorer.demo.rehearsal import Rehearsal, picture
from scorer.demo.story import invented
from scorer.domain.events import LeadEvent
from scorer.domain.model import DAY_US
from scorer.domain.outputs import Tier

LEADS = 60


@cache
def two_minutes() -> tuple[Board, int]:
    """The board after thirty days at the default speed, and the instant."""
    story = invented(seed=7, leads=LEADS)
    rehearsal = Rehearsal(story)
    now_us = rehearsal.watch(story.curtain_us, story.curtain_us + 30 * DAY_US)
    return rehearsal.board, now_us


def test_leads_cross_for_every_kind_of_reason() -> None:
    """Two minutes show deeds, corrections, a retraction, decay and silence at work."""
    causes = Counter(crossing.cause for crossing in two_minutes()[0].crossings)

    assert causes.keys() >= {
        "created",
        "Asked for a demo",
        "title",
        "call unanswered",
        "taken back",
        "decay",
        "silence",
        "disqualified",
    }


def test_every_tier_has_somebody_in_it() -> None:
    """The bar at the top has four colours."""
    counts = two_minutes()[0].counts()

    assert min(counts[tier] for tier in Tier) >= 5


def test_a_lead_that_is_left_alone_is_seen_to_fall() -> None:
    """Scores move between two events about a lead, downwards, as decay and silence have it."""
    falling = [
        row
        for row in two_minutes()[0].rows.values()
        if len(row.trend) > 20 and row.trend[-1] < row.trend[-10] < row.trend[-20]
    ]

    assert len(falling) >= 5


def test_what_is_broken_ends_as_a_dead_letter_and_nothing_else_does() -> None:
    """One for each broken record that was published; the people beside it are scored."""
    board, now_us = two_minutes()
    posts = list(takewhile(lambda post: post.time_us <= now_us, invented(7, LEADS).posts))
    people = {post.what.lead_id for post in posts if isinstance(post.what, LeadEvent)}

    assert board.published == len(posts)
    assert board.dead_letters == sum(isinstance(post.what, Message) for post in posts)
    assert board.rows.keys() == people


def test_the_picture_of_the_docs_can_be_drawn_again() -> None:
    """Same seed, same picture; it shows the header, a hot lead and a crossing."""
    svg = picture(width=110, height=20)

    assert svg.count("hot") > 3
    assert "lead-scorer" in svg
    assert "▲" in svg
