"""The shipped stories: each holds on the fold alone, through the worker's code, and however it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scorer.contracts.encode import Encoder
from scorer.contracts.instants import to_us
from scorer.contracts.published import CrossingEvent, ScoreEvent
from scorer.contracts.records import Message
from scorer.contracts.state_codec import decode_state, encode_state
from scorer.domain.events import LeadEvent, TierChange
from scorer.domain.fold import advance, fold
from scorer.domain.followup.fold import advance as pass_time
from scorer.domain.followup.fold import fold as follow
from scorer.domain.followup.state import FollowUpState
from scorer.domain.model import Model
from scorer.domain.outputs import Output, ScoreChanged
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.account import account
from scorer.simulate.play import MemoryPlayer, Played, play
from scorer.simulate.story_file import load_story, scenarios
from scorer.simulate.telling import Look, Told
from scorer.simulate.verdict import verdicts

STORIES = scenarios()
EACH = pytest.mark.parametrize("path", STORIES.values(), ids=list(STORIES))
IN_ORDER = pytest.mark.parametrize(  # late evidence changes what is now known of the past
    "path",
    [p for p in STORIES.values() if "arrives:" not in p.read_text("utf-8")],
    ids=lambda p: p.stem,
)
HOUR_US = 3_600_000_000
LEAVERS = {name for name, path in STORIES.items() if "owner left" in path.read_text("utf-8")}
FOLLOWED = pytest.mark.parametrize(  # of a rep's leaving the fold of one lead knows nothing
    "path",
    [p for n, p in STORIES.items() if load_story(p).followed and n not in LEAVERS],
    ids=lambda p: p.stem,
)
OWED = (
    "a-touch-moves-the-deadline", "never-touched-counts-from-the-claim", "an-edit-is-no-follow-up",
    "hotter-is-due-earlier", "friday-at-ten-to-six", "a-late-touch-undoes-the-return",
    "a-late-touch-after-a-new-claim", "clocks-stand-still", "an-owner-leaves",
    "reminders-before-the-return", "a-win-ends-the-clocks", "given-to-the-one-who-has-it",
)  # fmt: skip
TRAPS = (
    "decay-undone-by-the-next-event", "run-count-decay", "new-lead-is-not-silent", "return-after-a-year",
    "fit-does-not-decay", "bounds-exactly", "flapping-at-a-bound", "burst-of-opens", "title-toggled",
    "streak-broken", "disqualified-and-corrected", "deciding-event-retracted",
    "late-evidence-across-a-silence-step", "year-boundary", "leap-day", "clocks-go-back", "clocks-go-forward",
)  # fmt: skip


class FoldPlayer:
    """The pure fold, without records and stage (`scorer.simulate.play.Player`)."""

    def __init__(self, model: Model, lead_id: str) -> None:
        self.plan, self.lead_id = Plan(model), lead_id
        self.now: LeadState | None = None
        self.encoder = Encoder("/lead-scorer/simulate/scoring")

    def feed(self, event: LeadEvent, arrives_us: int) -> Sequence[Message]:
        self.now = self.now or LeadState(self.plan.hash)
        return self._messages(fold(self.now, event, self.plan).outputs)

    def advance(self, until_us: int) -> Sequence[Message]:
        if self.now is None:
            return ()
        return self._messages(advance(self.now, self.lead_id, self.plan, until_us))

    def state(self) -> LeadState | None:
        return None if self.now is None else decode_state(encode_state(self.now))

    def _messages(self, said: Sequence[Output]) -> list[Message]:
        return [
            self.encoder.score_changed(output)
            if isinstance(output, ScoreChanged)
            else self.encoder.tier_crossed(output)
            for output in said
        ]


def by_the_worker(told: Told) -> Played:
    return play(told, MemoryPlayer(told.model, told.lead_id), samples=10)


def wrong(played: Played) -> list[str]:
    return [f"{v.when} {v.what}: {v.found}" for v in verdicts(played) if not v.holds]


@EACH
def test_a_story_ends_as_its_file_expects(path: Path) -> None:
    told = load_story(path)

    assert told.standings or told.crossings or told.pool
    assert wrong(by_the_worker(told)) == []


@EACH
def test_the_fold_alone_says_the_same_bytes(path: Path) -> None:
    told = load_story(path)

    alone = play(told, FoldPlayer(told.model, told.lead_id), samples=10)

    assert wrong(alone) == []
    assert by_the_worker(told).said == alone.said


@FOLLOWED
def test_the_follow_up_fold_alone_says_the_same(path: Path) -> None:
    """Evidence and crossings in the order in which they become known, without records and stage."""
    played = by_the_worker(load_story(path))
    policy, history = played.told.model.follow_up, played.told.model.history
    assert policy is not None
    crossings = [
        (to_us(c.time), 1, LeadEvent(c.subject, to_us(c.time), c.source, c.id, _change(c)))
        for c in played.crossings
    ]
    heard = [(p.arrives_us, 0, p.event) for p in played.told.publications]
    state, lead = FollowUpState(policy.hash), played.told.lead_id
    said: list[str] = []
    for at_us, _, event in sorted([*heard, *crossings], key=lambda each: each[:2]):
        if at_us > event.time_us:
            said += [o.about.id for o in pass_time(state, lead, policy, at_us).outputs]
        said += [o.about.id for o in follow(state, event, policy, history).outputs]
    said += [o.about.id for o in pass_time(state, lead, policy, played.told.end_us).outputs]

    assert [each.event.id for each in played.pool] == said


def _change(crossing: CrossingEvent) -> TierChange:
    data = crossing.data
    return TierChange(data.to, data.score, data.why.en, data.why.zh)


@EACH
def test_looking_every_six_hours_or_never_says_the_same_bytes(path: Path) -> None:
    told = load_story(path)
    never = replace(told, looks=())
    often = replace(told, looks=(Look(told.end_us, 6 * HOUR_US, "time passes"),))

    expected = by_the_worker(told)

    for other in (by_the_worker(never), by_the_worker(often)):
        assert other.said == expected.said
        assert [each.message for each in other.pool] == [each.message for each in expected.pool]


@IN_ORDER
def test_the_account_of_any_instant_is_what_was_published_then(path: Path) -> None:
    told = load_story(path)
    player = MemoryPlayer(told.model, told.lead_id)
    played = play(told, player, samples=10)
    state, plan = player.state(), Plan(told.model)
    assert state is not None
    last = {p.event.time_us: p.event.id for p in told.publications}  # at one instant the last tells
    scores = [event for event in played.events if isinstance(event, ScoreEvent)]
    held_us = state.frontier[0] if state.frontier is not None else 0

    for event in scores:
        time, cause = event.time, event.data.cause
        if to_us(time) < held_us or (cause.id and last.get(to_us(time), cause.id) != cause.id):
            continue
        then = account(state, told.lead_id, plan, to_us(time))
        assert then.score == event.data.score
        assert then.tier == event.data.tier
        lines = [(line.name, line.points) for line in event.data.lines]
        assert [(line.name, line.points) for line in then.explanation.lines] == lines
        due = event.data.next_tier_at and to_us(event.data.next_tier_at)
        assert (then.next_tier, then.next_us) == (event.data.next_tier, due)


def test_every_known_trap_has_its_story() -> None:
    assert {*TRAPS, *OWED} - STORIES.keys() == set()
    assert len(STORIES) >= 20


def test_a_story_with_a_wrong_expectation_does_not_hold() -> None:
    told = load_story(STORIES["bounds-exactly"])
    standing = told.standings[0]
    off = standing._replace(expected=standing.expected.model_copy(update={"score": 29.98}))

    assert wrong(by_the_worker(replace(told, standings=(off,)))) == ["day 2 09:00 score: 29.99"]


def test_a_missing_and_an_additional_crossing_are_told() -> None:
    told = load_story(STORIES["raised-hand"])
    assert told.crossings is not None
    first = told.crossings[0]

    assert wrong(by_the_worker(replace(told, standings=(), crossings=(first,)))) == [
        "day 4 15:00 crossing: hot to cold by fast_track at day 4 15:00"
    ]
    assert wrong(
        by_the_worker(replace(told, standings=(), crossings=(*told.crossings, first)))
    ) == ["day 2 15:00 crossing: none"]


def test_a_missing_and_an_additional_word_of_the_pool_are_told() -> None:
    told = load_story(STORIES["never-touched-counts-from-the-claim"])
    assert told.pool is not None
    earlier = told.pool[0]._replace(at_us=told.pool[0].at_us - HOUR_US)
    came = "returned_to_pool by first_response to public at day 63 17:30"

    assert wrong(by_the_worker(replace(told, standings=(), pool=()))) == [
        f"day 63 17:30 pool: {came}"
    ]
    assert wrong(by_the_worker(replace(told, standings=(), pool=(earlier,)))) == [
        f"day 63 16:30 pool: {came}"
    ]
    assert wrong(by_the_worker(replace(told, standings=(), pool=(*told.pool, earlier)))) == [
        "day 63 16:30 pool: none"
    ]


def test_a_story_that_is_not_about_owners_plays_no_clock() -> None:
    played = by_the_worker(load_story(STORIES["a-good-lead-in-the-default-model"]))

    assert played.told.model.follow_up is not None
    assert played.pool == []
