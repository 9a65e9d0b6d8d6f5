"""Laws of the follow-up fold: they hold for every policy and every story (I3, X14, F2)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from librt.strings import BytesWriter

from scorer.contracts.binary import Reading
from scorer.contracts.pool_codec import (
    decode_follow_up,
    encode_follow_up,
    read_case,
    write_case,
)
from scorer.domain.events import (
    Body,
    Created,
    Hold,
    LeadEvent,
    Lock,
    Outcome,
    OutcomeKind,
    Ownership,
    OwnershipChange,
    Retraction,
    TierChange,
    Touch,
)
from scorer.domain.evidence import RETRACTION
from scorer.domain.followup.case import Case
from scorer.domain.followup.entries import OWNER_LEFT, entry_of
from scorer.domain.followup.fold import Status, advance, fold, fold_entry
from scorer.domain.followup.outputs import Met, PoolOutput, Returned, Voided
from scorer.domain.followup.policy import (
    Clock,
    Exempt,
    Exemption,
    FollowUpPolicy,
    Limit,
    OnEnd,
    Pools,
    Reminder,
)
from scorer.domain.followup.state import FollowUpState
from scorer.domain.followup.table import MACHINE, TERMINAL, Move, State
from scorer.domain.followup.telling import Step
from scorer.domain.model import History
from scorer.domain.outputs import Tier
from tests.followup.given import DAY_US, HOUR_US, LEAD, UTC, at, office

START = at("2026-03-25 10:00")
WIDE = History(1000 * DAY_US, 1000)


def encode_case(case: Case) -> bytes:
    """A case as it is stored."""
    out = BytesWriter()
    write_case(out, case)
    return out.getvalue()


law = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

span = st.sampled_from([HOUR_US, 5 * HOUR_US, DAY_US, 2 * DAY_US, 4 * DAY_US])
reminders = st.lists(
    st.one_of(
        st.builds(Reminder, st.just("owner"), share=st.sampled_from([0.25, 0.5, 0.9])),
        st.builds(Reminder, st.just("manager"), before_us=span),
        st.builds(Reminder, st.just("manager"), after_us=span),
    ),
    max_size=2,
).map(tuple)
limits = st.builds(
    Limit,
    st.dictionaries(st.sampled_from(Tier), span, min_size=1),
    reminders,
    st.booleans(),
)
policies = st.builds(
    FollowUpPolicy,
    st.just("policy"),
    st.just("1"),
    st.just("model"),
    st.dictionaries(st.sampled_from(Clock), limits, min_size=1),
    exempt=st.dictionaries(
        st.sampled_from(Exemption),
        st.builds(
            Exempt,
            st.frozensets(st.sampled_from(Clock), min_size=1),
            st.frozensets(st.sampled_from(Tier), min_size=1),
            st.sampled_from(OnEnd),
        ),
    ),
    calendar=st.sampled_from([None, office()]),
    daily_minute=st.sampled_from([None, None, 120]),
    zone=st.just(UTC),
    pools=st.builds(Pools, st.none(), st.just("dead"), st.integers(0, 3)),
)
bodies: st.SearchStrategy[Body] = st.one_of(
    st.builds(Touch, st.sampled_from(["call", "mail"]), st.none(), st.booleans()),
    st.builds(Ownership, st.sampled_from(OwnershipChange), st.sampled_from(["ann", "bob"])),
    st.builds(TierChange, st.sampled_from(Tier), st.just(1.0)),
    st.builds(Outcome, st.sampled_from(OutcomeKind)),
    st.builds(Hold, st.booleans()),
    st.builds(Lock, st.booleans()),
)
instants = st.integers(0, 240).map(lambda hours: START + hours * HOUR_US)


@st.composite
def stories(draw: Any) -> list[LeadEvent]:
    """Events of one lead in canonical order, the creation among them."""
    told = draw(st.lists(st.tuples(instants, bodies), min_size=1, max_size=12))
    told.append((draw(instants), Created("web", {}, draw(st.sampled_from([None, "ann"])))))
    events = [LeadEvent(LEAD, when, "crm", f"e{n:02}", body) for n, (when, body) in enumerate(told)]
    return sorted(events, key=lambda e: (e.time_us, e.source, e.id))


END = START + 300 * HOUR_US


def tell(
    policy: FollowUpPolicy, events: list[LeadEvent], bounds: History = WIDE
) -> tuple[FollowUpState, list[Step]]:
    """Fold events as they come, then let time pass."""
    state, steps = FollowUpState(policy.hash), []
    for event in events:
        steps += fold(state, event, policy, bounds).steps
    steps += advance(state, LEAD, policy, END).steps
    return state, steps


def outputs(steps: list[Step]) -> list[PoolOutput]:
    return [step.output for step in steps if step.output is not None]


@law
@given(policies, stories(), st.randoms(use_true_random=False))
def test_any_order_of_the_same_evidence_ends_in_the_same_case(
    policy: FollowUpPolicy, story: list[LeadEvent], rng: random.Random
) -> None:
    """I3, X14: whatever arrives when, owner, clocks and counts are the same."""
    shuffled = list(story)
    rng.shuffle(shuffled)

    assert encode_case(tell(policy, story)[0].head) == encode_case(tell(policy, shuffled)[0].head)


@law
@given(policies, stories(), st.randoms(use_true_random=False))
def test_a_clock_that_ran_ahead_of_late_evidence_leaves_no_trace(
    policy: FollowUpPolicy, story: list[LeadEvent], rng: random.Random
) -> None:
    """Returns that were said too early are undone, and the case is as if they had not been."""
    shuffled = list(story)
    rng.shuffle(shuffled)
    state = FollowUpState(policy.hash)
    for event in shuffled:
        fold(state, event, policy, WIDE)
        advance(state, LEAD, policy, START + rng.randrange(280) * HOUR_US)
    advance(state, LEAD, policy, END)

    assert encode_case(state.head) == encode_case(tell(policy, story)[0].head)


@law
@given(policies, stories())
def test_settled_evidence_changes_no_case(policy: FollowUpPolicy, story: list[LeadEvent]) -> None:
    """A history of three events, told in order, ends where a boundless one does."""
    short, long = tell(policy, story, History(HOUR_US, 3)), tell(policy, story)

    assert encode_case(short[0].head) == encode_case(long[0].head)
    assert outputs(short[1]) == outputs(long[1])


@law
@given(policies, stories(), st.lists(instants, max_size=5))
def test_advancing_in_many_steps_is_advancing_once(
    policy: FollowUpPolicy, story: list[LeadEvent], stops: list[int]
) -> None:
    """How often a worker looked at the clock is not to be seen in anything that it says."""
    state, steps = FollowUpState(policy.hash), []
    for event in story:
        for stop in sorted(stops):
            if stop < event.time_us:
                steps += advance(state, LEAD, policy, stop).steps
        steps += fold(state, event, policy, WIDE).steps
    steps += advance(state, LEAD, policy, END).steps

    assert outputs(steps) == outputs(tell(policy, story)[1])


@law
@given(policies, stories(), st.data())
def test_a_double_changes_nothing_and_says_nothing(
    policy: FollowUpPolicy, story: list[LeadEvent], data: st.DataObject
) -> None:
    """I2: the same identity again, wherever in the log."""
    state, _ = tell(policy, story)
    before = encode_case(state.head)
    again = fold(state, data.draw(st.sampled_from(story)), policy, WIDE)

    assert again.status in (Status.DUPLICATE, Status.UNUSED)
    assert not again.steps
    assert encode_case(state.head) == before


@law
@given(policies, stories(), st.data())
def test_what_is_retracted_never_happened(
    policy: FollowUpPolicy, story: list[LeadEvent], data: st.DataObject
) -> None:
    """I5: the case is that of a story without it, also when the retraction comes first."""
    victim = data.draw(st.sampled_from(story))
    when = data.draw(instants)
    undo = LeadEvent(LEAD, when, "crm", "undo", Retraction("crm", victim.id))
    place = data.draw(st.integers(0, len(story)))
    without = [event for event in story if event is not victim]
    told = tell(policy, [*story[:place], undo, *story[place:]])[0]

    assert encode_case(told.head) == encode_case(tell(policy, without)[0].head)


leavings = st.builds(
    lambda hours, owner, to: (START + hours * HOUR_US, owner, to),
    st.integers(0, 240),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from([None, "bob", "eve"]),
)


class Believed:
    """A subscriber who takes every output at its word."""

    def __init__(self) -> None:
        self.said: dict[str, PoolOutput] = {}
        self.taken_back: set[str] = set()

    def hear(self, outputs: Iterable[PoolOutput]) -> None:
        for output in outputs:
            assert output.about.id not in self.said, "an id is used twice"
            self.said[output.about.id] = output
            back = output.returned_id if isinstance(output, Voided) else None
            back = output.corrects if isinstance(output, Met) else back
            if back is not None:
                assert back in self.said
                assert back not in self.taken_back
                self.taken_back.add(back)

    def now(self, kind: type[PoolOutput]) -> list[Any]:
        """What stands, of one kind."""
        return [
            output
            for id, output in self.said.items()
            if isinstance(output, kind) and id not in self.taken_back
        ]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    policies,
    stories(),
    st.lists(leavings, max_size=2),
    st.lists(st.tuples(instants, st.integers(0, 12)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_t7_what_a_subscriber_has_heard_agrees_with_the_case(
    policy: FollowUpPolicy,
    story: list[LeadEvent],
    left: list[tuple[int, str, str | None]],
    undone: list[tuple[int, int]],
    rng: random.Random,
) -> None:
    """Whatever comes, goes and comes back, in any order: each id once, each return undone once, and
    the first response of each episode, and the return that put the lead where it is, stand as said.
    """
    entries = [entry for event in story if (entry := entry_of(event, policy))]
    entries += [
        (when, "crm", f"left-{n}", OWNER_LEFT, owner, to)
        for n, (when, owner, to) in enumerate(left)
    ]
    entries += [
        (when, "crm", f"undo-{n}", RETRACTION, "crm", f"e{victim:02}")
        for n, (when, victim) in enumerate(undone)
    ]
    rng.shuffle(entries)
    state, heard = FollowUpState(policy.hash), Believed()
    for entry in entries:
        heard.hear(fold_entry(state, LEAD, entry, policy, WIDE).outputs)
        state = decode_follow_up(encode_follow_up(state))
        if rng.random() < 0.5:
            until_us = START + rng.randrange(280) * HOUR_US
            heard.hear(advance(state, LEAD, policy, until_us).outputs)

    first = [o.about.episode for o in heard.now(Met) if o.deadline.clock is Clock.FIRST_RESPONSE]
    assert len(first) == len(set(first))
    if state.head.returned_id is not None:
        assert state.head.pool in {back.pool for back in heard.now(Returned)}


@law
@given(policies, stories())
def test_f2_every_deadline_follows_the_table_and_ends_exactly_once(
    policy: FollowUpPolicy, story: list[LeadEvent]
) -> None:
    """Every transition is in the table; what has ended stays ended; what runs is in the case."""
    state, steps = tell(policy, story)
    seen: dict[tuple[Any, ...], State] = {}
    for step in steps:
        if step.clock is None:
            continue
        key = (step.episode, step.clock, step.start_us)
        before = None if step.move is Move.ARM else seen[key]
        assert step.state is MACHINE[before, step.move]
        seen[key] = step.state
    running = set(state.head.runs)
    open_clocks = {key[1] for key, last in seen.items() if last not in TERMINAL}
    assert open_clocks == running


@law
@given(policies, stories())
def test_a_case_that_was_stored_is_the_case_that_was_folded(
    policy: FollowUpPolicy, story: list[LeadEvent]
) -> None:
    """What goes through the changelog comes back the same."""
    head = tell(policy, story)[0].head

    assert encode_case(read_case(Reading(encode_case(head), 0), Case())) == encode_case(head)
