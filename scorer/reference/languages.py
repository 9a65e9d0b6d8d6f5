"""The pages for who writes a model, a mapping or a story, made from the types that read them."""

from __future__ import annotations

from typing import Final

from scorer.contracts.model.shape import Document
from scorer.importing.mapping import Mapping
from scorer.reference.markdown import MADE
from scorer.reference.shapes import entries, keys
from scorer.simulate.shape import Story

_MODEL: Final = f"""{MADE}# The model file

One YAML file says what turns evidence into points, and points into tiers. [How to write a
model](../how-to/write-a-model.md) explains how the keys work together; `scorer/models/default.yaml` is one to start
from. `lead-scorer model check FILE` names every mistake with its line and what to do. Times are written `90s`, `15m`,
`24h`, `7d`, `2w`. Where a list is asked for, one item may stand alone.

"""
_MODEL_PARTS: Final = {
    "DimensionEntry": "dimensions",
    "SilenceEntry": "dimensions · silence",
    "TotalEntry": "total",
    "GroupEntry": "groups",
    "BehaviourEntry": "behaviours",
    "AttributeRuleEntry": "rules · about attributes",
    "ConditionEntry": "rules · when",
    "BehaviourRuleEntry": "rules · about behaviours",
    "DecayEntry": "rules · decay",
    "LinearEntry": "rules · decay · linear",
    "StepEntry": "rules · decay · step",
    "LimitEntry": "rules · limit",
    "StreakEntry": "rules · streak",
    "FastTrackEntry": "fast_track",
    "TiersEntry": "tiers",
    "GridEntry": "grid",
    "AxisEntry": "grid · first, second",
    "HistoryEntry": "history",
    "PublishEntry": "publish",
    "OutcomesEntry": "outcomes",
    "CalendarEntry": "calendar",
    "HoldEntry": "hold",
    "FollowUpEntry": "follow_up",
    "LimitsEntry": "follow_up · limits",
    "ClockEntry": "follow_up · limits · a clock",
    "UnassignedEntry": "follow_up · limits · unassigned",
    "TierSpansEntry": "follow_up · limits · limit",
    "ReminderEntry": "follow_up · limits · remind",
    "TouchesEntry": "follow_up · touches",
    "ExemptionsEntry": "follow_up · exempt",
    "ExemptEntry": "follow_up · exempt · a reason",
    "WorkingHoursEntry": "follow_up · calendar",
    "DailyEntry": "follow_up · boundary",
    "PoolsEntry": "follow_up · pools",
    "LabelEntry": "label",
}
_IMPORT: Final = f"""{MADE}# The mapping of a file

A mapping says what the columns of a CSV file mean. `lead-scorer import FILE --suggest -o map.yaml` writes a first one
with a reason beside every choice; [how to import a file](../how-to/import-a-file.md) goes through it.

"""
_IMPORT_PARTS: Final = {
    "FileLayout": "file",
    "LeadId": "lead_id",
    "TimeColumn": "created, changed, at",
    "SourceChannel": "source_channel",
    "AttributeColumn": "attributes",
    "BehaviourColumn": "behaviours",
    "OutcomeColumn": "outcomes",
}
_STORY: Final = f"""{MADE}# The story file

A story says what happens to one lead, and what must come of it. `lead-scorer simulate FILE` plays it; [how to simulate
a lead](../how-to/simulate.md) writes one. A moment is `day 3 14:00` (day 1 is the start; without a time it is the time
of day of the start), `+2h` or `+1d 6h` (after the step before), or `2026-03-04 14:00`, with `Z` or an offset where the
story's time zone is not meant.

"""
_STORY_PARTS: Final = {
    "CreatedStep": "story · created",
    "AttributesStep": "story · set, unset",
    "BehaviourStep": "story · does",
    "AgainStep": "story · again",
    "RetractionStep": "story · retracts",
    "PausedStep": "story · paused",
    "ResumedStep": "story · resumed",
    "AdjustmentStep": "story · adjusts",
    "OutcomeStep": "story · outcome",
    "AssignedStep": "story · assigned",
    "ClaimedStep": "story · claimed",
    "TransferredStep": "story · transferred",
    "ReleasedStep": "story · released",
    "TouchedStep": "story · touched",
    "LockedStep": "story · locked",
    "UnlockedStep": "story · unlocked",
    "OwnerLeftStep": "story · owner left",
    "OwnerReturnedStep": "story · owner returned",
    "AdvanceStep": "story · advance to",
    "ExpectEntry": "expect",
    "StandingEntry": "expect · at",
}


def model_page() -> str:
    """Every key of a model file."""
    schema = Document.model_json_schema()
    return _MODEL + "\n".join((keys(schema), *entries(schema, _MODEL_PARTS)))


def import_page() -> str:
    """Every key of a mapping."""
    schema = Mapping.model_json_schema()
    return _IMPORT + "\n".join((keys(schema), *entries(schema, _IMPORT_PARTS)))


def story_page() -> str:
    """Every key of a story."""
    schema = Story.model_json_schema()
    return _STORY + "\n".join((keys(schema), *entries(schema, _STORY_PARTS)))
