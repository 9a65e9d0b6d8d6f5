"""The invented cases as Hypothesis strategies, so that a failure shrinks to a small one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.domain.cases import Case, T, case

Draw = st.DrawFn


class DrawnChoices:
    """Choices that Hypothesis makes, and makes simpler again."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def whole(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one_of(self, options: Sequence[T]) -> T:
        return options[self._draw(st.integers(0, len(options) - 1))]


@st.composite
def cases(draw: Draw, *, coalesce: bool = False) -> Case:
    """A model, a story in canonical order and an instant after it."""
    return case(DrawnChoices(draw), coalesce=coalesce)
