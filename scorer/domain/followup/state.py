"""What is kept of one lead in the pool stage. Knows its parts, not how they are stored."""

from __future__ import annotations

from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.followup.case import Case
from scorer.domain.followup.revision import Saying
from scorer.domain.remembered import Remembered

SCHEMA: Final = 3
"""Version of the stored form. A newer one is refused, an older one is migrated on read."""


@mypyc_attr(acyclic=True)
class FollowUpState(Remembered):
    """One lead in the pool stage: its evidence, and the cases that follow from it."""

    __slots__ = ("base", "head", "policy_hash", "said_us", "sayings")

    def __init__(self, policy_hash: str) -> None:
        super().__init__()
        self.policy_hash = policy_hash
        self.base: Case | None = None
        self.head = Case()
        self.said_us = 0  # the latest instant about which a clock has said anything
        self.sayings: list[Saying] = []  # of what late evidence has changed
