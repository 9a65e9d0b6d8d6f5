"""The sections of a model file other than its rules: every key, its type, default and meaning."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import (
    AtLeastZero,
    AtMostZero,
    Day,
    Duration,
    MoreThanZero,
    Name,
    Number,
    PositiveDuration,
    Word,
    refuse,
)
from scorer.contracts.model.shorthand import Label, OneOrMany, TextBound


class SilenceEntry(Entry):
    """What silence takes from a dimension while the lead does nothing."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["lose", "every"]}, {"required": ["half_life"]}]}
    )

    after: Duration = Field(description="Grace: nothing is lost until the lead is silent so long.")
    lose: MoreThanZero | None = Field(
        None, description="Points lost at each completed `every` after the grace."
    )
    every: PositiveDuration | None = Field(None, description="How often `lose` is lost.")
    half_life: PositiveDuration | None = Field(
        None, description="Instead of `lose` and `every`: what is there halves in this time."
    )
    floor: Number = Field(0.0, description="Silence never takes the dimension below it.")

    @model_validator(mode="after")
    def _one_form(self) -> SilenceEntry:
        steps = (self.lose is not None, self.every is not None)
        if steps != (self.half_life is None,) * 2:
            remedy = "write {after: 7d, lose: 1, every: 1d} or {after: 7d, half_life: 14d}"
            raise refuse("silence", "silence loses in steps or by a half-life", remedy)
        return self


class DimensionEntry(Entry):
    """A group of rules with its own floor and cap. The dimensions add up to the score."""

    min: Number = Field(description="The dimension never counts less than this.")
    max: Number = Field(description="The dimension never counts more than this.")
    floor: AtMostZero = Field(
        0.0,
        description="Decay alone never takes the dimension below it; negative points may.",
    )
    silence: SilenceEntry | None = Field(None, description="What silence takes from it.")
    label: Label | None = Field(None, description="Its name for people.")


class GroupEntry(Entry):
    """A cap that several rules of one dimension share; a rule joins with `group: <name>`."""

    dimension: Name = Field(description="The dimension that its rules belong to.")
    min: Number | None = Field(None, description="The rules together never count less than this.")
    max: Number | None = Field(None, description="The rules together never count more than this.")


class BehaviourEntry(Entry):
    """A behaviour that the model knows."""

    by: Literal["lead", "rep"] = Field(
        "lead",
        description="Who does it. What the lead does ends its silence, what a rep does does not.",
    )
    label: Label | None = Field(None, description="Its name for people.")


class TotalEntry(Entry):
    """Bounds of the score itself."""

    min: Number = Field(0.0, description="The score is never less.")
    max: Number | None = Field(None, description="The score is never more.")


class FastTrackEntry(Entry):
    """A raised hand: lifts the tier for a time, never the score."""

    behaviour: Annotated[list[Word], OneOrMany()] = Field(
        description="The behaviour, or a list of them, that lifts the tier."
    )
    tier: Literal["hot", "warm"] = Field(description="The tier that the lead has at least.")
    for_: PositiveDuration = Field(alias="for", description="How long, from the behaviour on.")


class HotEntry(Entry):
    """Where hot begins."""

    above: Number = Field(description="A lead is hot when its score is greater than this.")


class WarmEntry(Entry):
    """Where warm begins."""

    from_: Number = Field(alias="from", description="A lead is warm from this score on.")


class TiersEntry(Entry):
    """How ready to buy. Cold is everything below warm."""

    also_known: ClassVar[dict[str, str]] = {"cold": "remove it: cold is everything below warm"}

    hot: Annotated[HotEntry, TextBound("above")] = Field(
        default_factory=lambda: HotEntry(above=70.0),
        description="`above 70` or {above: 70}: 70 is still warm, 70.01 is hot.",
    )
    warm: Annotated[WarmEntry, TextBound("from")] = Field(
        default_factory=lambda: WarmEntry(**{"from": 30.0}),
        description="`from 30` or {from: 30}: 30 is warm, 29.99 is cold.",
    )
    leave_margin: AtLeastZero = Field(
        2.0,
        description="A tier is left only this far below its bound (hot at 68, warm under 28).",
    )
    min_dwell: Duration = Field(0, description="A tier is not left downwards sooner than this.")


class AxisEntry(Entry):
    """One axis of the grid."""

    dimensions: Annotated[list[Name], Field(min_length=1)] = Field(
        description="The dimensions whose sum is measured."
    )
    bands: dict[Annotated[str, Field(min_length=1, max_length=8)], Number | Literal["rest"]] = (
        Field(description="Label → from which sum on, best first; the last one is `rest`.")
    )


class GridEntry(Entry):
    """Two axes that give each lead a label such as A1 … C3."""

    first: AxisEntry = Field(description="The first letter, by custom the fit.")
    second: AxisEntry = Field(description="The second letter, by custom the engagement.")


class HistoryEntry(Entry):
    """How much evidence a lead keeps one by one, so that its order of arrival cannot matter."""

    for_: PositiveDuration = Field(
        30 * 86_400_000_000, alias="for", description="How far back evidence may arrive late."
    )
    events: int = Field(200, ge=1, le=1000, description="How many pieces of evidence at most.")


class PublishEntry(Entry):
    """When a change of score is worth an event. Crossings of tiers are always published."""

    min_delta: AtLeastZero = Field(
        0.0, description="A smaller change of score is not published by itself."
    )
    coalesce: Duration = Field(
        0, description="At most one score event a lead in this time, with first and last score."
    )
    cooldown: Duration = Field(
        0,
        description="A tier reached anew sooner than this after it was last told is not told to "
        "subscribers in the mode `once_per_episode`.",
    )


class OutcomesEntry(Entry):
    """What the outcome of a sale does to scoring."""

    disqualify_on: list[Literal["opportunity_opened", "won", "lost", "disqualified"]] = Field(
        ["disqualified"],
        description="Outcomes that lock the tier to disqualified, until the lead is reopened.",
    )


class DaysEntry(Entry):
    """Several days in a row, both ends included."""

    from_: Day = Field(alias="from", description="First day.")
    to: Day = Field(description="Last day.")

    @model_validator(mode="after")
    def _in_order(self) -> DaysEntry:
        if self.to < self.from_:
            raise refuse("days", "the last day is before the first", "swap `from` and `to`")
        return self


def _days_kind(value: Any) -> str:
    return "DaysEntry" if isinstance(value, dict | DaysEntry) else "day"


class CalendarEntry(Entry):
    """Days on which nobody is expected to do anything."""

    holidays: list[
        Annotated[
            Annotated[Day, Tag("day")] | Annotated[DaysEntry, Tag("DaysEntry")],
            Discriminator(_days_kind),
        ]
    ] = Field(default_factory=list, description="Days, or {from: 2026-10-01, to: 2026-10-07}.")
    pauses_decay: bool = Field(
        True, description="On holidays neither decay nor silence goes on, in the model's time zone."
    )


class HoldEntry(Entry):
    """What happens to a lead while another party works it (`lead.paused` … `lead.resumed`)."""

    pauses_decay: bool = Field(True, description="Its decay and its silence stand still.")
