"""X20: states of the schema version before this one are read, and lead to the same."""

from __future__ import annotations

import zlib

import orjson
import pytest

from scorer.contracts.pool_codec import decode_follow_up, encode_follow_up
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.contracts.stored import StateError, plain
from scorer.domain.model import DAY_US, Decay, DecayKind, History
from tests.domain.given import START, Lead, behaviour_rule, model
from tests.followup.given import Story, limit, policy


def as_version_1(raw: bytes, place: int) -> bytes:
    """The same state as the release before wrote it: one line, the history among the fields."""
    lead, _, history = raw.partition(b"\n")
    fields = orjson.loads(lead)
    fields[0] = 1
    fields.pop()  # what is said of the history
    fields.insert(place, orjson.loads(history))
    return orjson.dumps(fields)


def busy() -> Lead:
    lead = Lead(model(behaviour_rule("demo", 40.0)))
    lead.created()
    for day in range(1, 40):  # more than the history keeps
        lead.did(START + day * DAY_US, "demo")
    return lead


def test_a_lead_of_schema_version_1_is_migrated() -> None:
    new = encode_state(busy().state)
    migrated = decode_state(as_version_1(new, 5))

    assert encode_state(migrated) == new
    late, again = busy(), busy()
    again.state = migrated
    for one in (late, again):
        one.did(START + 38 * DAY_US + 1, "demo", name="late")
    assert encode_state(again.state) == encode_state(late.state)
    assert again.outputs == late.outputs


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
    stored = encode_state(old.state)
    assert stored.count(b",3.0,") == 1
    old.state = decode_state(stored.replace(b",3.0,", b",0.0,"))
    for lead in (new, old):
        lead.did(START + 4 * DAY_US, "demo")

    assert old.outputs[-1] == new.outputs[-1]
    assert encode_state(old.state) == encode_state(new.state)


def test_a_follow_up_state_of_schema_version_1_is_migrated() -> None:
    story = Story(policy({"next_follow_up": limit(3 * DAY_US)}))
    story.created("2026-03-25 09:00", "ann")
    story.touched("2026-03-26 09:00")
    new = encode_follow_up(story.state)

    assert encode_follow_up(decode_follow_up(as_version_1(new, 3))) == new


def test_a_state_of_a_version_to_come_is_refused() -> None:
    lead, _, history = encode_state(busy().state).partition(b"\n")
    newer = b"[3" + lead[2:] + b"\n" + history

    with pytest.raises(StateError, match="run the release that wrote it"):
        decode_state(newer)


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

    assert encode_state(decode_state(zlib.compress(plain(new), 1))) == new


def test_a_history_that_an_earlier_release_wrote_in_one_line_is_read_and_goes_on() -> None:
    new = full()
    head, _, history = plain(new).partition(b"\n")
    one_line = head + b"\n" + history.replace(b",\n", b",")

    old, again = (
        Lead(model(behaviour_rule("demo", 1.0), history=History(400 * DAY_US, 200)))
        for _ in range(2)
    )
    old.state, again.state = decode_state(one_line), decode_state(new)
    for lead in (old, again):
        for day in range(260, 265):
            lead.did(START + day * DAY_US, "demo", name=f"later {day}")
            lead.stored()

    assert encode_state(old.state) == encode_state(again.state)


@pytest.mark.parametrize(
    "damage", [b"\1", b"\2", b"x", b"\1abcdefgh", b"\2abcdefgh", b"xabc", b"?", b""]
)
def test_a_state_that_cannot_be_unpacked_says_what_to_do(damage: bytes) -> None:
    with pytest.raises(StateError, match="delete the data directory"):
        decode_state(damage)
