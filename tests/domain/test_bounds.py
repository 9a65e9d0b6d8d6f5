"""A lead's state and its cost an event are bounded, whatever the lead does (architecture: section 6)."""

from __future__ import annotations

import os
import random
from typing import Final

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.state_codec import encode_state
from scorer.domain import history
from scorer.domain.evidence import Entry
from scorer.domain.ledger import Ledger
from scorer.domain.model import (
    Decay,
    DecayKind,
    History,
    Limit,
    LimitKind,
    Model,
    Streak,
)
from scorer.domain.plan import Plan
from tests.domain.given import DAY, MINUTE, START, Lead, behaviour_rule, model

EVENTS: Final = int(os.environ.get("LEADSCORER_TEST_BUSY_EVENTS", "10000"))
"""Fills all that a state keeps, many times over. The promise is a million:
LEADSCORER_TEST_BUSY_EVENTS=1000000 takes some minutes."""
LIMIT_BYTES: Final = 16 * 1024

GREEDY = model(
    behaviour_rule("none", 0.1),
    behaviour_rule("half", 0.1, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)),
    behaviour_rule("linear", 0.1, decay=Decay(DecayKind.LINEAR, 300 * DAY)),
    behaviour_rule("step", 0.1, decay=Decay(DecayKind.STEP, 100 * DAY, 0.1)),
    behaviour_rule("expires", 0.1, decay=Decay(DecayKind.EXPIRES, 300 * DAY)),
    behaviour_rule("object", 0.1, limits=(Limit(LimitKind.ONCE_PER_OBJECT),)),
    behaviour_rule("rolling", 0.1, limits=(Limit(LimitKind.ROLLING, 3, 300 * DAY),)),
    behaviour_rule("day", 0.1, limits=(Limit(LimitKind.CALENDAR_DAY, 3),)),
    behaviour_rule("streak", -0.1, streak=Streak(3, frozenset({"none"}), repeat=True)),
    history=History(),
)
"""Everything that a lead's state keeps one by one, with nothing that would limit it."""


def busy(of: Model, seed: int, events: int) -> Lead:
    """A lead that does something every two minutes, under new and long names."""
    rng = random.Random(seed)
    lead = Lead(of)
    names = sorted(lead.plan.behaviours)
    lead.created()
    for i in range(events):
        about = f"https://example.com/a/long/path/to/a/page/{i}/{rng.random()}"
        lead.did(
            START + i * 2 * MINUTE, rng.choice(names), about, name=f"{rng.getrandbits(128):032x}"
        )
        lead.outputs.clear()
    return lead


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """The evidence that is posted anew from now on."""
    if not str(history.__file__).endswith(".py"):
        pytest.skip("the compiled fold has no seams to count at: count on the source")
    posted: list[Entry] = []
    genuine = history.apply

    def apply(ledger: Ledger, plan: Plan, entry: Entry) -> None:
        posted.append(entry)
        genuine(ledger, plan, entry)

    monkeypatch.setattr(history, "apply", apply)
    return posted


@pytest.mark.parametrize(
    ("of", "events"),
    [(load_model("default"), EVENTS), (GREEDY, 1_400)],  # 1,400 fill all that a state keeps
    ids=["default", "greedy"],
)
def test_the_state_of_a_lead_with_very_many_events_stays_below_16_kib(
    of: Model, events: int
) -> None:
    lead = busy(of, seed=1, events=events)

    assert len(encode_state(lead.state)) < LIMIT_BYTES
    assert len(lead.state.history) <= of.history.events
    assert len(lead.state.marks) <= 256


def test_the_cost_of_an_event_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: pieces of evidence posted for each event in order, early and late."""
    posted = counted(monkeypatch)
    lead = busy(load_model("default"), seed=2, events=500)
    posted.clear()
    for i in range(500, 1_500):
        lead.did(START + i * 2 * MINUTE, "page_viewed")

    assert 0 < len(posted) <= 1_000  # one leaves the history for each that enters


def test_a_late_event_costs_at_most_one_pass_over_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead = busy(load_model("default"), seed=3, events=1_000)
    posted = counted(monkeypatch)
    lead.did(START + 990 * 2 * MINUTE - 1, "page_viewed")

    assert 0 < len(posted) <= lead.plan.model.history.events + 2  # with what then leaves it
