"""The shape of a model file: the document as a whole.

Knows which keys go where; whether the names in it refer to something is `model_names`' to know.
The descriptions are the reference: the JSON Schema and docs/reference/model.md are made of them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.follow_up_shape import FollowUpEntry
from scorer.contracts.model.rule_shape import RuleEntry
from scorer.contracts.model.scalars import Name, Number, Word
from scorer.contracts.model.section_shape import (
    BehaviourEntry,
    CalendarEntry,
    DimensionEntry,
    FastTrackEntry,
    GridEntry,
    GroupEntry,
    HistoryEntry,
    HoldEntry,
    OutcomesEntry,
    PublishEntry,
    TiersEntry,
    TotalEntry,
)
from scorer.contracts.model.shorthand import OneOrMany, OrEmpty


class Document(Entry):
    """A model: everything that turns evidence about a lead into a score and a tier."""

    also_known: ClassVar[dict[str, str]] = {
        "followup": "did you mean `follow_up`?",
        "tier": "did you mean `tiers`?",
    }

    name: Name = Field(description="What the model is called.")
    version: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="Your version of it, in quotes; it travels on every output."
    )
    description: str = Field("", description="For people: what the model is for.")
    timezone: str = Field(
        "UTC", description="IANA zone, such as Asia/Shanghai, for calendar days and holidays."
    )
    ignore_case: bool = Field(
        False,
        description="Texts of conditions match whatever their case. `matches` says `(?i)` itself.",
    )
    history: HistoryEntry = Field(
        default_factory=HistoryEntry, description="How much evidence is kept."
    )
    weights: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Number] = Field(
        default_factory=dict,
        description="Named points: change one, change every rule that uses it.",
    )
    dimensions: Annotated[dict[Name, DimensionEntry], Field(min_length=1)] = Field(
        description="The parts of the score, in the order in which they are shown."
    )
    total: TotalEntry = Field(default_factory=TotalEntry, description="Bounds of the score.")
    groups: dict[Name, GroupEntry] = Field(
        default_factory=dict, description="Caps that several rules share."
    )
    behaviours: dict[Word, Annotated[BehaviourEntry, OrEmpty()]] = Field(
        default_factory=dict,
        description="The catalogue. A behaviour that is not in it is accepted, scores nothing "
        "and is counted.",
    )
    rules: list[RuleEntry] = Field(description="What turns evidence into points.")
    fast_track: Annotated[list[FastTrackEntry], OneOrMany()] = Field(
        default_factory=list, description="Behaviours that lift the tier for a time."
    )
    tiers: TiersEntry = Field(default_factory=TiersEntry, description="hot, warm, cold.")
    grid: GridEntry | None = Field(None, description="A label from two axes, beside the tier.")
    publish: PublishEntry = Field(
        default_factory=PublishEntry, description="When a change is worth an event."
    )
    outcomes: OutcomesEntry = Field(
        default_factory=OutcomesEntry, description="What outcomes do to scoring."
    )
    calendar: CalendarEntry = Field(default_factory=CalendarEntry, description="Holidays.")
    hold: HoldEntry = Field(default_factory=HoldEntry, description="Paused leads.")
    follow_up: FollowUpEntry | None = Field(
        None, description="Who must follow up until when; not said: nobody, and nothing returns."
    )
