"""What the referee found, and what it could not judge. Knows counts and examples, reads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

Inside = Callable[[int], bool]
"""Whether a broker time (ms) is in the range that is judged."""


class Fault(StrEnum):
    """How the topics can be wrong. Any of them breaks a promise of the product."""

    MISSING = "missing"  # must be there, and is not
    DOUBLED = "doubled"  # there more often than it must be
    CONFLICTING = "conflicting"  # there again under the same id with another content
    WRONG = "wrong"  # other content, other order, or nothing that asks for it


class Subject(StrEnum):
    OUTPUT = "output"
    STATE = "state"
    DEAD_LETTER = "dead_letter"


class Unjudged(StrEnum):
    """Why something was left out of the verdict."""

    OLD_EVIDENCE = "lead_older_than_inputs"  # retention has deleted the evidence it began with
    OTHER_MODEL = "lead_seen_by_another_model"
    COMPACTED = "output_compacted"  # a newer output of the lead has replaced it
    REWRITTEN = "state_rewritten"  # while the referee read; compaction has taken the one before
    EXPIRED = "dead_letter_expired"
    OUT_OF_RANGE = "outside_since_until"


UNJUDGED_MEANING = {
    Unjudged.OLD_EVIDENCE: "leads whose first evidence the input topics no longer hold",
    Unjudged.OTHER_MODEL: "leads about which another model than the given one has spoken",
    Unjudged.COMPACTED: "outputs that compaction has replaced by newer ones of their lead",
    Unjudged.REWRITTEN: "states that were written anew while the referee read",
    Unjudged.EXPIRED: "dead letters that retention has deleted",
    Unjudged.OUT_OF_RANGE: "outputs, states and dead letters outside of the range",
}


class Finding(NamedTuple):
    """One fault."""

    fault: Fault
    subject: Subject
    topic: str
    partition: int
    key: str
    id: str | None
    offset: int | None  # where it lies; None: it does not
    why: str


@dataclass(slots=True)
class Verdict:
    """The result, and what it rests on."""

    examples_kept: int = 20  # of each fault and subject
    records: int = 0
    leads: int = 0
    outputs: int = 0
    states: int = 0
    dead_letters: int = 0
    lag: int = 0
    waiting: int = 0
    reordered: int = 0
    ticked_first: int = 0
    alive: bool = True
    faults: Counter[tuple[Fault, Subject]] = field(default_factory=Counter)
    unjudged: Counter[Unjudged] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """No fault was found."""
        return not self.faults

    def add(self, finding: Finding) -> None:
        """Count a fault, and keep it while there are few of its kind."""
        kind = (finding.fault, finding.subject)
        self.faults[kind] += 1
        if self.faults[kind] <= self.examples_kept:
            self.examples.append(finding)

    def add_up(self, part: Verdict) -> None:
        """Add the verdict on a part of what is judged."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        self.unjudged.update(part.unjudged)
        kept = Counter((it.fault, it.subject) for it in self.examples)
        for finding in part.examples:
            kind = (finding.fault, finding.subject)
            if kept[kind] < self.examples_kept:
                kept[kind] += 1
                self.examples.append(finding)
        self.faults.update(part.faults)

    def as_json(self) -> dict[str, Any]:
        """For scripts; the names are those of docs/how-to/verify.md."""
        return {
            "right": self.right,
            "compared": {
                "input_records": self.records,
                "leads": self.leads,
                "outputs": self.outputs,
                "states": self.states,
                "dead_letters": self.dead_letters,
            },
            "faults": {
                fault.value: {
                    subject.value: self.faults[fault, subject]
                    for subject in Subject
                    if self.faults[fault, subject]
                }
                for fault in Fault
            },
            "examples": [finding._asdict() for finding in self.examples],
            "not_judged": {why.value: count for why, count in self.unjudged.items()},
            "worker_running": self.alive,
            "lag_records": self.lag,
            "leads_waiting_for_a_worker": self.waiting,
            "leads_with_inputs_in_another_order": self.reordered,
            "leads_with_late_evidence": self.ticked_first,
        }


_SUMS: Final = (
    "records", "leads", "outputs", "states", "dead_letters", "waiting", "reordered", "ticked_first",
)  # fmt: skip
