"""What can go wrong with a file or a mapping as a whole. Bad rows are data, not errors."""

from __future__ import annotations


class ImportProblem(Exception):
    """The file or its mapping cannot be used. `remedy` says what the user does next."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} → {remedy}")
        self.message = message
        self.remedy = remedy


class FileProblem(ImportProblem):
    """The file is not there, is no CSV, or cannot be decoded."""


class MappingProblem(ImportProblem):
    """The mapping file is wrong, or does not fit the columns of the CSV."""
