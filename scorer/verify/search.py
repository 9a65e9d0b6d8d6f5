"""The furthest that a story can be told so that all that is said lies on the topics. Knows no story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, Self, TypeVar

TRIES: Final = 1_500
"""Steps that may be tried before one gets further: five times what was enough for all of 15 leads that were born
in an outage. It costs time only where nothing fits."""


class Path(Protocol):
    """A story told up to somewhere, in one of the orders in which it can have happened."""

    @property
    def right(self) -> bool:
        """Whether its last step can have been taken: what it said lies there."""

    @property
    def stands(self) -> object:
        """Paths that stand alike go on alike."""

    @property
    def reach(self) -> tuple[Any, ...]:
        """How far it has come; of two the greater is the further."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to tell, and everything fits."""

    def onward(self) -> Sequence[Callable[[], Self]]:
        """Makers of the paths that are one step longer, of the likeliest step first."""


P = TypeVar("P", bound=Path)


def furthest(start: P) -> P:
    """The furthest way on from here: depth first, given up when nothing gets further."""
    best, tries = start, TRIES
    seen: set[object] = set()
    untried = [*reversed(start.onward())]
    while untried and tries:
        tries -= 1
        ahead = untried.pop()()
        if not ahead.right or ahead.stands in seen:
            continue
        seen.add(ahead.stands)
        if ahead.reach > best.reach:
            best, tries = ahead, TRIES
        if ahead.done:
            break
        untried += reversed(ahead.onward())
    return best
