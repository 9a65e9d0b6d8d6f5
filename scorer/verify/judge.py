"""The verdict on one partition, lead by lead: what is compared, and what cannot be. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Message, Record
from scorer.contracts.stored import StateError
from scorer.engine.memory import MemoryRecord
from scorer.engine.ports import StateWrite
from scorer.verify import compare
from scorer.verify.court import Court
from scorer.verify.pile import Stored
from scorer.verify.retell import Retold
from scorer.verify.said import ERASURE, UNREADABLE, Said
from scorer.verify.source import Snapshot, Spot
from scorer.verify.verdict import Fault, Finding, Subject, Unjudged, Verdict

LetterKey = tuple[str, int, int]


@dataclass(slots=True)
class Judge:
    """Compares the leads of one partition, one after the other, then its dead letters."""

    snapshot: Snapshot
    partition: int
    verdict: Verdict
    court: Court
    since_ms: int | None
    until_ms: int | None
    truncated: bool  # retention has deleted the beginning of an input
    rewritten: AbstractSet[bytes]  # keys whose states changed since the snapshot
    _letters: dict[LetterKey, tuple[Message, int, bool]] = field(default_factory=dict)

    def lead(
        self,
        key: bytes,
        retold: Retold,
        said: Mapping[str, list[Said]],
        stored: Stored | None,
        beside: frozenset[str] = frozenset(),
    ) -> None:
        """Everything about one lead; `beside` are those whose list it is in."""
        verdict = self.verdict
        verdict.leads += retold.of_lead
        verdict.records += retold.records
        verdict.waiting += retold.waiting
        for letter in retold.dead_letters:
            about = compare.letter_key(_as_record(letter[0]))
            if about is not None and self.court.home(about[0], letter[0].key or b"") == key:
                self._letters[about] = letter  # else its owner's, judged with him
        if (why := self._beyond(key, retold, said, stored)) is not None:
            verdict.unjudged[why] += 1
            for topic, found in said.items():
                self._report(key, topic, compare.doubles(found))
            return
        verdict.reordered += retold.reordered
        verdict.ticked_first += retold.ticked_first
        for topic in {due.topic for due in retold.outputs} | said.keys():
            due = [one for one in retold.outputs if one.topic == topic]
            found = said.get(topic, [])
            verdict.outputs += max(len(due), len(found))
            self._report(key, topic, compare.outputs(due, found), found)
        self._state(key, retold, stored, beside)

    def letters(self, found: Sequence[Record], first_ms: int | None) -> None:
        """The dead letters of the partition; call it after all leads."""
        there: dict[LetterKey, list[Record]] = {}
        for record in found:
            about = compare.letter_key(record)
            there.setdefault(about or ("", -1, record.offset), []).append(record)
        self.verdict.dead_letters += len(self._letters.keys() | there.keys())
        for about, (message, at_ms, must) in self._letters.items():
            records = there.pop(about, [])
            right = compare.letter_digest(message)
            if not records and must and first_ms is not None and self._deleted(at_ms, first_ms):
                self.verdict.unjudged[Unjudged.EXPIRED] += 1
            elif not records and must:
                self._letter(Fault.MISSING, message, about, None, at_ms)
            for number, record in enumerate(records):
                same = compare.letter_digest(record) == right
                fault = Fault.DOUBLED if same else Fault.CONFLICTING
                if number:
                    self._letter(fault, record, about, record.offset, record.timestamp)
                elif not same:
                    self._letter(Fault.WRONG, record, about, record.offset, record.timestamp)
        for about, records in there.items() if not self.truncated else ():
            for record in records:
                self._letter(Fault.WRONG, record, about, record.offset, record.timestamp)

    def _beyond(
        self, key: bytes, retold: Retold, said: Mapping[str, list[Said]], stored: Stored | None
    ) -> Unjudged | None:
        """Why a lead cannot be judged."""
        models = {one.model for found in said.values() for one in found} - {
            None,
            self.court.model_hash,
        }
        write = stored.write if stored else None
        if models or (write is not None and self._foreign(key, write)):
            return Unjudged.OTHER_MODEL
        right = retold.states[-1]
        if self.truncated and stored and self.court.older(key, right, write):
            return Unjudged.OLD_EVIDENCE
        if self.truncated and not retold.records and stored is None:
            return Unjudged.OLD_EVIDENCE  # erased, or unknown: only outputs are left
        return None

    def _report(
        self,
        key: bytes,
        topic: str,
        differences: Iterable[compare.Difference],
        found: Sequence[Said] = (),
    ) -> None:
        before_ms = self.snapshot.compacted_before_ms.get(topic, 0)
        last = found[-1].offset if found else -1
        for fault, said, why in differences:
            if not self._inside(said.at_ms):
                self.verdict.unjudged[Unjudged.OUT_OF_RANGE] += 1
            elif fault is Fault.MISSING and last >= 0 and said.at_ms < before_ms:
                self.verdict.unjudged[Unjudged.COMPACTED] += 1
            else:
                named = said.id if said.id not in (ERASURE, UNREADABLE) else None
                place = said.offset if said.offset >= 0 else None
                self._add(fault, Subject.OUTPUT, topic, key, named, place, why)

    def _foreign(self, key: bytes, write: StateWrite) -> bool:
        try:
            return self.court.foreign(key, write)
        except StateError:
            return False  # it will be said what is wrong with it

    def _state(
        self, key: bytes, retold: Retold, stored: Stored | None, beside: frozenset[str]
    ) -> None:
        if self.until_ms is not None or (stored and not self._inside(stored.at_ms)):
            self.verdict.unjudged[Unjudged.OUT_OF_RANGE] += 1
            return
        found = stored.write if stored else None
        why = self.court.state(key, retold.states, found, beside)
        if why is not None and key in self.rewritten and not (stored and beside):
            self.verdict.unjudged[Unjudged.REWRITTEN] += 1  # compaction has kept the newer ones
            return
        self.verdict.states += 1
        if why is not None:
            fault = Fault.WRONG if stored and stored.write else Fault.MISSING
            offset = stored.offset if stored else None
            self._add(fault, Subject.STATE, self.snapshot.changelog, key, None, offset, why)

    def _letter(
        self, fault: Fault, it: Record | Message, about: LetterKey, at: int | None, at_ms: int
    ) -> None:
        if not self._inside(at_ms):
            self.verdict.unjudged[Unjudged.OUT_OF_RANGE] += 1
            return
        name = f"{about[0]}/{about[1]}@{about[2]}" if about[0] else None
        why = f"about {name}" if name else "is no dead letter of ours"
        topic = DEAD_LETTERS_TOPIC
        self._add(fault, Subject.DEAD_LETTER, topic, it.key or b"", name, at, why)

    def _add(
        self,
        fault: Fault,
        subject: Subject,
        topic: str,
        key: bytes,
        named: str | None,
        offset: int | None,
        why: str,
    ) -> None:
        text = self.court.name(key)
        self.verdict.add(Finding(fault, subject, topic, self.partition, text, named, offset, why))

    def _inside(self, at_ms: int) -> bool:
        early = self.since_ms is not None and at_ms < self.since_ms
        return not early and (self.until_ms is None or at_ms < self.until_ms)

    def _deleted(self, at_ms: int, first_ms: int) -> bool:
        begins = self.snapshot.begins
        return begins[Spot(DEAD_LETTERS_TOPIC, self.partition)] > 0 and at_ms < first_ms


def _as_record(message: Message) -> Record:
    """A dead letter as it would be read."""
    return MemoryRecord(message.topic, message.key, message.value, 0, message.headers)
