"""What is particular to judging one stage: how a story is told again, and which keys belong together.

Knows the engine's stages; reads no topic and compares no outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from scorer.contracts.state_codec import decode_state
from scorer.engine.pool import OURS
from scorer.engine.ports import StageFactory, StateWrite
from scorer.engine.scoring import ScoringFactory
from scorer.verify import compare
from scorer.verify.pile import Pile
from scorer.verify.retell import Identify, Lead, Retold, Teller, Terms
from scorer.verify.source import Snapshot, Source
from scorer.verify.verdict import Inside, Verdict


class Court(Protocol):
    """One stage, as the referee judges it."""

    factory: StageFactory
    model_hash: str
    compacted: Sequence[str]  # inputs of which compaction leaves the newest
    shared: Sequence[str]  # inputs that are about all leads

    def home(self, topic: str, key: bytes) -> bytes:
        """What a key of a topic (or of the changelog) is about; everything about it is judged together."""

    def name(self, key: bytes) -> str:
        """Such a key, for people."""

    def speaks_of(self, topic: str) -> bool:
        """Whether this stage writes the dead letters about a topic (by its real name)."""

    def gather(self, pile: Pile) -> None:
        """Bring together what lies under several keys."""

    def tell(self, lead: Lead, partition: int, terms: Terms) -> Retold:
        """The story of a lead, from its inputs."""

    def state(
        self,
        key: bytes,
        right: Sequence[StateWrite | None],
        found: StateWrite | None,
        beside: frozenset[str],
    ) -> str | None:
        """How a stored state differs from each of those that are right; None: it does not."""

    def foreign(self, key: bytes, found: StateWrite) -> bool:
        """Whether a stored state was made by another model."""

    def older(self, key: bytes, right: StateWrite | None, found: StateWrite | None) -> bool:
        """Whether a stored state rests on evidence that is not among what was folded anew."""

    async def finish(
        self, source: Source, snapshot: Snapshot, verdict: Verdict, inside: Inside
    ) -> None:
        """What can only be judged across partitions."""


class ScoringCourt:
    """The scoring stage (`Court`)."""

    compacted: Sequence[str] = ()
    shared: Sequence[str] = ()

    def __init__(self, factory: ScoringFactory, identify: Identify, topic_prefix: str = "") -> None:
        self.factory: StageFactory = factory
        self._others = {topic_prefix + topic for topic in OURS}
        self.model_hash = factory.plan.hash
        self._identify = identify

    def home(self, topic: str, key: bytes) -> bytes:
        return key

    def name(self, key: bytes) -> str:
        return key.decode(errors="replace")

    def speaks_of(self, topic: str) -> bool:
        return topic not in self._others

    def gather(self, pile: Pile) -> None:
        return

    def tell(self, lead: Lead, partition: int, terms: Terms) -> Retold:
        return Teller(lead, lambda: self.factory(partition), terms, self._identify).tell()

    def state(
        self,
        key: bytes,
        right: Sequence[StateWrite | None],
        found: StateWrite | None,
        beside: frozenset[str],
    ) -> str | None:
        return compare.state(right, found, decode_state)

    def foreign(self, key: bytes, found: StateWrite) -> bool:
        return False  # every lead has outputs, which name their model

    def older(self, key: bytes, right: StateWrite | None, found: StateWrite | None) -> bool:
        return compare.older_evidence(right, found, decode_state)

    async def finish(
        self, source: Source, snapshot: Snapshot, verdict: Verdict, inside: Inside
    ) -> None:
        return
