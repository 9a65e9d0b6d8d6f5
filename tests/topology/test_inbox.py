"""The order in which a lane folds, and up to where it knows everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.transport.fetched import Fetched, Frontier
from scorer.transport.inbox import Inbox


class Rec(NamedTuple):
    topic: str
    offset: int
    timestamp: int
    partition: int = 0
    key: bytes | None = b"k"
    value: bytes | None = b"v"
    headers: tuple[tuple[str, bytes], ...] = ()


def batch(topic: str, before: int, stamps: Sequence[int], after: int | None = None) -> Fetched:
    records: Any = [Rec(topic, before + n, stamp) for n, stamp in enumerate(stamps)]
    return Fetched(topic, 0, before, before + len(stamps) if after is None else after, records)


def inbox(ends: dict[str, Frontier | None], *, records: int = 100, size: int = 10**9) -> Inbox:
    return Inbox(dict.fromkeys(ends, 0), ends.get, records, size)


def order(box: Inbox) -> list[tuple[str, int]]:
    return [(record.topic, record.offset) for record in box.take()]


def test_inputs_are_merged_by_broker_time_then_rank_then_offset() -> None:
    """At the same millisecond the earlier input in the stage's list comes first."""
    box = inbox({"a": Frontier(0, 2), "b": Frontier(0, 2)})
    box.put(batch("b", 0, [10, 20]))
    box.put(batch("a", 0, [10, 30]))
    assert order(box) == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]


def test_an_input_with_unread_records_on_the_broker_is_waited_for() -> None:
    """Else the order of a backlog would depend on which fetch came back first."""
    box = inbox({"a": Frontier(0, 1), "b": Frontier(0, 1)})
    box.put(batch("a", 0, [50]))
    assert order(box) == []
    box.put(batch("b", 0, [40]))
    assert order(box) == [("b", 0), ("a", 0)]


def test_an_input_at_its_end_is_not_waited_for() -> None:
    """A quiet input must not hold up a busy one."""
    box = inbox({"a": Frontier(0, 1), "b": Frontier(0, 0)})
    box.put(batch("a", 0, [50]))
    assert order(box) == [("a", 0)]


def test_an_input_whose_end_is_not_known_yet_is_waited_for() -> None:
    """Right after the start nobody can say that there is no backlog."""
    box = inbox({"a": Frontier(0, 1), "b": None})
    box.put(batch("a", 0, [50]))
    assert order(box) == []


def test_markers_at_the_end_of_an_input_count_as_read() -> None:
    """A transaction's marker takes an offset that no record ever shows."""
    box = inbox({"a": Frontier(0, 1), "b": Frontier(0, 5)})
    box.put(batch("a", 0, [50]))
    box.put(batch("b", 0, [], after=5))
    assert order(box) == [("a", 0)]


def test_a_batch_is_bounded_by_records_and_by_bytes() -> None:
    """A commit stays small enough to be quick; what is over waits for the next one."""
    few = inbox({"a": Frontier(0, 9)}, records=2)
    few.put(batch("a", 0, range(9)))
    small = inbox({"a": Frontier(0, 9)}, size=150)
    small.put(batch("a", 0, range(9)))
    assert (len(few.take()), len(few.take()), len(small.take())) == (2, 2, 2)


def test_what_is_fetched_again_is_taken_once() -> None:
    """After a seek a batch may begin before what is here already."""
    box = inbox({"a": Frontier(0, 4)})
    box.put(batch("a", 0, [1, 2]))
    box.put(batch("a", 0, [1, 2, 3, 4]))
    assert order(box) == [("a", 0), ("a", 1), ("a", 2), ("a", 3)]


def test_a_batch_beyond_missing_records_is_refused_until_they_are_known_to_be_gone() -> None:
    """The first time somebody must seek back; the second time retention has deleted them."""
    box = inbox({"a": Frontier(0, 9)})
    assert box.put(batch("a", 5, [1, 2])) is False
    assert (order(box), box.position_of("a")) == ([], 0)
    assert box.put(batch("a", 5, [1, 2])) is True
    assert order(box) == [("a", 5), ("a", 6)]


def test_time_stands_at_the_asking_instant_when_everything_is_read() -> None:
    """The earliest of the instants at which an end was asked for: later nothing is certain."""
    box = inbox({"a": Frontier(7_000, 0), "b": Frontier(5_000, 0)})
    assert box.watermark_us() == 5_000


def test_time_does_not_pass_while_an_input_has_shown_nothing() -> None:
    """A backlog whose first record is not read yet may begin at any time."""
    box = inbox({"a": Frontier(7_000, 0), "b": Frontier(7_000, 3)})
    assert box.watermark_us() is None


def test_behind_the_end_time_stands_at_the_last_record_folded() -> None:
    """A worker that was down for days must not call a lead cold whose request is in the backlog."""
    ends: dict[str, Frontier | None] = {"a": Frontier(10**12, 3), "b": Frontier(10**12, 0)}
    box = inbox(ends, records=1)
    box.put(batch("a", 0, [5, 6, 7]))
    assert box.watermark_us() is None
    box.take()
    assert box.watermark_us() == 5_000
    box.take()
    box.take()
    assert box.watermark_us() == 10**12


def test_behind_an_open_transaction_time_stands_where_nothing_was_held_yet() -> None:
    """What it hides lay there before the present: a demo request may be among it."""
    ends: dict[str, Frontier | None] = {"a": Frontier(0, 1, held=3)}
    box = inbox(ends)
    assert box.watermark_us() is None
    box.put(batch("a", 0, [5]))
    box.take()
    assert box.watermark_us() == 5_000  # what comes next was appended later
    ends["a"] = Frontier(8_000, 1, held=2)  # the end was asked for at 8,000, and again
    assert box.watermark_us() == 8_000


def test_records_that_are_there_and_do_not_come_are_asked_for_again() -> None:
    """Each time the patience is over; not while they are on their way, wait here, or are not known of."""
    ends: dict[str, Frontier | None] = {"a": Frontier(0, 2), "b": Frontier(0, 0), "c": None}
    box = inbox(ends)
    assert box.overdue(0.0, 10) == []
    assert box.overdue(9.9, 10) == []
    assert box.overdue(10.0, 10) == ["a"]
    assert box.overdue(11.0, 10) == []
    assert box.overdue(21.0, 10) == ["a"]
    assert box.overdue(22.0, 10) == []
    box.put(batch("a", 0, [50]))
    box.put(batch("b", 0, []))
    assert box.overdue(33.0, 10) == []  # one waits here
    assert order(box) == []  # of c nothing is known yet
    ends["c"] = Frontier(0, 0)
    assert order(box) == [("a", 0)]
    assert box.overdue(34.0, 10) == []  # it has just got on
    assert box.overdue(44.0, 10) == ["a"]
    box.put(batch("a", 1, [51]))
    box.take()
    assert box.overdue(99.0, 10) == []


def test_lag_counts_what_waits_here_and_on_the_broker() -> None:
    """Three of ten handed out: they wait until they are committed, then seven do, wherever they are."""
    box = inbox({"a": Frontier(0, 10)}, records=3)
    box.put(batch("a", 0, range(6)))
    box.take()
    assert box.lag("a") == 10
    box.settled()
    assert box.lag("a") == 7


def test_what_lies_behind_an_open_transaction_of_a_publisher_waits_too() -> None:
    """It hides from readers; an operator must see it."""
    box = inbox({"a": Frontier(0, 2, held=5)})
    box.put(batch("a", 0, range(2)))
    assert order(box) == [("a", 0), ("a", 1)]
    box.settled()
    assert box.lag("a") == 5


def test_lag_is_nought_when_only_markers_are_left_behind_what_is_committed() -> None:
    box = inbox({"a": Frontier(0, 4)})
    box.put(batch("a", 0, range(3), after=4))
    box.take()
    assert box.lag("a") == 4
    box.settled()
    assert box.lag("a") == 0


@pytest.mark.parametrize("limit", [1, 3, 100])
@given(
    left=st.lists(st.integers(0, 5), max_size=12),
    right=st.lists(st.integers(0, 5), max_size=12),
    cuts=st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=20),
)
def test_the_order_does_not_depend_on_how_a_backlog_was_fetched(
    limit: int, left: list[int], right: list[int], cuts: list[tuple[bool, int]]
) -> None:
    """Any cutting into batches, in any interleaving, is folded in one order."""
    ends: dict[str, Frontier | None] = {"a": Frontier(0, len(left)), "b": Frontier(0, len(right))}
    stamps = {"a": left, "b": right}

    def fetched_in(pieces: list[tuple[bool, int]]) -> list[tuple[str, int]]:
        box, out = inbox(ends, records=limit), []
        at = {"a": 0, "b": 0}
        for first, size in [*pieces, (True, 99), (False, 99)]:
            topic = "a" if first else "b"
            box.put(batch(topic, at[topic], stamps[topic][at[topic] : at[topic] + size]))
            at[topic] = min(len(stamps[topic]), at[topic] + size)
            out += order(box)
        while more := order(box):
            out += more
        return out

    whole = fetched_in([])
    assert fetched_in(cuts) == whole
    assert len(whole) == len(left) + len(right)
