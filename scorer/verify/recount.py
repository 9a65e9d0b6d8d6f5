"""One lead's follow-up told again, from its input records alone. Knows the pool stage.

What is not written in the inputs is when time was told to the lead, when it was told that its owner
left, and in which order records of different topics were folded. All that the pool says of a lead lies
on one topic, in the order in which it was said: of the stories that can have happened the one is told
that says what lies there, one thing after the other, and ends in the stored state. Every value is
computed. Where no story fits something is wrong: the least wrong step is taken, and on from there.
"""

from __future__ import annotations

from collections.abc import Callable

from scorer.engine.ports import Stage
from scorer.verify.known import Known
from scorer.verify.retell import Lead, Retold, Terms
from scorer.verify.search import furthest
from scorer.verify.story import Story


def recount(lead: Lead, make_stage: Callable[[], Stage], terms: Terms) -> Retold:
    """The whole story of one lead's follow-up, or of what was heard of one owner."""
    story = furthest(Story(Known.of(lead, make_stage, terms)))
    while not story.ended:
        story = furthest(story.least_wrong())
    return story.retold()
