"""The mapping file: which column means what. Knows the words of events, reads no CSV.

Every key is described here once; `lead-scorer import --suggest` writes such a file with comments.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from scorer.domain.events import OutcomeKind
from scorer.importing.dates import NAMED_FORMATS

Scalar = str | int | float | bool


class Part(BaseModel):
    """A part of the mapping; an unknown key is an error, because a misspelt one would be silent."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Repeats(StrEnum):
    """What a lead id that occurs in several rows means."""

    REJECT = "reject"  # a mistake: the second row is bad, unless it is the same row again
    MERGE = "merge"  # several facts about one lead: a log of activities, a history of changes
    SEPARATE = "separate"  # several leads that look alike: ids get a number


class FileLayout(Part):
    """How the file is written."""

    encoding: str = Field("utf-8", description="A Python codec name: utf-8, gb18030, cp1252, …")
    delimiter: str = Field(
        ",", min_length=1, max_length=1, description="Between the cells of a row."
    )
    header_line: int = Field(1, ge=0, description="Line of the column names; 0: there is none.")
    short_rows: Literal["reject", "fill"] = Field(
        "reject", description="A row with too few cells is bad, or its missing cells are empty."
    )


class LeadId(Part):
    """What identifies a lead. `lead_id: Number` is short for one column as it is."""

    columns: list[str] = Field(
        min_length=1, description="One column, or several that together identify a lead."
    )
    as_: Literal["text", "hash"] = Field(
        "text",
        alias="as",
        description="The text itself, or a hash of it, for ids that are personal data.",
    )
    repeats: Repeats = Field(
        Repeats.REJECT,
        description="A lead id in several rows: a mistake (unless the rows are the same), several facts about one "
        "lead, or several leads that look alike.",
    )


class TimeColumn(Part):
    """A column that holds times."""

    column: str = Field(description="The column.")
    format: str | list[str] = Field(
        "ymd",
        description="One or several of " + ", ".join(NAMED_FORMATS) + ", or a strptime pattern.",
    )
    time_zone: str | None = Field(None, description="Of times that carry none; else the file's.")
    if_empty: str | None = Field(None, description="The instant to use where the cell is empty.")

    @model_validator(mode="after")
    def _formats_are_known(self) -> Self:
        for form in self.formats:
            if form not in NAMED_FORMATS and "%" not in form:
                raise ValueError(
                    f"format {form!r} is none of {', '.join(NAMED_FORMATS)} and has no % in it"
                )
        return self

    @property
    def formats(self) -> list[str]:
        return [self.format] if isinstance(self.format, str) else self.format


def _column_or(value: Any) -> Any:  # raw YAML
    """`created: Signed up` is short for `created: {column: Signed up}`."""
    return {"column": value} if isinstance(value, str) else value


Instant = TimeColumn | str
"""A column that holds times, a fixed instant, or a name: `created`, `changed`, `file`, `created + 2d`."""


class SourceChannel(Part):
    """The column that tells where a lead came from."""

    column: str = Field(description="The column.")
    values: dict[str, str] = Field(
        {}, description="Cell → channel; other cells are taken as they are."
    )
    if_empty: str = Field("import", description="The channel where the cell is empty.")


class AttributeColumn(Part):
    """How the cells of a column become the values of an attribute. `title: Job` is short for a text."""

    column: str = Field(description="The column.")
    type: Literal["text", "number", "boolean"] = Field("text", description="What the values are.")
    decimal: Literal[".", ","] = Field(
        ".", description="Decimal sign of numbers; the other one groups."
    )
    values: dict[str, Scalar] = Field(
        {}, description="Cell → value; other cells are read by `type`."
    )
    empty: list[str] = Field([], description="Cells of this column that mean `not known`.")
    invalid: Literal["reject", "skip"] = Field(
        "reject",
        description="A cell that is not of the type makes its row bad, or counts as empty.",
    )


class BehaviourColumn(Part):
    """A behaviour for a cell that is not empty, equals something, holds its name or a count."""

    column: str = Field(description="The column that tells.")
    behaviour: str | None = Field(None, description="The behaviour that the column tells of.")
    equals: list[str] = Field([], description="The cells that mean it happened.")
    values: dict[str, str] = Field({}, description="Cell → behaviour; other cells mean none.")
    count: bool = Field(False, description="The cell is a number: how many times it happened.")
    at_most: int = Field(20, ge=1, le=1000, description="No more events than this for one count.")
    decimal: Literal[".", ","] = Field(".", description="Decimal sign of a count.")
    object_column: str | None = Field(None, description="What it was about.")
    at: Instant = Field(
        "changed", description="When it happened, for example the time in the column itself."
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        ways = bool(self.values) + bool(self.equals) + self.count
        if ways > 1 or (self.behaviour is None) != bool(self.values):
            raise ValueError(
                "give `values`, or `behaviour` with `equals`, with `count: true` or with neither"
            )
        return self


class OutcomeColumn(Part):
    """How the sale went: by the words in a column, or because a column is filled."""

    column: str = Field(description="The column that tells.")
    outcome: OutcomeKind | None = Field(None, description="What a cell that is not empty means.")
    values: dict[str, OutcomeKind] = Field({}, description="Cell → outcome; other cells mean none.")
    at: Instant = Field("changed", description="When it was decided.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.outcome is None) != bool(self.values):
            raise ValueError("give either `values` or `outcome`")
        return self


class Mapping(Part):
    """What the columns of one kind of file mean."""

    version: int = Field(1, ge=1, le=1, description="Of the language of mappings.")
    name: str = Field(
        min_length=1, max_length=100, description="Source of the events: /import/<name>."
    )
    file: FileLayout = Field(FileLayout(), description="How the file is written.")
    empty: list[str] = Field([""], description="Cells that mean `not known`, in every column.")
    time_zone: str = Field("UTC", description="Of times without one.")
    lead_id: Annotated[
        LeadId, BeforeValidator(lambda v: {"columns": [v]} if isinstance(v, str) else v)
    ] = Field(description="What identifies a lead: a column, or keys of its own.")
    created: Instant = Field(
        description="When a lead came to exist; `none`: another source creates the leads."
    )
    changed: Instant = Field(
        "file", description="When the row was true; `file`: the file's own date."
    )
    source_channel: SourceChannel | str = Field(
        "import", description="Where the lead came from: a column, or a word."
    )
    owner: str | None = Field(None, description="Column with the rep who owns the lead.")
    attributes: dict[str, Annotated[AttributeColumn, BeforeValidator(_column_or)]] = Field(
        {}, description="Attribute of the model → column."
    )
    behaviours: list[BehaviourColumn] = Field([], description="What leads did.")
    outcomes: list[OutcomeColumn] = Field([], description="How sales went.")
    ignore: list[str] = Field([], description="Columns left out on purpose.")

    def columns(self) -> list[tuple[str, str]]:
        """Every column that is named, with the place that names it."""
        named = [("lead_id", column) for column in self.lead_id.columns]
        for place, part in (
            ("created", self.created),
            ("changed", self.changed),
            ("source_channel", self.source_channel),
        ):
            if not isinstance(part, str):
                named.append((place, part.column))
        if self.owner:
            named.append(("owner", self.owner))
        named += [
            (f"attributes.{name}", attribute.column) for name, attribute in self.attributes.items()
        ]
        for number, behaviour in enumerate(self.behaviours):
            named.append((f"behaviours[{number}]", behaviour.column))
            if behaviour.object_column:
                named.append((f"behaviours[{number}]", behaviour.object_column))
            if isinstance(behaviour.at, TimeColumn):
                named.append((f"behaviours[{number}].at", behaviour.at.column))
        for number, outcome in enumerate(self.outcomes):
            named.append((f"outcomes[{number}]", outcome.column))
            if isinstance(outcome.at, TimeColumn):
                named.append((f"outcomes[{number}].at", outcome.at.column))
        return named
