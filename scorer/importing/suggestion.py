"""A mapping in the making: every part with the reason why it is there. Decides nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from scorer.importing.dialect import Dialect
from scorer.importing.mapping import (
    AttributeColumn,
    BehaviourColumn,
    LeadId,
    OutcomeColumn,
    SourceChannel,
    TimeColumn,
)

Part = TypeVar("Part")


@dataclass(frozen=True)
class Noted(Generic[Part]):
    """A part of a mapping with the reason why it is there, which becomes its comment."""

    part: Part
    why: str = ""


@dataclass
class Suggestion:
    """One place for every column. The writer turns this into a commented YAML file."""

    name: str
    dialect: Dialect
    rows: int
    file_date: str  # used where no column tells a time
    lead_id: Noted[LeadId]
    created: Noted[TimeColumn | str]
    short_rows: str = "reject"
    empty: list[str] = field(default_factory=list)
    changed: Noted[TimeColumn | str] = Noted(
        "file", "no column says when a row was changed: the file's own date"
    )
    channel: Noted[SourceChannel | str] = Noted("import", "no column says where leads came from")
    owner: Noted[str] | None = None
    attributes: dict[str, Noted[AttributeColumn]] = field(default_factory=dict)
    behaviours: list[Noted[BehaviourColumn]] = field(default_factory=list)
    outcomes: list[Noted[OutcomeColumn]] = field(default_factory=list)
    ignore: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
