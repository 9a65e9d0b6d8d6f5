"""The pool stage as the referee judges it: leads, and the owners whose leaving moves them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scorer.contracts.decode import Decoder
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Record
from scorer.domain.events import Created, LeadEvent, OwnerLeft, Ownership
from scorer.engine import owners
from scorer.engine.keys import is_lead
from scorer.engine.owners import OwnerFile
from scorer.engine.pool import OURS, PoolFactory
from scorer.engine.ports import StageFactory, StateWrite
from scorer.verify import compare
from scorer.verify.copies import Copies
from scorer.verify.pile import Pile
from scorer.verify.recount import recount
from scorer.verify.retell import Lead, Retold, Terms
from scorer.verify.source import Snapshot, Source
from scorer.verify.verdict import Inside, Verdict


class PoolCourt:
    """The pool stage (`Court`)."""

    compacted: Sequence[str] = (TIERS_TOPIC,)
    shared: Sequence[str] = (OWNERS_TOPIC,)

    def __init__(self, factory: PoolFactory, decoder: Decoder, topic_prefix: str = "") -> None:
        self.factory: StageFactory = factory
        self.model_hash = factory.policy.model_hash
        self._policy_hash, self._decoder = factory.policy.hash, decoder
        self._rank = [*factory.inputs].index(OWNERS_TOPIC)
        self._ours = {topic_prefix + topic for topic in OURS}
        self._owners = topic_prefix + OWNERS_TOPIC

    def home(self, topic: str, key: bytes) -> bytes:
        if topic in (OWNERS_TOPIC, self._owners):
            return owners.owner_key(key.decode(errors="replace"))
        entry = owners.indexed(key)
        return key if entry is None else entry[1]

    def name(self, key: bytes) -> str:
        if owners.is_owner(key):
            return f"owner {owners.owner_of(key)}"
        return key.decode(errors="replace")

    def speaks_of(self, topic: str) -> bool:
        return topic in self._ours

    def gather(self, pile: Pile) -> None:
        """Owners' records go to the leads that they have had, entries of the index to their leads."""
        heard = {key: self._left(pile, key) for key in {*pile.inputs, *pile.extra}}
        heard = {key: left for key, left in heard.items() if owners.is_owner(key)}
        for lead in {*pile.inputs, *pile.extra} if heard else ():
            if is_lead(lead):
                had = _closure(self._had(pile, lead), heard)
                for queues in (pile.inputs, pile.extra):
                    self._hand_out(queues, lead, had)
        for key in [*pile.states]:
            if (entry := owners.indexed(key)) is not None:
                owner, lead = entry
                if pile.states.pop(key).write is not None:
                    pile.beside[lead] = pile.beside.get(lead, frozenset()) | {owner}

    def tell(self, lead: Lead, partition: int, terms: Terms) -> Retold:
        return recount(lead, lambda: self.factory(partition), terms)

    def state(
        self,
        key: bytes,
        right: Sequence[StateWrite | None],
        found: StateWrite | None,
        beside: frozenset[str],
    ) -> str | None:
        if owners.is_owner(key):
            return _file_differs(right, found)
        why = compare.state(right, found, decode_follow_up)
        if why is None and beside not in (has := [_has(write) for write in right]):
            listed, belongs = (", ".join(sorted(each)) or "nobody" for each in (beside, has[-1]))
            why = f"is listed for {listed} and belongs to {belongs}"
        return why

    def foreign(self, key: bytes, found: StateWrite) -> bool:
        if owners.is_owner(key) or found.value is None:
            return False
        return decode_follow_up(found.value).policy_hash != self._policy_hash

    def older(self, key: bytes, right: StateWrite | None, found: StateWrite | None) -> bool:
        if owners.is_owner(key):
            return _file_differs([right], found) is not None
        return compare.older_evidence(right, found, decode_follow_up)

    async def finish(
        self, source: Source, snapshot: Snapshot, verdict: Verdict, inside: Inside
    ) -> None:
        """An owner's leaving lies on every partition, once."""
        await Copies(source, snapshot, self._decoder, inside).judge(verdict)

    def _hand_out(
        self, queues: dict[bytes, list[deque[Record]]], lead: bytes, had: Iterable[bytes]
    ) -> None:
        records = [r for owner in had for r in queues.get(owner, self._nothing())[self._rank]]
        if records:
            mine = queues.setdefault(lead, self._nothing())
            mine[self._rank] = deque(sorted(records, key=lambda record: record.offset))

    def _nothing(self) -> list[deque[Record]]:
        return [deque() for _ in self.factory.inputs]

    def _left(self, pile: Pile, owner: bytes) -> set[bytes]:
        """To whom an owner has left his leads."""
        bodies = (event.body for event in self._events(pile, owner))
        return {owners.owner_key(b.to) for b in bodies if isinstance(b, OwnerLeft) and b.to}

    def _had(self, pile: Pile, lead: bytes) -> set[bytes]:
        """Who was given a lead, as its records say."""
        bodies = (event.body for event in self._events(pile, lead))
        names = {body.owner for body in bodies if isinstance(body, Created | Ownership)}
        return {owners.owner_key(name) for name in names if name}

    def _events(self, pile: Pile, key: bytes) -> Iterator[LeadEvent]:
        for queues in (pile.inputs, pile.extra):
            for queue in queues.get(key, ()):
                for record in queue:
                    event = self._decoder.decode(record)
                    if not isinstance(event, Rejected):
                        yield event


def _closure(names: set[bytes], left_to: Mapping[bytes, set[bytes]]) -> set[bytes]:
    """These, and whoever is left something by one of them."""
    found, new = set(names), set(names)
    while new:
        new = {to for name in new for to in left_to.get(name, ())} - found
        found |= new
    return found


def _has(write: StateWrite | None) -> frozenset[str]:
    """Whose list a lead is in."""
    if write is None or write.value is None:
        return frozenset()
    owner = decode_follow_up(write.value).head.owner
    return frozenset() if owner is None else frozenset({owner})


def _file_differs(right: Sequence[StateWrite | None], found: StateWrite | None) -> str | None:
    """How what is kept of an owner differs; how far his leads have been told shows in their outputs."""
    wanted = [OwnerFile.read(write.value).heard if write else [] for write in right]
    heard = OwnerFile.read(found.value).heard if found else []
    return None if heard in wanted else "differs in what was heard of the owner"
