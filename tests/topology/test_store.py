"""The local store: states, the due-index in order of time, and whom it belongs to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorer.engine.keys import POSITIONS
from scorer.engine.ports import StateWrite
from scorer.transport import restore
from scorer.transport.changelog import (
    Position,
    due_at_once,
    due_bytes,
    frame,
    frame_all,
    frame_positions,
    unframe,
)
from scorer.transport.exits import StoreFailed
from scorer.transport.restore import Distrust, open_store
from scorer.transport.store import Mark, Store, wipe
from tests.topology.counts import told

OWNER = "cluster|changelog|0"
TIERS = st.sampled_from([b"hot", b"cold"])
DUES = st.none() | st.integers(0, 10**14)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "0", OWNER)
    yield store
    store.close()


def test_states_are_read_back_with_none_for_what_is_not_there(store: Store) -> None:
    """The stage sees the state alone, not the instant before it."""
    store.apply(frame_all({b"a": StateWrite(b"A", 5), b"b": StateWrite(b"B", None)}), Mark(2, 1))
    assert store.get_many([b"b", b"x", b"a"]) == [b"B", None, b"A"]


def test_due_leads_come_earliest_first_and_no_more_than_asked_for(store: Store) -> None:
    """Instants are compared as numbers, whatever their length."""
    dues = {b"late": 70_000, b"soon": 9, b"next": 300, b"never": None}
    store.apply(frame_all({key: StateWrite(b"s", due) for key, due in dues.items()}), Mark(4, 1))
    assert store.due_until(300, 10) == [b"soon", b"next"]
    assert store.due_until(10**15, 2) == [b"soon", b"next"]


def test_a_lead_is_due_only_at_its_newest_instant(store: Store) -> None:
    """Also when the stage had the state in its own cache and did not read it first."""
    store.apply(frame_all({b"a": StateWrite(b"1", 10)}), Mark(1, 1))
    store.apply(frame_all({b"a": StateWrite(b"2", 99)}), Mark(2, 1))
    assert (store.due_until(98, 9), store.due_until(99, 9)) == ([], [b"a"])


def test_a_tombstone_removes_state_and_due_instant(store: Store) -> None:
    """An erased lead leaves nothing behind."""
    store.apply(frame_all({b"a": StateWrite(b"1", 10)}), Mark(1, 1))
    store.apply(frame_all({b"a": StateWrite(None, None)}), Mark(2, 1))
    assert (store.get_many([b"a"]), store.due_until(10**15, 9), store.count()) == ([None], [], 0)


def test_the_bound_of_the_next_instant_never_lies_after_it(store: Store) -> None:
    """A tick looks into the store only when something may be due."""
    store.apply(frame_all({b"a": StateWrite(b"1", 50)}), Mark(1, 1))
    store.due_until(10, 9)
    assert store.earliest_due_us() == 50
    store.apply(frame_all({b"b": StateWrite(b"1", 20)}), Mark(2, 1))
    assert store.earliest_due_us() == 20
    store.apply(frame_all({b"b": StateWrite(b"1", None), b"a": StateWrite(b"1", None)}), Mark(3, 1))
    store.due_until(10**15, 9)
    assert store.earliest_due_us() is None


KEYS = [b"lead-%d" % n for n in range(5)]
RECORDS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.none() | st.tuples(TIERS, DUES)), max_size=30
)


@given(records=RECORDS, cuts=st.sets(st.integers(0, 30)))
def test_loading_a_changelog_gives_the_same_store_as_applying_it(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[tuple[bytes, tuple[bytes, int | None] | None]],
    cuts: set[int],
) -> None:
    """A restore from nothing ends with the last value of each key, its due instant and its tier, in however many parts it came."""
    place = tmp_path_factory.mktemp("stores")
    applied, loaded = (Store(place / name, OWNER, tier_in) for name in ("applied", "loaded"))
    applied.finish_load(Mark(0, -1))  # which begins to count
    rows = [(key, frame(StateWrite(*(made or (None, None))))) for key, made in records]
    for number, (key, value) in enumerate(rows):
        applied.apply({key: value}, Mark(number + 1, 1))
    for begin, end in pairwise(sorted({0, *cuts, len(rows)})):
        loaded.load(rows[begin:end])
    loaded.finish_load(Mark(len(rows), 1) if rows else Mark(0, -1))
    for one in (applied, loaded):
        one.close()
    applied, loaded = (Store(place / name, OWNER, tier_in) for name in ("applied", "loaded"))
    seen = [
        (one.due_until(10**15, 9), one.get_many(KEYS), one.mark, told(one), one.empty)
        for one in (applied, loaded)
    ]
    applied.close()
    loaded.close()
    assert seen[0] == seen[1]


def tier_in(state: bytes) -> str:
    return state.decode()


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize(
    "record",
    [
        (b"gone-since", frame(StateWrite(b"G", 5))),
        (POSITIONS, frame_positions({"leads.created.v1": Position(7, 1_000)})),
    ],
    ids=["a lead", "how far the inputs were folded"],
)
def test_a_store_whose_worker_died_while_it_was_filled_is_filled_from_nothing(
    tmp_path: Path, record: tuple[bytes, bytes], flushed: bool
) -> None:
    """What it holds is of no known place in the changelog; nothing of it may stay, dues included."""
    path = tmp_path / "0"
    store = Store(path, OWNER)
    store.load([record])
    if flushed:
        store._db.flush()
    shutil.copytree(path, tmp_path / "died")  # the files as they are while it lives
    store.close()
    store, reason = open_store(tmp_path / "died", OWNER)
    assert reason is None
    fill: Any = restore._Fill(store, tmp_path / "died", OWNER, 20, None, ())
    fill.begin(0)
    assert fill._done.distrust is (Distrust.UNFINISHED if flushed else None)
    fill.take([])
    filled = fill.finish()
    assert filled.empty
    assert filled.positions == {}
    assert filled.due_until(10**15, 9) == []
    filled.close()


def test_a_store_is_kept_across_openings(tmp_path: Path) -> None:
    """A worker that was killed goes on from where its store stands."""
    store = Store(tmp_path / "0", OWNER)
    store.apply(frame_all({b"a": StateWrite(b"A", 5)}), Mark(7, 3))
    store.close()
    again, reason = open_store(tmp_path / "0", OWNER)
    assert (reason, again.mark, again.get_many([b"a"])) == (None, Mark(7, 3), [b"A"])
    again.close()


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_killed_worker_finds_its_store_as_it_was_at_an_earlier_mark(
    tmp_path: Path, after: int
) -> None:
    """What was not flushed is gone with the process, and all of it: states, dues, counts and mark agree."""
    path = tmp_path / "0"
    store = Store(path, OWNER, tier_in)
    store.finish_load(Mark(0, -1))
    for number in range(1, 6):
        written = {b"a": StateWrite(b"hot", number), b"b%d" % number: StateWrite(b"cold", None)}
        positions = frame_positions({"leads.created.v1": Position(number, 0)})
        store.apply(frame_all(written) | {POSITIONS: positions}, Mark(number, number))
        store.flush_after(0.0 if number == after else 600.0)
    shutil.copytree(path, tmp_path / "killed")  # the files as they are while it lives
    store.close()

    again, reason = open_store(tmp_path / "killed", OWNER, tier_in)
    assert (reason, again.mark) == (None, Mark(after, after))
    assert again.get_many([b"a", b"b%d" % after, b"b%d" % (after + 1)]) == [b"hot", b"cold", None]
    assert again.due_until(after - 1, 9) == []
    assert again.due_until(after, 9) == [b"a"]
    assert again.positions["leads.created.v1"].offset == after
    assert told(again) == {"hot": 1, "cold": after}
    again.close()


@pytest.mark.parametrize("damage", ["foreign", "suspect", "truncated", "corrupt"])
def test_a_store_that_cannot_be_trusted_is_emptied(tmp_path: Path, damage: str) -> None:
    """Another cluster's, one that failed before, one whose files were cut or overwritten."""
    path = tmp_path / "0"
    store = Store(path, "other|changelog|0" if damage == "foreign" else OWNER)
    store.apply(frame_all({b"a": StateWrite(b"A", 5)}), Mark(7, 3))
    if damage == "suspect":
        store.suspect()
    store.close()
    for file in path.glob("MANIFEST-*"):
        if damage == "truncated":
            file.write_bytes(b"")
        elif damage == "corrupt":
            file.write_bytes(b"\x7f" * 500)
    again, reason = open_store(path, OWNER)
    expected = Distrust.FOREIGN if damage in ("foreign", "suspect") else Distrust.UNREADABLE
    assert (reason, again.mark, again.get_many([b"a"])) == (expected, Mark(0, -1), [None])
    assert again.belongs()
    again.close()


def test_a_store_in_use_is_not_wiped(tmp_path: Path) -> None:
    """Two workers in one directory: the second one stops and says so."""
    store = Store(tmp_path / "0", OWNER)
    with pytest.raises(StoreFailed, match="in use by another"):
        open_store(tmp_path / "0", OWNER)
    store.close()


def test_wiping_leaves_nothing(tmp_path: Path) -> None:
    """Also not the note that the store was suspect."""
    store = Store(tmp_path / "0", OWNER)
    store.suspect()
    store.close()
    wipe(tmp_path / "0")
    assert list(tmp_path.iterdir()) == []


@given(due=st.none() | st.integers(0, 2**62), state=st.binary())
def test_a_changelog_value_says_when_and_what(due: int | None, state: bytes) -> None:
    """The framing loses nothing."""
    value = frame(StateWrite(state, due))
    assert value is not None
    assert unframe(value) == (due, state)


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_the_order_of_the_bytes_is_the_order_of_time(one: int, other: int) -> None:
    """The due-index is a plain ordered walk."""
    assert (due_bytes(one) < due_bytes(other)) == (one < other)
    assert due_bytes(one) < due_bytes(None)


def test_what_another_model_made_is_due_at_once(store: Store) -> None:
    """Leads that were never due, too; the states stay, and a second start has nothing to do."""
    store.apply(frame_all({b"a": StateWrite(b"A", 500), b"b": StateWrite(b"B", None)}), Mark(2, 1))
    assert store.adopt(b"new") == 2
    assert store.due_until(1, 9) == [b"a", b"b"]
    assert store.get_many([b"a", b"b"]) == [b"A", b"B"]
    assert store.adopt(b"new") == 0
    store.apply(
        frame_all({b"a": StateWrite(b"A2", 500), b"b": StateWrite(b"B2", None)}), Mark(4, 1)
    )
    assert store.due_until(499, 9) == []
    assert store.due_until(500, 9) == [b"a"]


def test_a_store_that_was_filled_for_a_model_is_of_that_model(store: Store) -> None:
    """A restore has looked at every record already."""
    store.load([(b"a", frame(StateWrite(b"A", 500)))])
    store.finish_load(Mark(1, 1), b"new")
    assert store.adopt(b"new") == 0
    assert store.due_until(499, 9) == []


def test_keys_are_listed_by_prefix_from_a_place_on(store: Store) -> None:
    """In byte order, so that a long list can be read in parts."""
    writes = {key: StateWrite(b"1", None) for key in (b"a1", b"a2", b"a3", b"b1")}
    store.apply(frame_all(writes), Mark(4, 1))

    assert store.keys(b"a", b"", 2) == [b"a1", b"a2"]
    assert store.keys(b"a", b"a2", 2) == [b"a3"]
    assert store.keys(b"c", b"", 9) == []


def test_how_far_the_inputs_are_folded_is_no_state(tmp_path: Path) -> None:
    """It is kept with the states of its transaction, and nobody sees it as a lead."""
    read = {"leads.created.v1": Position(7, 1_000), "leads.outcomes.v1": Position(3, 9)}
    store = Store(tmp_path / "0", OWNER, lambda _state: "hot")
    store.finish_load(Mark(0, -1))
    assert store.positions == {}
    values = frame_all({b"a": StateWrite(b"A", None)})
    store.apply({**values, POSITIONS: frame_positions(read)}, Mark(3, 1))
    store.close()

    store = Store(tmp_path / "0", OWNER, lambda _state: "hot")
    assert (store.positions, store.count(), store.leads) == (read, 1, {"hot": 1})
    assert store.keys(b"", b"", 9) == [b"a"]
    store.apply(frame_all({b"a": StateWrite(None, None)}), Mark(4, 1))
    assert store.positions == read, "a tick reads no input"
    store.close()


def test_a_store_that_is_filled_anew_knows_how_far_the_inputs_are_folded(store: Store) -> None:
    """By the last record under that key; also when the model has changed since."""
    older, newer = ({"leads.created.v1": Position(offset, 5)} for offset in (1, 2))
    store.load([(POSITIONS, frame_positions(older)), (b"a", due_bytes(None) + b"A")])
    store.load([(POSITIONS, due_at_once(frame_positions(newer)))])
    store.finish_load(Mark(4, 1), b"model")
    assert (store.positions, store.count()) == (newer, 1)
    assert store.due_until(10**15, 9) == []
