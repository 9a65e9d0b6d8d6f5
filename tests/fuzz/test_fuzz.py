"""Whatever is published, both stages go on: a short run of `make fuzz`, and every case that ever failed."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from scorer.contracts.reasons import RejectReason
from scorer.contracts.records import Message
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.engine.memory import MemoryRecord
from scorer.engine.ports import Effects, StateWrite
from tests.fuzz import corpus
from tests.fuzz.campaign import block, broken_rule
from tests.fuzz.play import Checks, Pair, Run, play
from tests.fuzz.rules import Broken, check_outputs, check_states
from tests.fuzz.sessions import Session, Step, session
from tests.fuzz.shrink import shrink

KEPT = corpus.files()
SEED = 2


@pytest.mark.parametrize("number", range(4))
def test_no_damage_breaks_a_rule(number: int, seed: int, tmp_path: Path) -> None:
    """The short run of `make fuzz`, with the seed of the run."""
    part = block(seed, number, corpus.known_rules(), tmp_path)

    assert [finding.text for finding in part.findings] == []
    assert part.cases > 100


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(
            file,
            id=file.stem,
            marks=[pytest.mark.xfail(strict=True, reason=reason)]
            if (reason := corpus.known(file))
            else [],
        )
        for file in KEPT
    ],
)
def test_what_once_broke_a_rule_breaks_none(file: Path) -> None:
    play(corpus.read(file))


def test_damage_reaches_every_reason_and_every_fate_of_an_event() -> None:
    """Else a million cases would prove little. A seed of its own, so that it is always the same."""
    counts: Counter[str] = Counter()
    for number in range(3):
        counts += Counter(block(SEED, number).counts)

    reasons = {name.removeprefix("dead letter ") for name in counts if name.startswith("dead")}
    assert len(reasons) > len(RejectReason) * 0.75
    for fate in ("duplicate", "held", "out_of_order", "late"):
        assert counts[f"scoring events_{fate}"] > 0, fate


def test_a_session_is_the_same_each_time() -> None:
    assert session(7, 11) == session(7, 11)
    assert session(7, 11) != session(7, 12)


@pytest.mark.parametrize("number", range(4))
def test_a_session_survives_its_file(number: int, tmp_path: Path) -> None:
    it = session(1, number)

    assert corpus.read(corpus.write(it, "some-rule", "why", tmp_path)) == it


def test_a_finding_is_made_small() -> None:
    """Of many records the one that breaks the rule is left."""
    it = session(3, 1)
    assert it.cases > 5

    def name(of: Session) -> str | None:
        values = [r.value or b"" for step in of.steps for r in step.records]
        return "rule" if any(b"lead.created" in value for value in values) else None

    assert name(it) == "rule"
    small = shrink(it, "rule", name)
    assert small.cases == 1


# --- the rules themselves: each must be able to fail ------------------------------------------------


def scored() -> Pair:
    """Both stages after a session that says a good deal."""
    it = session(1, 0)
    pair = Pair(it)
    for step in it.steps:
        pair.scoring.take([r for r in step.records if r.topic in pair.scoring.factory.inputs])
    return pair


def test_a_missing_dead_letter_is_noticed() -> None:
    pair = Pair(Session("default", 1, ()))
    bad = MemoryRecord("leads.created.v1", b"a", b"{")
    effects = pair.scoring.take([bad])
    Checks()(pair.scoring, [bad], effects)

    with pytest.raises(Broken, match="one-dead-letter-each"):
        Checks()(pair.scoring, [bad], effects._replace(dead_letters=()))


def test_lines_that_do_not_add_up_are_noticed() -> None:
    said = next(m for m in scored().scoring.said if m.value and b'"score":0.0' not in m.value)
    assert said.value is not None
    check_outputs([said])
    head, _, tail = said.value.partition(b'"points":')
    wrong = head + b'"points":12345.67' + tail[tail.index(b",") :]

    with pytest.raises(Broken, match="add"):
        check_outputs([said._replace(value=wrong)])


def test_a_state_of_16_kib_is_noticed() -> None:
    states = dict(scored().scoring.store.states)
    key, value = next(iter(states.items()))
    check_states(Effects((), (), {key: StateWrite(value, None)}), "scoring")
    state = decode_state(value)
    state.retractions = [[random.Random(1).randbytes(20_000).hex(), "gone"]]
    raw = encode_state(state)

    with pytest.raises(Broken, match="16-KiB"):
        check_states(Effects((), (), {key: StateWrite(raw, None)}), "scoring")


def test_another_state_after_a_replay_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that answers by how much it gets at once."""
    genuine = Run.take

    def moody(self: Run, records: list[MemoryRecord]) -> Effects:
        effects = genuine(self, records)
        if len(records) > 1:
            self.said.append(Message("leads.scores.v1", b"a", None))
        return effects

    monkeypatch.setattr(Run, "take", moody)
    good = session(1, 0).steps[0].records[0]

    it = Session("default", 1, (Step((good, good)),))
    assert broken_rule(it) == "one-by-one-is-the-same"
