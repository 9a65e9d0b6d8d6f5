"""The user's own leads as a story. Knows how to read a file through `scorer.importing`, no Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scorer.demo.script import Post
from scorer.demo.story import Story
from scorer.domain.model import DAY_US, Model
from scorer.importing.errors import FileProblem
from scorer.importing.files import open_import, suggest_mapping
from scorer.importing.mapping import Mapping
from scorer.importing.mapping_file import parse_mapping

SEEN_LIVE: Final = 0.2
"""The share of a file's events that is seen as it happens; the earlier ones are there at once."""
SEEN_LIVE_US: Final = 28 * DAY_US
"""How much of a file's time is seen as it happens at most: two minutes at the default speed."""


def own(csv: Path, mapping: Path | None, model: Model) -> Story:
    """The leads of a file, at the times that it tells; then what decay and silence make of them.

    Raises `ImportProblem` for a file or a mapping that cannot be used.
    """
    importer = open_import(csv, mapping or _suggested(csv, model))
    events = [event for row in importer.run() for event in row]
    if not events:
        remedy = f"see why: lead-scorer import {csv} --map {mapping or 'MAP'} --dry-run"
        raise FileProblem(f"{csv} holds no lead that could be read", remedy)
    posts = sorted((Post(event.time_us, event) for event in events), key=lambda post: post.time_us)
    return Story(iter(posts), curtain(posts), len(importer.report.bad))


def curtain(posts: Sequence[Post]) -> int:
    """When the last part of a story begins that is worth watching; its end if all happens at once."""
    newest_us = posts[-1].time_us
    late = posts[int(len(posts) * (1 - SEEN_LIVE))]
    return max(late.time_us, newest_us - SEEN_LIVE_US)


def _suggested(csv: Path, model: Model) -> Mapping:
    return parse_mapping(suggest_mapping(csv, model)[0])
