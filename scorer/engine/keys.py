"""The keys of a stage's table and of its changelog: leads, and what no lead can be called."""

from __future__ import annotations

from typing import Final

RESERVED: Final = b"\xff"
"""Begins the keys of a table that no lead can have, because they are no UTF-8."""
POSITIONS: Final = RESERVED + b"p"
"""In a changelog, no state: how far the inputs of the partition are folded with all that lies before."""


def is_lead(key: bytes) -> bool:
    """Whether a key of a table or of its changelog is that of a lead."""
    return not key.startswith(RESERVED)
