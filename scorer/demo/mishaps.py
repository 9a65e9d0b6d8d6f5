"""What broken publishers send now and then. Knows what is wrong with it, not what becomes of it.

Each must end as one dead letter, with the people before and after it scored as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import orjson

from scorer.contracts.records import Message
from scorer.demo.script import Dice, Post

BEHAVIOURS: Final = "leads.behaviours.v1"
LEADS_PER_MISHAP: Final = 12


def _envelope(**fields: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": "leadscorer.lead.behaviour.v1",
            "source": "/demo/old-tracker",
            "id": "tracker-1",
            "time": "2026-01-05T08:00:00Z",
            "subject": "nobody",
            "data": {"lead_id": "nobody", "behaviour": "page_viewed"},
        }
        | fields
    )


MISHAPS: Final = (
    b'{"specversion": "1.0", "type": "leadscorer.lead.beha',  # cut off while being written
    _envelope(data={"lead_id": "nobody"}),  # forgot to say what was done
    _envelope(type="leadscorer.lead.behaviour.v9"),  # deployed before its consumers
    _envelope(time="05/01/2026 8:00"),  # no zone, and nobody knows which number is the month
    _envelope(data={"lead_id": "somebody-else", "behaviour": "page_viewed"}),  # not its key
    _envelope(time="2126-01-05T08:00:00Z"),  # a clock that is a century fast
    b"\x00\x00\x00\x00\x07behaviour",  # a schema registry's format
)


def mishaps(dice: Dice, leads: int, start_us: int, length_us: int) -> Iterator[Post]:
    """One broken record for every dozen leads, at random instants."""
    for number in range(max(1, leads // LEADS_PER_MISHAP)):
        time_us = start_us + int(dice.random() * length_us)
        value = MISHAPS[number % len(MISHAPS)]
        yield Post(time_us, Message(BEHAVIOURS, b"nobody", value, (), time_us // 1_000))
