"""The page of follow-up clocks, made from the tables that the fold reads."""

from __future__ import annotations

from typing import Final

from scorer.domain.followup.table import clock_table, state_table
from scorer.reference.markdown import MADE, table

_PAGE: Final = f"""{MADE}# Follow-up clocks

What the `follow_up` section of a [model](model.md) sets in motion. [How to follow up](../how-to/follow-up.md) explains
it with examples. These are the tables by which the pool stage works.

## Clocks

Clocks that expire at the same instant are heard in this order; the first that returns the lead cancels the others.

"""
_STATES: Final = """
## States of a deadline

Every deadline ends exactly once: met, breached or cancelled. A breached one may still become voided. An exempt clock
stands still in the state that it is in. What is not in the table cannot happen.

"""


def follow_up_page() -> str:
    """The clocks and the states of a deadline."""
    clocks, states = clock_table(), state_table()
    return _PAGE + table(clocks[0], clocks[1:]) + _STATES + table(states[0], states[1:])
