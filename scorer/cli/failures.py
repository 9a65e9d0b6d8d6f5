"""Every failure as one line that ends with what to do next, and its exit code.

Knows the errors of the layers below by name; a bug is not caught and keeps its traceback.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from scorer.cli.exits import Exit

ARROW: Final = " → "


class Failure(Exception):
    """A command cannot do what was asked. `remedy` says what the user does next."""

    def __init__(self, message: str, remedy: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(f"{message}{ARROW}{remedy}")
        self.code = code


def explained(error: Exception) -> tuple[str, int] | None:
    """The message (with its remedy) and the exit code of an expected error; None for a bug."""
    from pydantic import ValidationError

    from scorer.contracts.model.problems import ModelError
    from scorer.contracts.stored import StateError
    from scorer.importing.errors import ImportProblem
    from scorer.simulate.errors import StoryError
    from scorer.transport.exits import TransportError
    from scorer.verify.notes import NoRoom

    match error:
        case Failure():
            return str(error), error.code
        case TransportError():
            return str(error), int(error.code)
        case ImportProblem():
            return str(error), Exit.CONFIG
        case ModelError() | StoryError():
            return f"{error}{ARROW}{error.remedy}", Exit.CONFIG
        case StateError():
            return str(error), Exit.CONFIG
        case NoRoom():
            return str(error), Exit.FAILED
        case ValidationError() if error.title == "Settings":
            return (
                f"{_settings(error)}{ARROW}correct the variable; `lead-scorer config show` lists all",
                Exit.CONFIG,
            )
        case _:
            return None


def _settings(error: object) -> str:
    """The settings that are wrong, by the environment variable that sets them."""
    lines = []
    for problem in error.errors():  # type: ignore[attr-defined]
        name = "LEADSCORER_" + "__".join(str(step).upper() for step in problem["loc"])
        lines.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def tell(message: str) -> None:
    """Print an error on stderr, in red where there is a terminal."""
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    word = "\x1b[1;31merror:\x1b[0m" if colour else "error:"
    print(f"{word} {message}", file=sys.stderr)
