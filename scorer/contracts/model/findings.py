"""The form of what `model check` reports, and what its checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from scorer.contracts.model.problems import Path, dotted
from scorer.contracts.model.reach import Reach
from scorer.contracts.model.shape import Document
from scorer.contracts.model.source import Source
from scorer.domain.model import Model


class Severity(StrEnum):
    """How sure it is that something is wrong."""

    ERROR = "error"  # the model does not load
    WARNING = "warning"  # it loads, but some of it cannot do what it says
    INFO = "info"  # it may be meant


class Finding(NamedTuple):
    """One thing to look at, with the reason and a suggestion."""

    severity: Severity
    line: int
    rule: str  # the rule, or the path of another part of the file: "tiers.hot"
    message: str
    suggestion: str
    check: str  # the check that found it, a stable word: "dead_rule"


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that loads, seen from all sides."""

    document: Document
    source: Source
    model: Model
    reach: Reach

    def finding(
        self, severity: Severity, check: str, path: Path, message: str, suggestion: str
    ) -> Finding:
        """A finding at a path; of a rule it carries the rule's id."""
        line = self.source.problem(path, message, suggestion, at_key=True).line
        name = dotted(path)
        if path[0] == "rules" and isinstance(path[1], int):
            name = self.document.rules[path[1]].id
        return Finding(severity, line, name, message, suggestion, check)
