"""What a report counts as met and as breached (F23), from what the pool says of a story."""

from __future__ import annotations

from scorer.domain.events import Ownership, OwnershipChange, Retraction, Touch
from scorer.engine.attainment import By, Row, attainment
from scorer.engine.memory import MemoryRecord
from tests.engine.test_pool_stage import claimed, created, driver, read, record
from tests.followup.given import at


def touched(when: str, name: str) -> MemoryRecord:
    return record("a", when, Touch("called", "ann"), id=name)


def retracted(when: str, name: str) -> MemoryRecord:
    return record("a", when, Retraction("crm", name))


def report(*story: MemoryRecord) -> Row:
    """The only row, by clock, when all is over."""
    it = driver()
    said = []
    for piece in (created("a"), claimed("a", "2026-03-25 10:00"), *story):
        said += it.feed([piece])
    said += it.advance(at("2026-04-20 00:00"))
    rows = {row.group: row for row in attainment(read(said), By.CLOCK)}
    return rows["first_response"]


def test_f23_a_first_response_in_time_is_met() -> None:
    row = report(touched("2026-03-25 12:00", "t1"))

    assert (row.met, row.breached, row.first_response_s) == (1, 0, [7_200.0])


def test_f23_one_that_was_retracted_counts_as_the_breach_that_follows_from_it() -> None:
    row = report(touched("2026-03-25 12:00", "t1"), retracted("2026-03-26 09:00", "t1"))

    assert (row.met, row.breached, row.first_response_s) == (0, 1, [])


def test_f23_a_retraction_beside_a_later_touch_in_time_moves_it() -> None:
    row = report(
        touched("2026-03-25 12:00", "t1"),
        touched("2026-03-25 13:00", "t2"),
        retracted("2026-03-26 09:00", "t1"),
    )

    assert (row.met, row.breached, row.first_response_s) == (1, 0, [10_800.0])


def test_f23_the_same_lead_met_by_its_next_owner_stays_met() -> None:
    row = report(
        record("a", "2026-03-28 09:00", Ownership(OwnershipChange.CLAIMED, "bob")),
        touched("2026-03-28 10:00", "t1"),
    )

    assert (row.met, row.breached) == (1, 1)
