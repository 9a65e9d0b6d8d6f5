"""What is wrong with a model file, and what its author does about it. Knows no YAML and no rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Where a value is in the document: `("rules", 3, "points")`."""


class Problem(NamedTuple):
    """One thing to mend, with its place in the file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    path: str  # "rules[3].points"
    message: str  # what is wrong, in words of the model language
    remedy: str  # what to write instead

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"{self.file}:{self.line}:{self.column}{where}: {self.message} → {self.remedy}"


class ModelError(Exception):
    """The model file cannot be used. Holds every problem that was found, in file order."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems: Sequence[Problem] = tuple(
            sorted(dict.fromkeys(problems), key=lambda p: (p.line, p.column))
        )
        count = len(self.problems)
        title = f"{file}: {count} problem{'s' if count != 1 else ''} in the model"
        super().__init__("\n".join([title, *(f"  {problem}" for problem in self.problems)]))

    @property
    def remedy(self) -> str:
        """What the operator does next."""
        return "mend the places named above, then run `lead-scorer model check FILE`"


def dotted(path: Path) -> str:
    """`("rules", 3, "points")` → `rules[3].points`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def one_of(allowed: Iterable[str], meant: object = None) -> str:
    """The remedy for a word that is not allowed: the nearest one if there is one, then all."""
    words = sorted(allowed)
    if not words:
        return "remove it: nothing is allowed here"
    close = get_close_matches(str(meant).lower(), words, n=1)
    choice = f"use one of: {', '.join(words)}" if len(words) > 1 else f"use {words[0]}"
    return f"did you mean `{close[0]}`? Else {choice}" if close else choice
