"""Whether a played story is as its file expects. Pure; each expectation is one line of the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from scorer.contracts.instants import to_us
from scorer.contracts.published import CrossingEvent
from scorer.engine.account import Account
from scorer.engine.pool_account import FollowUp
from scorer.simulate import pool_words
from scorer.simulate.moments import Calendar
from scorer.simulate.play import Played, Stood
from scorer.simulate.pooled import PoolSaid
from scorer.simulate.shape import CROSSES, POOL_SAYS, StandingEntry
from scorer.simulate.telling import Standing, Words

TOLERANCE_US: Final = 1_000_000
"""A crossing is due to the second (the product promises 1 s and keeps 1 ms)."""

EXACT_US: Final = 1_000
"""A deadline is an instant, no root of an equation; at one instant a µs decides what comes first."""


class Verdict(NamedTuple):
    """One expectation, and what came of it."""

    when: str
    what: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether it came as expected."""
        return self.expected == self.found


def verdicts(played: Played) -> list[Verdict]:
    """Every expectation of the story, in order."""
    found: list[Verdict] = []
    calendar = played.told.calendar
    for stood in played.standings:
        found += _standing(calendar, stood)
    if played.told.crossings is not None:
        found += _crossings(calendar, played.told.crossings, played.crossings)
    if played.told.score_events is not None:
        count = len(played.events) - len(played.crossings)
        found.append(Verdict("", "score events", str(played.told.score_events), str(count)))
    if played.told.pool is not None:
        found += _pool(calendar, played.told.pool, played.pool)
    return found


def _standing(calendar: Calendar, stood: Stood) -> Iterator[Verdict]:
    standing, account, follow_up = stood
    when, expected = calendar.words(standing.at_us), standing.expected
    for what, wanted, found in _compared(expected, account):
        yield Verdict(when, what, wanted, found)
    if expected.next is not None:
        yield Verdict(when, "next", *_next(calendar, standing, account))
    if expected.owner is not None:
        owner = follow_up.owner if follow_up is not None else None
        yield Verdict(when, "owner", expected.owner, owner or "none")
    if expected.due is not None:
        yield Verdict(when, "due", *_due(calendar, standing, follow_up))


def _compared(expected: StandingEntry, account: Account) -> Iterator[tuple[str, str, str]]:
    if expected.score is not None:
        yield "score", f"{expected.score:.2f}", f"{account.score:.2f}"
    if expected.tier is not None:
        yield "tier", expected.tier, str(account.tier) if account.created else "not created"
    if expected.grid is not None:
        yield "grid", expected.grid, account.grid or "none"
    if expected.suppressed is not None:
        yield "suppressed", str(expected.suppressed), str(len(account.suppressed))
    for name, points in expected.dimensions.items():
        yield name, f"{points:.2f}", f"{account.explanation.dimensions.get(name, 0.0):.2f}"
    for name, points in expected.lines.items():
        lines = account.explanation.lines
        found = sum(
            line.points for line in lines if name in (line.name, f"{line.dimension}/{line.name}")
        )
        yield f"line {name}", f"{points:.2f}", f"{found:.2f}"
    yield "sum of lines", "exact", "exact" if account.adds_up else "not exact"


def _next(calendar: Calendar, standing: Standing, account: Account) -> tuple[str, str]:
    expected = str(standing.expected.next)
    if account.next_us is None or account.next_tier is None:
        return expected, "none"
    due = standing.next_us
    as_expected = (
        due is not None
        and abs(account.next_us - due) <= TOLERANCE_US
        and expected.startswith(f"{account.next_tier} at ")
    )
    found = f"{account.next_tier} at {calendar.words(account.next_us)}"
    return expected, expected if as_expected else found


def _due(calendar: Calendar, standing: Standing, found: FollowUp | None) -> tuple[str, str]:
    expected = str(standing.expected.due)
    if found is None or found.next is None or found.next.due_us is None:
        return expected, "none"
    clock, due_us = found.next.clock, found.next.due_us
    if due_us == standing.due_us and expected.startswith(f"{clock} at "):
        return expected, expected
    return expected, f"{clock} at {calendar.words(due_us)}"


def _crossings(
    calendar: Calendar, expected: tuple[Words, ...], found: list[CrossingEvent]
) -> Iterator[Verdict]:
    """Pair by pair; a crossing too many or too few is a line of its own."""
    for number in range(max(len(expected), len(found))):
        one = expected[number] if number < len(expected) else None
        other = found[number] if number < len(found) else None
        due = one.at_us if one else to_us(other.time) if other else 0
        wanted = one.words if one else "none"
        if one and other and _agree(one, other):
            yield Verdict(calendar.words(due), "crossing", wanted, wanted)
        else:
            yield Verdict(calendar.words(due), "crossing", wanted, _words(calendar, other))


def _agree(expected: Words, found: CrossingEvent) -> bool:
    parts = CROSSES.fullmatch(expected.words)
    assert parts is not None
    from_, to, by = parts.groups()
    return (
        abs(to_us(found.time) - expected.at_us) <= TOLERANCE_US
        and (from_, to) == (found.data.from_, found.data.to)
        and by in (None, found.data.cause.kind, found.data.cause.what)
    )


def _words(calendar: Calendar, crossing: CrossingEvent | None) -> str:
    if crossing is None:
        return "none"
    data = crossing.data
    by = data.cause.what or data.cause.kind
    return f"{data.from_} to {data.to} by {by} at {calendar.words(to_us(crossing.time))}"


def _pool(
    calendar: Calendar, expected: tuple[Words, ...], found: list[PoolSaid]
) -> Iterator[Verdict]:
    """As crossings, but in the order in which they are said, and exact."""
    for number in range(max(len(expected), len(found))):
        one = expected[number] if number < len(expected) else None
        other = found[number] if number < len(found) else None
        due = one.at_us if one else other.at_us if other else 0
        wanted = one.words if one else "none"
        came = wanted if one and other and _says(one, other) else _pool_words(calendar, other)
        yield Verdict(calendar.words(due), "pool", wanted, came)


def _says(expected: Words, found: PoolSaid) -> bool:
    parts = POOL_SAYS.fullmatch(expected.words)
    assert parts is not None
    kind, by, to = parts.groups()
    it = pool_words.exact(found.event)
    as_expected = kind == it.kind and by in (None, *it.by) and to in (None, it.to)
    return as_expected and abs(expected.at_us - found.at_us) <= EXACT_US


def _pool_words(calendar: Calendar, found: PoolSaid | None) -> str:
    if found is None:
        return "none"
    return f"{pool_words.exact(found.event).words} at {calendar.words(found.at_us)}"
