"""What waits for one lane, in the order in which it must be folded. Pure; knows no client.

The inputs of a partition are merged by (broker time, rank of the input, offset). An input that is
empty here but known to have unread records on the broker is waited for, so that a backlog is folded
in one order, whatever the timing of fetches; one that is at its end is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from scorer.contracts.records import Record
from scorer.transport.changelog import Position, crc_of
from scorer.transport.fetched import Fetched, Frontier

LookUp = Callable[[str], Frontier | None]
"""The newest known end of an input (by its real topic name) of this partition."""


class Input:
    """The waiting records of one topic of the lane's partition."""

    def __init__(self, topic: str, rank: int, position: int) -> None:
        self.topic = topic
        self.rank = rank
        self.waiting: deque[Record] = deque()
        self.position = position  # after the last record put here
        self.taken = position  # after the last record handed out: what a transaction commits
        self.unsettled: int | None = None  # the first record handed out and not committed yet
        self.read_ms: int | None = None  # broker time of the last record handed out
        self.gap: int | None = None
        self.behind: tuple[int, float] | None = None  # at which position it waits, since when

    def put(self, batch: Fetched) -> bool:
        """Append what is new in a batch; False when records between are missing."""
        if batch.before > self.position and batch.before != self.gap:
            self.gap = batch.before  # the second time they are gone for good: deleted by retention
            return False
        records = batch.records
        if batch.before < self.position:  # fetched again after a seek
            records = [record for record in records if record.offset >= self.position]
        self.waiting.extend(records)
        self.position = max(self.position, batch.after)
        return True

    def head_ms(self) -> int:
        """The broker time of the next record; there must be one."""
        return self.waiting[0].timestamp

    def at_end(self, frontier: Frontier | None) -> bool:
        return frontier is not None and self.position >= frontier.end


class Inbox:
    """The inputs of one lane."""

    def __init__(
        self, positions: Mapping[str, int], look_up: LookUp, max_records: int, max_bytes: int
    ) -> None:
        """`positions`: where each input starts, in merge order."""
        self.inputs = [Input(topic, rank, at) for rank, (topic, at) in enumerate(positions.items())]
        self._by_topic = {one.topic: one for one in self.inputs}
        self._look_up = look_up
        self._max_records = max_records
        self._max_bytes = max_bytes

    def put(self, batch: Fetched) -> bool:
        """Take a batch in; False when it does not continue what is here: seek to `position_of`."""
        return self._by_topic[batch.topic].put(batch)

    def position_of(self, topic: str) -> int:
        return self._by_topic[topic].position

    def waiting(self, topic: str) -> int:
        """Records of an input that are not handed out yet."""
        return len(self._by_topic[topic].waiting)

    def empty(self) -> bool:
        return not any(one.waiting for one in self.inputs)

    def take(self) -> list[Record]:
        """The next records in merge order; empty when there are none, or not all heads are known."""
        out: list[Record] = []
        room = self._max_bytes
        known = all(one.waiting or self._ended(one) for one in self.inputs)
        while known and len(out) < self._max_records and room > 0:
            first: Input | None = None
            second: Input | None = None
            for one in self.inputs:
                if not one.waiting:
                    continue
                if first is None or one.head_ms() < first.head_ms():
                    second = first
                    first = one
                elif second is None or one.head_ms() < second.head_ms():
                    second = one
            if first is None:
                break
            room = self._run(first, second, out, room)
            known = bool(first.waiting) or self._ended(first)
        return out

    def _ended(self, one: Input) -> bool:
        """Whether an input is known to have nothing more."""
        return one.at_end(self._look_up(one.topic))

    def _run(self, one: Input, until: Input | None, out: list[Record], room: int) -> int:
        """Hand out records of one input for as long as no other input's head comes before them."""
        waiting = one.waiting
        # Of two records of the same time that of the input with the lower rank comes first.
        limit_ms = None if until is None else until.head_ms() - (one.rank > until.rank)
        left = self._max_records - len(out)
        record = waiting[0]
        if one.unsettled is None:
            one.unsettled = record.offset
        while waiting and left > 0 and room > 0:
            if limit_ms is not None and waiting[0].timestamp > limit_ms:
                break
            record = waiting.popleft()
            out.append(record)
            left -= 1
            room -= len(record.value or b"") + 100  # ~100 bytes of key, headers and record frame
        one.taken = record.offset + 1
        one.read_ms = record.timestamp
        return room

    def positions(self, records: Sequence[Record]) -> dict[str, Position]:
        """What to commit, by topic, after these records."""
        last = {record.topic: record for record in records}
        return {
            topic: Position(record.offset + 1, crc_of(record)) for topic, record in last.items()
        }

    def settled(self) -> None:
        """Everything that was handed out is committed."""
        for one in self.inputs:
            one.unsettled = None

    def watermark_us(self) -> int | None:
        """The instant up to which everything is known; None: nothing is.

        An input is known up to the broker time of the last record that was folded; one that is read
        and folded to its end also up to the instant at which its end was asked for.
        """
        least: int | None = None
        for one in self.inputs:
            known_us = one.read_ms * 1000 if one.read_ms is not None else 0
            frontier = self._look_up(one.topic)
            if frontier and not one.waiting and one.at_end(frontier):
                known_us = max(known_us, frontier.asked_us)
            if not known_us:
                return None
            if least is None or known_us < least:
                least = known_us
        return least

    def overdue(self, now_s: float, patience_s: float) -> list[str]:
        """Inputs of which records are known to be there, and have not come for so long; asked again and again."""
        found = []
        for one in self.inputs:
            frontier = self._look_up(one.topic)
            if one.waiting or frontier is None or one.at_end(frontier):
                one.behind = None
            elif one.behind is None or one.behind[0] != one.position:
                one.behind = one.position, now_s
            elif now_s - one.behind[1] >= patience_s:
                one.behind = None
                found.append(one.topic)
        return found

    def lag(self, topic: str) -> int | None:
        """Offsets between what is committed and the end of the log; None while that is unknown.

        What lies behind an open transaction of a publisher waits, too, though nobody may read it.
        """
        one, frontier = self._by_topic[topic], self._look_up(topic)
        if frontier is None:
            return None
        first = one.unsettled
        if first is None and one.waiting:
            first = one.waiting[0].offset
        behind = 0 if first is None else one.position - first
        return max(0, frontier.end - one.position) + behind + frontier.held
