"""What a demo publishes, and where its clock begins. Knows the invented people; opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scorer.demo.cast import stories
from scorer.demo.script import Post
from scorer.domain.model import DAY_US

STORY_START_US: Final = 1_767_600_000_000_000  # Mon 5 Jan 2026, 08:00 UTC
BEFORE_US: Final = 21 * DAY_US
"""What has happened when the curtain rises: enough for every tier to have somebody in it."""


@dataclass(frozen=True, slots=True)
class Story:
    """Posts in order of time, and the instant at which the curtain rises."""

    posts: Iterator[Post]
    curtain_us: int
    bad_rows: int = 0  # of the user's file: they could not be read


def invented(seed: int, leads: int) -> Story:
    """People who come without end, `leads` of them in four weeks."""
    return Story(stories(seed, leads, STORY_START_US), STORY_START_US + BEFORE_US)
