"""X20: states of the schema version before this one are read, and lead to the same."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from scorer.contracts.pool_codec import decode_follow_up, encode_follow_up
from scorer.contracts.reached_codec import reached_as_bytes
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.contracts.stored import StateError
from scorer.domain.model import DAY_US, Decay, DecayKind, History
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from tests.domain.cases import Case
from tests.domain.given import START, Lead, behaviour_rule, model
from tests.domain.laws import tell
from tests.domain.strategies import cases
from tests.engine.old_states import (
    CASE_HISTORY,
    LEAD_HISTORY,
    case_of_version_2,
    lead_of_version_2,
    version_1,
)
from tests.followup.given import Story, limit, policy

law = settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])


def busy() -> Lead:
    lead = Lead(model(behaviour_rule("demo", 40.0)))
    lead.created()
    for day in range(1, 40):  # more than the history keeps
        lead.did(START + day * DAY_US, "demo")
    return lead


@pytest.mark.parametrize("version", [1, 2])
def test_a_lead_of_an_earlier_schema_version_is_migrated(version: int) -> None:
    """Busy, with a base, marks and a frontier; what comes after leads to the same."""
    new = encode_state(busy().state)
    migrated = decode_state(older_lead(busy().state, version))

    assert encode_state(migrated) == new
    late, again = busy(), busy()
    again.state = migrated
    for one in (late, again):
        one.did(START + 38 * DAY_US + 1, "demo", name="late")
    assert encode_state(again.state) == encode_state(late.state)
    assert again.outputs == late.outputs


@law
@given(cases(coalesce=True))
def test_any_lead_of_an_earlier_schema_version_is_migrated(case: Case) -> None:
    """Whatever its model and its story: holds, adjustments, fast tracks, streaks, runs that are collected."""
    state = tell(Plan(case.model), case.events).state
    new = encode_state(state)

    assert encode_state(decode_state(new)) == new
    assert encode_state(decode_state(lead_of_version_2(state))) == new
    assert encode_state(decode_state(older_lead(state, 1))) == new


def test_occurrences_that_an_earlier_release_did_not_add_up_count() -> None:
    """It wrote nought beside the occurrences of a rule that expires; now their sum is kept there."""

    def story() -> Lead:
        lead = Lead(
            model(behaviour_rule("demo", 20.0, decay=Decay(DecayKind.EXPIRES, 90 * DAY_US)))
        )
        lead.created()
        for day in range(1, 4):
            lead.did(START + day * DAY_US, "demo")
        return lead

    new, old = story(), story()
    stored = lead_of_version_2(old.state)
    assert stored.count(b",3.0,") == 1
    old.state = decode_state(stored.replace(b",3.0,", b",0.0,"))
    for lead in (new, old):
        lead.did(START + 4 * DAY_US, "demo")

    assert old.outputs[-1] == new.outputs[-1]
    assert encode_state(old.state) == encode_state(new.state)


@pytest.mark.parametrize("version", [1, 2])
def test_a_follow_up_state_of_an_earlier_schema_version_is_migrated(version: int) -> None:
    story = Story(policy({"next_follow_up": limit(3 * DAY_US)}))
    story.created("2026-03-25 09:00", "ann")
    story.touched("2026-03-26 09:00")
    new = encode_follow_up(story.state)
    old = case_of_version_2(story.state)
    if version == 1:
        old = version_1(old, CASE_HISTORY)

    assert encode_follow_up(decode_follow_up(old)) == new


@pytest.mark.parametrize("decode", [decode_state, decode_follow_up])
@pytest.mark.parametrize("newer", [b"\3\4", b"[3,0]\n"])
def test_a_state_of_a_version_to_come_is_refused(
    decode: Callable[[bytes], object], newer: bytes
) -> None:
    with pytest.raises(StateError, match="run the release that wrote it"):
        decode(newer + encode_state(busy().state)[2:])


def older_lead(state: LeadState, version: int) -> bytes:
    """A state as version 1 or 2 wrote it."""
    raw = lead_of_version_2(state)
    return version_1(raw, LEAD_HISTORY) if version == 1 else raw


def full(days: int = 250) -> bytes:
    """A state that is long enough to be compressed."""
    lead = Lead(model(behaviour_rule("demo", 1.0), history=History(400 * DAY_US, 200)))
    lead.created()
    for day in range(1, days):
        lead.did(START + day * DAY_US, "demo", f"https://example.com/{day}")
    return encode_state(lead.state)


def test_states_of_releases_that_compressed_with_zlib_are_read() -> None:
    new = full()
    assert new[:1] == b"\1"

    old = lead_of_version_2(decode_state(new))
    assert encode_state(decode_state(zlib.compress(old, 1))) == new


def test_a_history_that_an_earlier_release_wrote_in_one_line_is_read_and_goes_on() -> None:
    head, _, history = lead_of_version_2(decode_state(full())).partition(b"\n")
    one_line = head + b"\n" + history.replace(b",\n", b",")

    old, again = (
        Lead(model(behaviour_rule("demo", 1.0), history=History(400 * DAY_US, 200)))
        for _ in range(2)
    )
    old.state, again.state = decode_state(one_line), decode_state(full())
    for lead in (old, again):
        for day in range(260, 265):
            lead.did(START + day * DAY_US, "demo", name=f"later {day}")
            lead.stored()

    assert encode_state(old.state) == encode_state(again.state)


def test_the_tiers_that_a_lead_has_been_in_are_read_as_they_were_first_written() -> None:
    """The first states of schema version 3 hold them as JSON."""
    lead = busy()
    reached = lead.state.head.reached
    now, then = reached_as_bytes(reached), orjson.dumps(reached)
    new = encode_state(lead.state)
    assert new.count(chunk(now)) == 1
    lead.state = decode_state(new.replace(chunk(now), chunk(then)))

    assert lead.state.head.reached == reached
    assert encode_state(lead.state) == new


def chunk(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "little") + raw


def test_a_state_is_never_read_beyond_its_end() -> None:
    """Cut anywhere it is refused, or what is missing is of the history, which is not looked into."""
    new = encode_state(busy().state)
    whole = decode_state(new)

    for end in range(len(new)):
        with contextlib.suppress(StateError):
            cut = decode_state(new[:end])
            assert cut.length() == whole.length()
            assert encode_state(cut) == new[:end]


@pytest.mark.parametrize(
    "damage", [b"\1", b"\2", b"x", b"\1abcdefgh", b"\2abcdefgh", b"\3\3", b"xabc", b"?", b""]
)
def test_a_state_that_cannot_be_unpacked_says_what_to_do(damage: bytes) -> None:
    with pytest.raises(StateError, match="delete the data directory"):
        decode_state(damage)
