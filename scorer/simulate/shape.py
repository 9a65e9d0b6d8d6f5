"""The shape of a story file: what may happen in a story, and what may be expected of it.

Knows words; what they mean for a lead is `story`'s to know. The descriptions are the reference:
docs/reference/story.md is made of them.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import (
    Name,
    Number,
    PositiveDuration,
    Word,
    parse_duration,
    refuse,
)
from scorer.contracts.model.shorthand import OneOrMany
from scorer.domain.followup.policy import Clock
from scorer.domain.outputs import CauseKind, Tier
from scorer.simulate import ownership
from scorer.simulate.moments import Moment, Start, Zone
from scorer.simulate.step import Step

MOST_TIMES: Final = 10_000  # an hour of one event every 0.36 s; more says nothing new about a lead
_TIMES: Final = re.compile(r"(\d{1,5})(?: within (\d+[smhdw]))?")
_TIERS: Final = "|".join(Tier)
CROSSES: Final = re.compile(rf"({_TIERS}) to ({_TIERS})(?: by ([\w.,-]+))?")
NEXT: Final = re.compile(rf"none|({_TIERS}) at (.+)")
DUE: Final = re.compile(rf"none|({'|'.join(Clock)}) at (.+)")
POOL_SAYS: Final = re.compile(
    r"(follow_up_due|returned_to_pool|return_voided|follow_up_met|handed_over)"
    r"(?: by ([\w.-]+))?(?: to (.+))?"
)

Value = str | int | float | bool


def _times(value: object) -> tuple[int, int]:
    """`3` or `200 within 2m` → how often, in how many µs."""
    found = _TIMES.fullmatch(str(value)) if not isinstance(value, bool) else None
    if found is None or not 1 <= int(found[1]) <= MOST_TIMES:
        raise refuse("times", f"`{value}` is no number of times", "write such as `200 within 2m`")
    return int(found[1]), parse_duration(found[2]) if found[2] else 0


def _like(pattern: re.Pattern[str], example: str) -> Any:
    def check(value: object) -> object:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise refuse("words", f"`{value}` is not understood", f"write such as `{example}`")
        return value

    return check


Times = Annotated[
    tuple[int, int],
    BeforeValidator(_times),
    WithJsonSchema(
        {"anyOf": [{"type": "integer"}, {"type": "string", "examples": ["200 within 2m"]}]}
    ),
]
Crosses = Annotated[str, BeforeValidator(_like(CROSSES, "warm to cold by silence"))]
Next = Annotated[str, BeforeValidator(_like(NEXT, "cold at day 20 09:00"))]
NextDue = Annotated[str, BeforeValidator(_like(DUE, "first_response at day 3 09:00"))]
PoolSays = Annotated[
    list[
        Annotated[
            str, BeforeValidator(_like(POOL_SAYS, "returned_to_pool by first_response to public"))
        ]
    ],
    OneOrMany(),
]


class CreatedStep(Step):
    """The lead comes to exist."""

    created: Word = Field(description="The channel it comes by, such as `website`.")
    attributes: dict[Word, Value] = Field({}, description="What is known of it from the start.")
    owner: Word | None = Field(None, description="Whose it is from the start.")


class AttributesStep(Step):
    """Something becomes known about the lead, or is no longer known."""

    set: dict[Word, Value] = Field({}, description="Attribute → value.")
    unset: list[Word] = Field([], description="Attributes that become unknown.")

    @classmethod
    def words(cls) -> list[str]:
        """All that may happen: a step without a known word is read as one of attributes."""
        return [*super().words(), *_KINDS]


class BehaviourStep(Step):
    """The lead, or a rep towards the lead, does something."""

    does: Word = Field(description="The behaviour.")
    about: Word | None = Field(
        None, description="What it is about: a page, a mail. `{n}` is the number of the repetition."
    )
    times: Times = Field(
        default_factory=lambda: (1, 0),
        description="How often: `3`, or `200 within 2m`, evenly, from `at` on.",
    )


class AgainStep(Entry):
    """The event of an earlier step arrives once more, byte for byte, as publishers send it."""

    also_known: ClassVar[dict[str, str]] = {"arrives": "remove it: `at` is when it arrives again"}

    at: Moment | None = Field(None, description="When it arrives again.")
    again: Name = Field(description="The `id` of the step.")


class RetractionStep(Step):
    """The event of an earlier step never happened."""

    retracts: Name = Field(description="The `id` of the step.")
    because: str | None = Field(None, description="The reason.")


class PausedStep(Step):
    """Another party works the lead."""

    paused: str = Field(description="The reason.")


class ResumedStep(Step):
    """The lead comes back from another party."""

    resumed: str = Field(description="The reason.")


class AdjustmentStep(Step):
    """Somebody gives or takes points by hand."""

    adjusts: Number = Field(description="The points.")
    by: Word = Field("manager", description="Who.")
    because: str = Field("a simulation", description="The reason.")
    until: Moment | None = Field(None, description="When it expires. Without it: never.")


class OutcomeStep(Step):
    """How the sale went."""

    outcome: Literal["opportunity_opened", "won", "lost", "disqualified", "reopened"] = Field(
        description="What happened."
    )
    because: str | None = Field(None, description="The reason.")


class AdvanceStep(Entry):
    """Time passes; the scorer looks at the lead at the end of it, or every so often."""

    also_known: ClassVar[dict[str, str]] = {"at": "remove it: write `advance to: day 60`"}

    until: Moment = Field(alias="advance to", description="Until when.")
    every: PositiveDuration | None = Field(
        None, description="How often the scorer looks on the way. It makes no difference."
    )


_KINDS: Final[dict[str, type[Entry]]] = {
    "created": CreatedStep,
    "does": BehaviourStep,
    "again": AgainStep,
    "retracts": RetractionStep,
    "paused": PausedStep,
    "resumed": ResumedStep,
    "adjusts": AdjustmentStep,
    "outcome": OutcomeStep,
    "advance to": AdvanceStep,
    **ownership.KINDS,
}


def _step_kind(value: Any) -> str:
    if isinstance(value, Entry):
        return type(value).__name__
    keys = value if isinstance(value, dict) else ()
    return next((kind.__name__ for key, kind in _KINDS.items() if key in keys), "AttributesStep")


StepEntry = Annotated[
    Annotated[CreatedStep, Tag("CreatedStep")]
    | Annotated[AttributesStep, Tag("AttributesStep")]
    | Annotated[BehaviourStep, Tag("BehaviourStep")]
    | Annotated[AgainStep, Tag("AgainStep")]
    | Annotated[RetractionStep, Tag("RetractionStep")]
    | Annotated[PausedStep, Tag("PausedStep")]
    | Annotated[ResumedStep, Tag("ResumedStep")]
    | Annotated[AdjustmentStep, Tag("AdjustmentStep")]
    | Annotated[OutcomeStep, Tag("OutcomeStep")]
    | Annotated[AdvanceStep, Tag("AdvanceStep")]
    | Annotated[ownership.AssignedStep, Tag("AssignedStep")]
    | Annotated[ownership.ClaimedStep, Tag("ClaimedStep")]
    | Annotated[ownership.TransferredStep, Tag("TransferredStep")]
    | Annotated[ownership.ReleasedStep, Tag("ReleasedStep")]
    | Annotated[ownership.TouchedStep, Tag("TouchedStep")]
    | Annotated[ownership.LockedStep, Tag("LockedStep")]
    | Annotated[ownership.UnlockedStep, Tag("UnlockedStep")]
    | Annotated[ownership.OwnerLeftStep, Tag("OwnerLeftStep")]
    | Annotated[ownership.OwnerReturnedStep, Tag("OwnerReturnedStep")],
    Discriminator(_step_kind),
]


class StandingEntry(Entry):
    """What is expected of the lead at an instant, by what is known then."""

    score: Number | None = Field(None, description="The score, to the cent.")
    tier: Literal["hot", "warm", "cold", "disqualified"] | None = Field(
        None, description="The tier."
    )
    grid: str | None = Field(None, description="The cell of the grid.")
    dimensions: dict[Name, Number] = Field({}, description="Dimension → points.")
    lines: dict[Word, Number] = Field(
        {},
        description="Line of the explanation → points; 0 for none. `silence` and `floor` are lines "
        "too, a cap has the name of what it caps, an adjustment the `id` of its step.",
    )
    suppressed: int | None = Field(None, description="How many pieces of evidence do not count.")
    next: Next | None = Field(
        None, description="The next tier by time alone: `cold at day 20 09:00`, or `none`."
    )
    owner: str | None = Field(None, description="Whose the lead is, or `none`.")
    due: NextDue | None = Field(
        None,
        description="The deadline that comes first: `first_response at day 3 09:00`, or `none`.",
    )


class ExpectEntry(Entry):
    """What must come of the story."""

    at: dict[Moment, StandingEntry] = Field({}, description="Moment → how the lead stands.")
    crossings: dict[Moment, Crosses] | None = Field(
        None,
        description="All crossings, moment → `cold to warm by demo_requested`. After `by`: the "
        f"behaviour, the attribute or what expired; or {', '.join(CauseKind)}.",
    )
    score_events: int | None = Field(None, description="How many changes of score are published.")
    pool: dict[Moment, PoolSays] | None = Field(
        None,
        description="All that the pool says, moment → `returned_to_pool by first_response to public`, "
        "or a list of such. After `by`: the clock, `owner_left`, what met it, the late evidence, or "
        "who left. After `to`: who is told, the pool, or the owner. The moment is that at which it "
        "can be read: of late evidence that of its arrival.",
    )


class Story(Entry):
    """What happens to one lead, and what is expected to come of it."""

    name: str = Field(min_length=1, max_length=120, description="What the story shows.")
    about: str = Field("", description="Why it is told, and the arithmetic of its expectations.")
    model: str | dict[str, Any] = Field(
        "default",
        description="A shipped model, the path of one (from the folder of the story), or a model "
        "written here.",
    )
    timezone: Zone = Field("UTC", description="Of times of day, and of days.")
    start: Start = Field("2026-03-02 09:00", description="The first moment: day 1.")
    lead: Word = Field("lead-1", description="The lead's id.")
    story: list[StepEntry] = Field(min_length=1, description="What happens, in order of telling.")
    expect: ExpectEntry = Field(default_factory=ExpectEntry, description="What must come of it.")
