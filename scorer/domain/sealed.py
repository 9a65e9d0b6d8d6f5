"""A part of a state in its stored form, which nothing has had to look into yet. Knows no form.

Most evidence needs a few numbers of a lead and neither its attributes nor what its limits remember; what
stays sealed is neither read nor written anew.
"""

from __future__ import annotations

from typing import Any

from mypy_extensions import mypyc_attr


@mypyc_attr(acyclic=True)
class Sealed:
    """A value that is still as it was stored. What the form is, is for those who inherit to say."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def open(self) -> Any:
        """The value; asked once at most, because whoever asks keeps it."""
        raise NotImplementedError
