"""The follow-up section of a model file: every key, its type, default and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import DURATION_PATTERN, Day, Share, Word, refuse
from scorer.contracts.model.section_shape import DaysEntry
from scorer.contracts.model.shorthand import JsonSchema, OneOrMany, Shorthand
from scorer.contracts.model.spans import ClockTime, DayRange, HourSpan, Span

TIERS: Final = ("hot", "warm", "cold", "disqualified")
TierName = Literal["hot", "warm", "cold", "disqualified"]
ClockName = Literal[
    "unassigned",
    "first_response",
    "next_follow_up",
    "no_opportunity",
    "no_deal",
    "maximum_holding",
]


@dataclass(frozen=True, slots=True)
class EveryTier(Shorthand):
    """`limit: 3d` for the same limit in every tier."""

    def long(self, value: Any) -> Any:
        return dict.fromkeys(TIERS, value) if isinstance(value, str) else value

    def schema(self, long: JsonSchema) -> JsonSchema:
        span = {"type": "string", "pattern": DURATION_PATTERN, "examples": ["3d"]}
        return {"anyOf": [span, long]}


@dataclass(frozen=True, slots=True)
class LimitAlone(Shorthand):
    """`first_response: {hot: 15m, warm: 1d}` for `first_response: {limit: {hot: 15m, warm: 1d}}`."""

    def long(self, value: Any) -> Any:
        alone = isinstance(value, str) or (
            isinstance(value, dict) and bool(value) and set(value) <= set(TIERS)
        )
        return {"limit": value} if alone else value

    def schema(self, long: JsonSchema) -> JsonSchema:
        span = {"type": "string", "pattern": DURATION_PATTERN, "examples": ["3d"]}
        by_tier = {
            "type": "object",
            "properties": dict.fromkeys(TIERS, span),
            "additionalProperties": False,
            "minProperties": 1,
        }
        return {"anyOf": [span, by_tier, long]}


@dataclass(frozen=True, slots=True)
class NamesAlone(Shorthand):
    """`exempt: [locked, won]` for `exempt: {locked: {}, won: {}}`."""

    def long(self, value: Any) -> Any:
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            return {name: {} for name in value}
        if isinstance(value, dict):
            return {name: {} if said is None else said for name, said in value.items()}
        return value

    def schema(self, long: JsonSchema) -> JsonSchema:
        listed = {"type": "array", "items": {"enum": ExemptionsEntry.words()}}
        return {"anyOf": [listed, long]}


class TierSpansEntry(Entry):
    """A time for each tier. A tier that is not named has no limit."""

    hot: Span | None = Field(None, description="Of hot leads.")
    warm: Span | None = Field(None, description="Of warm leads.")
    cold: Span | None = Field(None, description="Of cold leads, and of new ones.")
    disqualified: Span | None = Field(None, description="Of disqualified leads, if not exempt.")


class ReminderEntry(Entry):
    """Somebody hears of a deadline before it comes."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [key]} for key in ("at", "before", "after")]}
    )

    at: Share | None = Field(None, description="After this share of the limit: 60%.")
    before: Span | None = Field(None, description="So long before the deadline.")
    after: Span | None = Field(None, description="So long after the start.")
    to: Word = Field("owner", description="Who hears of it: owner, manager, or any other word.")
    risk: bool = Field(False, description="Marks the lead as at risk.")

    @model_validator(mode="after")
    def _one_moment(self) -> ReminderEntry:
        if sum(each is not None for each in (self.at, self.before, self.after)) != 1:
            remedy = "write one of {at: 60%}, {before: 1d}, {after: 3d}"
            raise refuse("reminder", "a reminder has exactly one moment", remedy)
        return self


class ClockEntry(Entry):
    """The limit of one clock."""

    limit: Annotated[TierSpansEntry, EveryTier()] = Field(
        description="How long it runs: one time, or one for each tier."
    )
    remind: Annotated[list[ReminderEntry], OneOrMany(), Field(max_length=8)] = Field(
        default_factory=list, description="Reminders on the way, each said once a deadline."
    )
    time: Literal["working", "elapsed"] | None = Field(
        None, description="What is counted; `working` wherever the calendar has hours."
    )


class UnassignedEntry(ClockEntry):
    """The limit of a lead without an owner. It ends in a notice."""

    to: Word = Field("pool_manager", description="Who hears that nobody took the lead.")


class LimitsEntry(Entry):
    """The clocks. One that is not named does not run."""

    unassigned: Annotated[UnassignedEntry, LimitAlone()] | None = Field(
        None, description="From creation or return without an owner, until somebody has it."
    )
    first_response: Annotated[ClockEntry, LimitAlone()] | None = Field(
        None, description="From assignment or claim to the first valid touch; else return."
    )
    next_follow_up: Annotated[ClockEntry, LimitAlone()] | None = Field(
        None, description="From each valid touch to the next; else return."
    )
    no_opportunity: Annotated[ClockEntry, LimitAlone()] | None = Field(
        None, description="From assignment until an opportunity is opened; else return."
    )
    no_deal: Annotated[ClockEntry, LimitAlone()] | None = Field(
        None, description="From assignment until the lead is won; else return."
    )
    maximum_holding: Annotated[ClockEntry, LimitAlone()] | None = Field(
        None, description="From assignment; nothing meets it, and no touch extends beyond it."
    )


class TouchesEntry(Entry):
    """What counts as a follow-up. What was done automatically never does."""

    kinds: Annotated[list[Word], OneOrMany()] = Field(
        default_factory=list, description="The kinds of touch that count; none named: all."
    )
    by: Literal["anyone", "owner"] = Field("anyone", description="Whose touches count.")


class ExemptEntry(Entry):
    """How far an exemption goes."""

    clocks: Annotated[list[ClockName], OneOrMany()] | None = Field(
        None,
        description="The clocks that stand still; not said: all, of an open opportunity those of "
        "the follow-up and no_opportunity.",
    )
    tiers: Annotated[list[TierName], OneOrMany()] | None = Field(
        None, description="Of leads of these tiers; not said: of all."
    )
    on_end: Literal["continue", "restart"] = Field(
        "continue", description="Afterwards: with the time that was left, or with the whole limit."
    )


class WonEntry(Entry):
    """A win ends the episode; after `lead.reopened` all clocks restart."""

    also_known: ClassVar[dict[str, str]] = {
        "on_end": "remove it: the win ends the episode, and reopening begins a new one"
    }


class ExemptionsEntry(Entry):
    """Why clocks stand still. What is not named does not stop them."""

    locked: ExemptEntry | None = Field(
        None, description="While a manager keeps the lead (`lead.locked`)."
    )
    won: WonEntry | None = Field(None, description="After `lead.won`.")
    open_opportunity: ExemptEntry | None = Field(
        None, description="From `lead.opportunity_opened` to `lead.won` or `lead.lost`."
    )
    disqualified: ExemptEntry | None = Field(None, description="By outcome, or by the tier.")
    paused: ExemptEntry | None = Field(
        None, description="While another party works the lead (`lead.paused`)."
    )


def _day_off_kind(value: Any) -> str:
    if isinstance(value, dict | DaysEntry):
        return "DaysEntry"
    written = isinstance(value, str) and value[:1].isdigit()
    return "day" if written or isinstance(value, date) else "country"


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
DayOff = Annotated[
    Annotated[Country, Tag("country")]
    | Annotated[Day, Tag("day")]
    | Annotated[DaysEntry, Tag("DaysEntry")],
    Discriminator(_day_off_kind),
]


class WorkingHoursEntry(Entry):
    """When people work, in the model's time zone."""

    hours: dict[DayRange, Annotated[list[HourSpan], OneOrMany()]] = Field(
        description="Weekdays → hours: {mon-fri: [09:00-12:00, 13:00-18:00], sat: 09:00-12:00}."
    )
    holidays: Annotated[list[DayOff], OneOrMany()] = Field(
        default_factory=list,
        description="Days off: a country (CN, DE-BY) with all its public holidays and make-up "
        "days, single days, {from: …, to: …}.",
    )
    workdays: Annotated[list[Day], OneOrMany()] = Field(
        default_factory=list, description="Days that are worked whatever else is said."
    )


class DailyEntry(Entry):
    """Deadlines are looked at once a day."""

    daily: ClockTime = Field(description="The time of day, in quotes and the model's time zone.")


class PoolsEntry(Entry):
    """The pools that returned leads go to."""

    default: Word | None = Field(None, description="The pool of leads that come from none.")
    dead: Word = Field("dead", description="The pool of leads that came back too often.")
    dead_after: int | None = Field(None, ge=1, le=100, description="So many returns; else never.")


def _calendar_kind(value: Any) -> str:
    return "WorkingHoursEntry" if isinstance(value, dict | WorkingHoursEntry) else "24x7"


def _boundary_kind(value: Any) -> str:
    return "DailyEntry" if isinstance(value, dict | DailyEntry) else "exact"


class FollowUpEntry(Entry):
    """Who must follow up until when, and what happens if nobody does."""

    enabled: bool = Field(
        True, description="Off: nothing is said or returned, and every clock keeps its due instant."
    )
    limits: LimitsEntry = Field(default_factory=LimitsEntry, description="The clocks.")
    touches: TouchesEntry = Field(
        default_factory=TouchesEntry, description="What counts as a follow-up."
    )
    exempt: Annotated[ExemptionsEntry, NamesAlone()] = Field(
        default_factory=lambda: ExemptionsEntry(
            locked=ExemptEntry(),
            won=WonEntry(),
            open_opportunity=ExemptEntry(),
            disqualified=ExemptEntry(),
            paused=ExemptEntry(),
        ),
        description="When clocks stand still; not said: for all five reasons.",
    )
    calendar: Annotated[
        Annotated[Literal["24x7"], Tag("24x7")]
        | Annotated[WorkingHoursEntry, Tag("WorkingHoursEntry")],
        Discriminator(_calendar_kind),
    ] = Field("24x7", description="`24x7`, or hours in which alone limits run.")
    boundary: Annotated[
        Annotated[Literal["exact"], Tag("exact")] | Annotated[DailyEntry, Tag("DailyEntry")],
        Discriminator(_boundary_kind),
    ] = Field(
        "exact",
        description='`exact`, or {daily: "02:00"}: due after strictly more than N calendar days.',
    )
    on_policy_change: Literal["keep", "restart", "recompute"] = Field(
        "keep",
        description="What running clocks do when this section changes: stay due when they were, "
        "begin anew, or run from the same start with the new limit.",
    )
    pools: PoolsEntry = Field(default_factory=PoolsEntry, description="Where returned leads go.")
