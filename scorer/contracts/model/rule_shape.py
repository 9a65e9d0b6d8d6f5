"""The shape of a rule: conditions on attributes, or behaviours with decay, limits and streaks."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from scorer.contracts.model.condition_shape import When
from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import (
    DURATION_PATTERN,
    AtLeastZero,
    AtMostZero,
    Name,
    Points,
    PositiveDuration,
    Share,
    Word,
    parse_positive_duration,
    refuse,
)
from scorer.contracts.model.shorthand import Label, OneOrMany


class LinearEntry(Entry):
    """Falls evenly."""

    to_zero: PositiveDuration = Field(description="Nothing is left at this age.")


class StepEntry(Entry):
    """Falls in steps."""

    every: PositiveDuration = Field(description="The length of a step.")
    lose: Share = Field(description="The share of the points lost at each, such as 15%.")


class DecayEntry(Entry):
    """How the points of one occurrence fall with its age: exactly one of these."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    half_life: PositiveDuration | None = Field(None, description="Halves in this time.")
    linear: LinearEntry | None = Field(None, description="Falls evenly to nothing.")
    expires: PositiveDuration | None = Field(
        None, description="Counts in full until this age, nothing from then on."
    )
    step: StepEntry | None = Field(None, description="Loses a share at each step.")

    @model_validator(mode="after")
    def _exactly_one(self) -> DecayEntry:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            remedy = "keep one of half_life, linear, expires, step; or write `decay: none`"
            raise refuse("decay", f"a decay has exactly one form, here it is {said}", remedy)
        return self


def _decay_kind(value: Any) -> str:
    return "none" if isinstance(value, str) else "DecayEntry"


DecayForm = Annotated[
    Annotated[Literal["none"], Tag("none")] | Annotated[DecayEntry, Tag("DecayEntry")],
    Discriminator(_decay_kind),
]


def _per(value: Any) -> int | str:
    return "day" if value == "day" else parse_positive_duration(value)


class LimitEntry(Entry):
    """So many occurrences count, in so much time."""

    count: int = Field(ge=1, le=100, description="How many count.")
    per: Annotated[
        int | Literal["day"],
        BeforeValidator(_per),
        WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN.replace("^", "^day$|^")}),
    ] = Field(description="`24h`: rolling from each event; `day`: of the model's time zone.")


def _limit_kind(value: Any) -> str:
    return "word" if isinstance(value, str) else "LimitEntry"


LimitForm = Annotated[
    Annotated[Literal["once", "once_per_object"], Tag("word")]
    | Annotated[LimitEntry, Tag("LimitEntry")],
    Discriminator(_limit_kind),
]


class StreakEntry(Entry):
    """Points only when something happened several times in a row."""

    of: Annotated[list[Word], OneOrMany()] = Field(description="The behaviour, or several.")
    length: int = Field(ge=2, le=100, description="How many in a row give the points, once.")
    reset_by: Annotated[list[Word], OneOrMany()] = Field(
        default_factory=list, description="Behaviours that start the count anew."
    )
    repeat: bool = Field(False, description="Each further one gives the points again.")


_IS_HARD: JsonDict = {"required": ["disqualify"], "properties": {"disqualify": {"const": "hard"}}}


class CommonRule(Entry):
    """What every rule may say."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["points"]}, _IS_HARD]})

    id: Name = Field(description="Its name in explanations and outputs; unique; never reuse one.")
    dimension: Name = Field(description="The dimension that it counts in.")
    points: Points | None = Field(
        None, description="A number, the name of a weight, or `-name`. Negative points subtract."
    )
    group: Name | None = Field(None, description="The group whose cap it shares.")
    min: AtMostZero | None = Field(None, description="The rule never counts less than this.")
    max: AtLeastZero | None = Field(None, description="The rule never counts more than this.")
    disqualify: Literal["hard", "soft"] | None = Field(
        None,
        description="`hard` locks the tier to disqualified while it holds; `soft` marks a large "
        "negative rule.",
    )
    label: Label | None = Field(None, description="The reason as people read it.")

    @model_validator(mode="after")
    def _has_points(self) -> CommonRule:
        if self.points is None and self.disqualify != "hard":
            raise refuse("points", "the rule has no `points`", "write `points: 10` or a weight")
        return self


_OTHER_KIND = "remove it: a rule with `when` weighs attributes, one with `on` weighs behaviours"


class AttributeRuleEntry(CommonRule):
    """Points while attributes are what they are: state, not increments."""

    also_known: ClassVar[dict[str, str]] = {"decay": "remove it: attributes do not age"}

    when: When = Field(description="One condition, or {all: [...]}, or {any: [...]}.")


class BehaviourRuleEntry(CommonRule):
    """Points for each occurrence of a behaviour, or for a streak of them."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["on"]}, {"required": ["streak"]}]}
    )

    also_known: ClassVar[dict[str, str]] = {"when": _OTHER_KIND}

    on: Annotated[list[Word], OneOrMany()] | None = Field(
        None, description="The behaviour that it weighs, or a list of them."
    )
    decay: DecayForm = Field(
        "none", description="How an occurrence loses weight with its age. Default: it does not."
    )
    limit: Annotated[list[LimitForm], OneOrMany()] = Field(
        default_factory=list,
        description="`once`, `once_per_object`, {count: 3, per: 24h}, {count: 1, per: day}; "
        "or a list of them, which must all allow it.",
    )
    streak: StreakEntry | None = Field(None, description="Instead of `on`: several in a row.")

    @model_validator(mode="after")
    def _one_trigger(self) -> BehaviourRuleEntry:
        if (self.on is None) == (self.streak is None):
            raise refuse("trigger", "a rule has `on` or `streak`, not both", "remove one of them")
        if self.streak and self.limit:
            remedy = "remove `limit`; `repeat: false` counts a streak once, `max` bounds the sum"
            raise refuse("limit", "a streak has no `limit`", remedy)
        return self


def _rule_kind(value: Any) -> str:
    if not isinstance(value, dict):
        return type(value).__name__ if isinstance(value, Entry) else "AttributeRuleEntry"
    return "BehaviourRuleEntry" if "on" in value or "streak" in value else "AttributeRuleEntry"


RuleEntry = Annotated[
    Annotated[AttributeRuleEntry, Tag("AttributeRuleEntry")]
    | Annotated[BehaviourRuleEntry, Tag("BehaviourRuleEntry")],
    Discriminator(_rule_kind),
]
