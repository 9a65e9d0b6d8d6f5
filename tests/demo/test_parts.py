"""The parts of the demo, each without the others: publisher, feed, present scores, causes, ending."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from scorer.contracts.decode import Decoder
from scorer.contracts.encode import Encoder
from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message
from scorer.contracts.state_codec import encode_state
from scorer.demo import processes
from scorer.demo.board import Board, Scored
from scorer.demo.causes import Causes
from scorer.demo.ending import remarks, seen
from scorer.demo.feed import DEAD_LETTERS_TOPIC, Feed, News
from scorer.demo.interrupts import Interrupts
from scorer.demo.meter import Meter
from scorer.demo.own_leads import curtain, own
from scorer.demo.people import buyer
from scorer.demo.present import Present
from scorer.demo.processes import DemoFailed, Worker
from scorer.demo.publisher import message_of, publish
from scorer.demo.script import Dice, Post, play
from scorer.demo.surroundings import settings_for
from scorer.demo.words import Lang
from scorer.domain.events import Behaviour, LeadEvent
from scorer.domain.fold import fold
from scorer.domain.model import DAY_US
from scorer.domain.outputs import Output, ScoreChanged, Tier
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.settings import Settings, environment
from scorer.transport.clock import ScaledClock

MODEL = load_model("default")
PLAN = Plan(MODEL)
START_US = 1_767_600_000_000_000


def a_buyers_life() -> tuple[LeadState, list[Output], int]:
    """State, outputs and the last instant of one buyer."""
    state, outputs, last_us = LeadState(PLAN.hash), [], START_US
    for post in play(buyer(Dice(1)), "mei", START_US):
        assert isinstance(post.what, LeadEvent)
        outputs += fold(state, post.what, PLAN).outputs
        last_us = post.time_us
    return state, outputs, last_us


def clock_at(instant_us: int, scale: float = 1.0) -> ScaledClock:
    return ScaledClock(instant_us, time.time_ns() // 1_000, scale)


async def test_what_lies_in_the_past_is_published_at_once_and_in_order() -> None:
    """The backlog of a story, in batches; every record is stamped with its simulated instant."""
    posts = list(play(buyer(Dice(1)), "mei", START_US))
    sent: list[Message] = []
    board = Board()

    async def send(messages: Sequence[Message]) -> None:
        sent.extend(messages)

    await publish(iter(posts), clock_at(posts[-1].time_us + DAY_US), send, board)

    assert sent == [message_of(post) for post in posts]
    assert [message.timestamp_ms for message in sent] == [p.time_us // 1_000 for p in posts]
    assert board.published == len(posts)


async def test_what_lies_in_the_future_waits_for_its_instant() -> None:
    """Nothing is published before the simulated clock shows its time."""
    scale = 100_000.0
    clock = clock_at(START_US, scale)
    event = LeadEvent("mei", START_US + DAY_US // 8, "/demo", "1", Behaviour("demo_requested"))
    times: list[int] = []

    async def send(messages: Sequence[Message]) -> None:
        times.append(clock.now_us())

    await publish(iter([Post(event.time_us, event)]), clock, send, Board())

    assert len(times) == 1
    assert times[0] >= event.time_us


def test_what_is_published_is_what_the_scorer_reads() -> None:
    """Every post of a story is an event that the decoder accepts, and the same one."""
    decoder = Decoder()
    for post in play(buyer(Dice(1)), "mei", START_US):
        message = message_of(post)
        record = _Record(message.topic, message.key, message.value, message.timestamp_ms or 0)

        assert decoder.decode(record) == post.what


class _Record:
    partition, offset, headers = 0, 0, ()

    def __init__(self, topic: str, key: bytes | None, value: bytes | None, timestamp: int) -> None:
        self.topic, self.key, self.value, self.timestamp = topic, key, value, timestamp


def test_the_board_says_what_the_topics_say() -> None:
    """Scores, crossings, dead letters and erased leads, from the bytes that a subscriber gets."""
    _, outputs, _ = a_buyers_life()
    encoder, board, heard = Encoder("/lead-scorer/demo"), Board(), list[News]()
    feed = Feed(board, Causes(MODEL, Lang.EN), Lang.EN, heard.append)
    for output in outputs:
        if isinstance(output, ScoreChanged):
            message = encoder.score_changed(output)
        else:
            message = encoder.tier_crossed(output)
        feed.record(message.topic, message.key, message.value)
    feed.record(DEAD_LETTERS_TOPIC, b"x", b"rubbish")
    row = board.rows["mei"]

    assert [crossing.to_tier for crossing in board.crossings] == [Tier.HOT, Tier.WARM]
    assert row.tier is Tier.HOT
    assert (row.next_tier, row.next_tier_us is not None) == (Tier.WARM, True)
    assert board.dead_letters == 1
    assert len(heard) == len(outputs)

    feed.record("leads.scores.v1", b"mei", None)
    assert board.rows == {}


def test_a_score_falls_between_two_records_as_the_model_says() -> None:
    """The present score is that of the state at this instant, and unknown leads have none."""
    state, _, last_us = a_buyers_life()
    present = Present(MODEL)
    present.heard("mei", encode_state(state))
    outlooks = [present.outlook("mei", last_us + days * DAY_US) for days in (0, 10, 40)]
    scores = [outlook.score for outlook in outlooks if outlook]

    assert scores[0] == state.published
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
    assert present.outlook("nobody", last_us) is None


def test_the_next_crossing_on_the_board_is_that_of_the_state() -> None:
    """Evidence that leaves a capped score as it was moves the next crossing all the same."""
    state, _, last_us = a_buyers_life()
    present, board = Present(MODEL), Board()
    present.heard("mei", encode_state(state))
    board.scored(Scored("mei", last_us, 100.0, Tier.HOT, Tier.WARM, last_us - DAY_US))

    board.look(lambda lead_id: present.outlook(lead_id, last_us))

    assert state.next is not None
    assert board.rows["mei"].next_tier_us == state.next.time_us > last_us


def test_nothing_is_said_about_a_lead_that_is_unknown() -> None:
    """The outputs may be read before the states."""
    present, last_us = Present(MODEL), START_US

    assert present.outlook("nobody", last_us) is None
    assert present.why("nobody", last_us, Lang.EN) == ""


def test_the_reason_begins_with_deeds_and_ends_with_fit() -> None:
    """What is new stands where a narrow column still shows it."""
    state, _, last_us = a_buyers_life()
    present = Present(MODEL)
    present.heard("mei", encode_state(state))

    assert present.why("mei", last_us, Lang.EN).startswith("Asked for a quote")
    assert "Strong fit" in present.why("mei", last_us, Lang.EN)
    assert present.why("mei", last_us, Lang.ZH).startswith("索要报价")
    assert present.why("mei", last_us, Lang.ZH).endswith("。")

    present.heard("mei", None)
    assert present.why("mei", last_us, Lang.EN) == ""


@pytest.mark.parametrize(
    ("kind", "what", "english", "chinese"),
    [
        ("evidence", "demo_requested", "Asked for a demo", "申请演示"),
        ("evidence", "created", "created", "新线索"),
        ("evidence", "title,decision_power", "title, decision power", "title, decision power"),
        ("evidence", "a,b,c,d", "4 attributes", "4 项属性"),
        ("evidence", None, "created", "新线索"),
        ("decay", None, "decay", "衰减"),
        ("silence", "behaviour", "silence", "沉默"),
        ("retraction", "retraction", "taken back", "撤回"),
    ],
)
def test_a_cause_is_told_in_the_models_own_words(
    kind: str, what: str | None, english: str, chinese: str
) -> None:
    """Names of behaviours are for machines."""
    told = [Causes(MODEL, lang).text(kind, what) for lang in (Lang.EN, Lang.ZH)]

    assert told == [english, chinese]


def test_the_rate_is_that_of_the_last_seconds() -> None:
    """A burst is forgotten after a few readings."""
    meter = Meter()
    rates = [meter.read(float(second), count) for second, count in enumerate([0, 900, *[910] * 6])]

    assert rates[0] == 0.0
    assert rates[1] == 900.0
    assert rates[-1] == 0.0


@pytest.mark.parametrize("lang", list(Lang))
def test_the_last_lines_say_what_was_seen_and_what_to_do_next(lang: Lang) -> None:
    """Days, events, tiers, the best leads; bad rows only when there are any."""
    board = Board()
    board.scored(Scored("mei", START_US, 71.26, Tier.HOT, None, None))
    board.published = 12
    lines = [line.plain for line in seen(board, 7 * DAY_US, 21_600, lang)]
    ends = ["\n".join(line.plain for line in remarks(lang, bad)) for bad in (0, 3)]

    assert "28" in lines[0]  # seconds
    assert "12" in lines[0]
    assert lines[-1].split() == ["71.26", "mei"]
    assert "lead-scorer demo --csv" in ends[0]
    assert ("--dry-run" in ends[0], "--dry-run" in ends[1]) == (False, True)


def test_a_demo_never_reads_the_settings_of_somebodys_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """LEADSCORER_ variables of the shell reach neither the demo nor its worker."""
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", "production:9092")
    monkeypatch.setenv("LEADSCORER_TOPICS__PREFIX", "eu.")
    settings = settings_for(tmp_path, "127.0.0.1:1", "default", clock_at(START_US, 21_600))
    for name in ("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", "LEADSCORER_TOPICS__PREFIX"):
        monkeypatch.delenv(name)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    assert settings.kafka.bootstrap_servers == "127.0.0.1:1"
    assert settings.topics.prefix == ""
    assert Settings() == settings


def test_a_stop_is_remembered_and_interrupts_nothing() -> None:
    """Ctrl-C while something starts or is cleaned up: the next look sees it."""
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        asked_before = interrupts.asked
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (asked_before, interrupts.asked) == (False, True)
    assert signal.getsignal(signal.SIGINT) is before


def _watch(worker: Worker) -> None:
    while True:
        worker.check()


def test_a_worker_that_ends_is_reported_with_the_end_of_its_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The demo does not go on without its worker, and says what the worker said."""
    code = "print('out of luck'); raise SystemExit(3)"
    monkeypatch.setattr(processes, "COMMAND", [sys.executable, "-c", code])

    with Worker({}, tmp_path / "worker.log") as worker, pytest.raises(DemoFailed) as caught:
        _watch(worker)

    assert "exit code 3" in str(caught.value)
    assert "out of luck" in str(caught.value)
    assert "→" in str(caught.value)


def test_the_users_own_leads_are_a_story_too(tmp_path: Path) -> None:
    """A CSV without a mapping: one is suggested, and the events come in order of time."""
    rows = ["lead_id,created,title,industry"]
    rows += [f"L{n},2026-02-{n:02d}T09:00:00Z,VP,software" for n in range(1, 29)]
    csv = tmp_path / "leads.csv"
    csv.write_text("\n".join(rows) + "\n")

    story = own(csv, None, MODEL)
    posts = list(story.posts)

    assert {post.what.lead_id for post in posts if isinstance(post.what, LeadEvent)} == {
        f"L{n}" for n in range(1, 29)
    }
    assert [post.time_us for post in posts] == sorted(post.time_us for post in posts)
    assert posts[0].time_us < story.curtain_us <= posts[-1].time_us


def _posts(*days: float) -> list[Post]:
    event = LeadEvent("mei", 0, "/demo", "1", Behaviour("demo_requested"))
    return [Post(int(day * DAY_US), event) for day in days]


def test_the_curtain_rises_on_the_last_part_of_a_file() -> None:
    """A fifth of the events is seen live, four weeks at most, and nobody waits for one instant."""
    assert curtain(_posts(*range(10))) == 8 * DAY_US
    assert curtain(_posts(0, 100, 1000)) == 1000 * DAY_US
    assert curtain(_posts(*[0] * 8, 10, 100)) == 72 * DAY_US
    assert curtain(_posts(5, 5, 5)) == 5 * DAY_US
