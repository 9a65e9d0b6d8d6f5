"""What every step of a story has in common: when it happens, when the scorer hears of it, its name."""

from __future__ import annotations

from pydantic import Field

from scorer.contracts.model.entry import Entry
from scorer.contracts.model.scalars import Name
from scorer.simulate.moments import Moment


class Step(Entry):
    """Something that happens."""

    at: Moment | None = Field(
        None, description="When it happens. Without it: at the time of the step before."
    )
    arrives: Moment | None = Field(
        None, description="When the scorer hears of it, if later than it happens."
    )
    id: Name | None = Field(None, description="A name, for steps that refer to this one.")
