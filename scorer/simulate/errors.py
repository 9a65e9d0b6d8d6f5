"""What can be wrong with a story as a file. An expectation that does not hold is no error."""

from __future__ import annotations

from collections.abc import Iterable

from scorer.contracts.model.problems import Problem


class StoryError(Exception):
    """The story cannot be played. Holds every problem that was found, in file order."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.remedy = "mend the places named above; the keys are in docs/reference/story.md"
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.column))
        count = len(self.problems)
        title = f"{file}: {count} problem{'s' if count != 1 else ''} in the story"
        super().__init__("\n".join([title, *(f"  {problem}" for problem in self.problems)]))
