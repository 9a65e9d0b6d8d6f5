"""Whether an owner's leaving was copied to every other partition, once. Compares, computes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from scorer.contracts.decode import Decoder
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.reasons import Rejected
from scorer.contracts.records import Record
from scorer.engine.pool import COPY
from scorer.verify.source import Snapshot, Source, Spot
from scorer.verify.verdict import Fault, Finding, Inside, Subject, Verdict

_Content = tuple[bytes | None, bytes | None]
_Way = tuple[int, int]  # from one partition to another


class _Found(NamedTuple):
    content: _Content
    offset: int


class Copies:
    """All records of the topic, and what they must be."""

    def __init__(
        self, source: Source, snapshot: Snapshot, decoder: Decoder, inside: Inside
    ) -> None:
        self._source, self._snapshot = source, snapshot
        self._decoder, self._inside = decoder, inside
        self._wanted: dict[_Way, Counter[_Content]] = defaultdict(Counter)
        self._perhaps: dict[_Way, Counter[_Content]] = defaultdict(Counter)
        self._there: dict[_Way, list[_Found]] = defaultdict(list)

    async def judge(self, verdict: Verdict) -> None:
        """Read the topic and note every fault."""
        for partition in range(self._snapshot.partitions):
            spot = Spot(OWNERS_TOPIC, partition)
            async for record in self._source.read(spot, self._snapshot):
                if self._inside(record.timestamp):
                    self._note(spot, record)
        begins = self._snapshot.begins
        for way in self._wanted.keys() | self._there.keys():
            if not any(begins[Spot(OWNERS_TOPIC, partition)] for partition in way):
                self._compare(way, verdict)

    def _note(self, spot: Spot, record: Record) -> None:
        content = (record.key, record.value)
        origin = next((value for name, value in record.headers if name == COPY), None)
        if origin is not None:
            way = (int(origin) if origin.isdigit() else -1, spot.partition)
            self._there[way].append(_Found(content, record.offset))
        elif record.offset < self._snapshot.committed_after[spot]:
            if isinstance(self._decoder.decode(record), Rejected):
                return
            sure = record.offset < self._snapshot.committed[spot]
            for other in range(self._snapshot.partitions):
                if other != spot.partition:
                    (self._wanted if sure else self._perhaps)[spot.partition, other][content] += 1

    def _compare(self, way: _Way, verdict: Verdict) -> None:
        missing, perhaps = Counter(self._wanted[way]), Counter(self._perhaps[way])
        verdict.outputs += max(missing.total(), len(self._there[way]))
        for content, offset in self._there[way]:
            if missing[content]:
                missing[content] -= 1
            elif perhaps[content]:
                perhaps[content] -= 1
            else:
                known = content in self._wanted[way]
                fault = Fault.DOUBLED if known else Fault.WRONG
                why = "is copied more often than it was said" if known else "copies nothing"
                self._add(verdict, fault, way, content, offset, why)
        for content in missing.elements():
            self._add(verdict, Fault.MISSING, way, content, None, f"is not copied from {way[0]}")

    @staticmethod
    def _add(
        verdict: Verdict, fault: Fault, way: _Way, content: _Content, offset: int | None, why: str
    ) -> None:
        key = (content[0] or b"").decode(errors="replace")
        verdict.add(Finding(fault, Subject.OUTPUT, OWNERS_TOPIC, way[1], key, None, offset, why))
