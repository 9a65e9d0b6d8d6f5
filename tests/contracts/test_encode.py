"""What the scorer publishes: exact points, exact instants, the same bytes every time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import event_types, topic_cards
from scorer.contracts.encode import Encoder, tombstone
from scorer.contracts.instants import LAST_US
from scorer.contracts.published import CrossingEvent, ScoreEvent, read_output
from scorer.contracts.records import Message
from scorer.domain.line import Line
from scorer.domain.outputs import (
    Cause,
    CauseKind,
    FireMode,
    LineKind,
    ScoreChanged,
    Tier,
    TierCrossed,
)
from tests.contracts.as_structs import as_bytes
from tests.contracts.given import LEAD, TRACE

TIME_US = 1774426530123456
DIMENSIONS = {"company": 20.0, "contact": 21.5, "behaviour": 32.0}
LINES = (
    Line(LineKind.RULE, "company", "industry_fits", 20.0, 1),
    Line(LineKind.RULE, "behaviour", "page_viewed", 9.5, 4, 2.5, 3.0),
    Line(LineKind.CAP, "behaviour", "behaviour", -0.5),
)
SCORED = ScoreChanged(
    id="score-1",
    lead_id=LEAD,
    time_us=TIME_US,
    score=73.5,
    previous_score=58.5,
    tier=Tier.HOT,
    dimensions=DIMENSIONS,
    all_time=96.25,
    lines=LINES,
    cause=Cause(CauseKind.EVIDENCE, "/website", "e-1", "demo_requested"),
    next_tier=Tier.WARM,
    next_tier_us=TIME_US + 86_400_000_000,
    model_version="3",
    model_hash="5f2a9c01d7e4",
)
CROSSED = TierCrossed(
    id="tier-1",
    lead_id=LEAD,
    time_us=TIME_US,
    from_tier=Tier.WARM,
    to_tier=Tier.HOT,
    score_before=58.5,
    score=73.5,
    cause=Cause(CauseKind.DECAY),
    first_time=True,
    reached=1,
    fires=tuple(FireMode),
    in_previous_us=90_500_000,
    dimensions=DIMENSIONS,
    lines=LINES,
    why_en="Strong fit.",
    why_zh="匹配度高。",
    next_tier=None,
    next_tier_us=None,
    model_version="3",
    model_hash="5f2a9c01d7e4",
)
encoder = Encoder("/lead-scorer/test")
points = st.floats(-1e6, 1e6)


def data_of(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(message.value or b"")["data"]
    return data


texts = st.text(max_size=12) | st.sampled_from(
    ["r", "demo", '"', "\\", "\x00", "\x1f", "\x7f", "匹配", "😀"]
)
maybe = st.none() | texts
amounts = (
    points | st.integers(-300, 300).map(float) | st.sampled_from([0.0, -0.0, 0.005, 1e13, 199.995])
)
instants = st.integers(0, LAST_US) | st.integers(-(10**15), 0) | st.just(TIME_US // 10**6 * 10**6)
lines_of = st.lists(
    st.builds(
        Line,
        st.sampled_from(LineKind),
        texts,
        texts,
        amounts,
        st.integers(0, 10**6),
        amounts,
        amounts,
    ),
    max_size=4,
).map(tuple)
causes = st.builds(Cause, st.sampled_from(CauseKind), maybe, maybe, maybe)
common = {
    "id": texts,
    "lead_id": texts,
    "time_us": instants,
    "score": amounts,
    "dimensions": st.dictionaries(texts, amounts, max_size=3),
    "lines": lines_of,
    "cause": causes,
    "next_tier": st.none() | st.sampled_from(Tier),
    "next_tier_us": st.none() | instants | st.just(LAST_US + 1),
    "model_version": texts,
    "model_hash": texts,
    "grid": maybe,
    "traceparent": st.none() | st.just(TRACE),
}
scored = st.builds(
    ScoreChanged,
    **common,
    previous_score=st.none() | amounts,
    tier=st.sampled_from(Tier),
    all_time=amounts,
    first_score=st.none() | amounts,
    changes=st.integers(1, 10**6),
)
crossed = st.builds(
    TierCrossed,
    **common,
    from_tier=st.sampled_from(Tier),
    to_tier=st.sampled_from(Tier),
    score_before=amounts,
    first_time=st.booleans(),
    reached=st.integers(0, 10**6),
    fires=st.lists(st.sampled_from(FireMode), max_size=3).map(tuple),
    in_previous_us=st.integers(0, 2**53),  # 285 years; beyond, a float of µs is not exact
    why_en=texts,
    why_zh=texts,
)


@settings(max_examples=500)
@given(scored | crossed)
def test_what_is_written_by_hand_is_to_the_byte_what_the_structs_say(
    output: ScoreChanged | TierCrossed,
) -> None:
    """Whatever the texts, points and instants are."""
    if isinstance(output, ScoreChanged):
        message = encoder.score_changed(output)
    else:
        message = encoder.tier_crossed(output)

    assert message.value == as_bytes(output, "/lead-scorer/test")


def test_a_score_is_one_structured_event_on_its_topic() -> None:
    message = encoder.score_changed(SCORED)

    assert message.topic == "leads.scores.v1"
    assert message.key == LEAD.encode()
    assert message.headers == (("content-type", b"application/cloudevents+json"),)
    whole = json.loads(message.value or b"")
    data = whole.pop("data")
    assert whole == {
        "specversion": "1.0",
        "type": "leadscorer.score.changed.v1",
        "source": "/lead-scorer/test",
        "id": "score-1",
        "time": "2026-03-25T08:15:30.123456Z",
        "subject": LEAD,
        "datacontenttype": "application/json",
        "dataschema": "urn:leadscorer:schema:score.changed.v1",
    }
    assert data == {
        "lead_id": LEAD,
        "score": 73.5,
        "previous_score": 58.5,
        "tier": "hot",
        "dimensions": DIMENSIONS,
        "all_time": 96.25,
        "lines": [
            {
                "kind": "rule",
                "dimension": "company",
                "name": "industry_fits",
                "points": 20.0,
                "count": 1,
            },
            {
                "kind": "rule",
                "dimension": "behaviour",
                "name": "page_viewed",
                "points": 9.5,
                "count": 4,
                "decayed": 2.5,
                "cut": 3.0,
            },
            {"kind": "cap", "dimension": "behaviour", "name": "behaviour", "points": -0.5},
        ],
        "cause": {
            "kind": "evidence",
            "source": "/website",
            "id": "e-1",
            "what": "demo_requested",
        },
        "next_tier": "warm",
        "next_tier_at": "2026-03-26T08:15:30.123456Z",
        "model": {"version": "3", "hash": "5f2a9c01d7e4"},
    }


def test_a_crossing_carries_direction_cause_and_reasons_in_two_languages() -> None:
    data = data_of(encoder.tier_crossed(CROSSED._replace(grid="A1")))

    assert (data["from"], data["to"], data["direction"]) == ("warm", "hot", "up")
    assert (data["score_before"], data["score"]) == (58.5, 73.5)
    assert data["cause"] == {"kind": "decay"}
    assert data["why"] == {"en": "Strong fit.", "zh": "匹配度高。"}
    assert (data["first_time"], data["reached"]) == (True, 1)
    assert data["seconds_in_previous"] == 90.5
    assert (data["next_tier"], data["next_tier_at"], data["grid"]) == (None, None, "A1")


@pytest.mark.parametrize(
    ("from_tier", "to_tier", "direction"),
    [
        (Tier.COLD, Tier.WARM, "up"),
        (Tier.COLD, Tier.HOT, "up"),
        (Tier.HOT, Tier.WARM, "down"),
        (Tier.COLD, Tier.DISQUALIFIED, "down"),
        (Tier.DISQUALIFIED, Tier.COLD, "up"),
    ],
)
def test_up_is_towards_hot(from_tier: Tier, to_tier: Tier, direction: str) -> None:
    crossed = CROSSED._replace(from_tier=from_tier, to_tier=to_tier)

    assert data_of(encoder.tier_crossed(crossed))["direction"] == direction


def test_the_trace_goes_into_the_event_and_into_a_header() -> None:
    message = encoder.tier_crossed(CROSSED._replace(traceparent=TRACE))

    assert ("traceparent", TRACE.encode()) in message.headers
    assert json.loads(message.value or b"")["traceparent"] == TRACE


def test_the_same_output_gives_the_same_bytes_and_no_timestamp_of_its_own() -> None:
    first, second = (
        encoder.score_changed(SCORED),
        Encoder("/lead-scorer/test").score_changed(SCORED),
    )

    assert first == second
    assert first.timestamp_ms is None


@given(st.lists(points, min_size=1, max_size=8))
def test_points_rounded_before_are_written_as_they_are(values: list[float]) -> None:
    rounded = [round(value, 2) for value in values]
    lines = tuple(Line(LineKind.RULE, "d", "r", value) for value in rounded)

    data = data_of(encoder.score_changed(SCORED._replace(score=rounded[0], lines=lines)))

    assert [line["points"] for line in data["lines"]] == rounded
    assert data["score"] == rounded[0]


@given(points)
def test_points_are_shown_to_a_hundredth_and_never_as_minus_zero(value: float) -> None:
    data = encoder.score_changed(SCORED._replace(all_time=value)).value or b""

    shown = json.loads(data)["data"]["all_time"]
    assert abs(shown - value) <= 0.005 + 1e-9
    assert shown == round(shown, 2)
    assert b":-0.0," not in data


def test_an_instant_beyond_the_calendar_is_null() -> None:
    far = SCORED._replace(next_tier_us=10**18)

    assert data_of(encoder.score_changed(far))["next_tier_at"] is None


def test_the_first_score_has_no_previous_one() -> None:
    assert (
        data_of(encoder.score_changed(SCORED._replace(previous_score=None)))["previous_score"]
        is None
    )


def test_coalesced_changes_say_how_many_they_are_and_where_they_began() -> None:
    data = data_of(encoder.score_changed(SCORED._replace(changes=12, first_score=40.25)))

    assert (data["changes"], data["first_score"]) == (12, 40.25)


def test_an_erased_lead_leaves_a_null_value() -> None:
    assert tombstone("leads.scores.v1", "张伟") == Message(
        "leads.scores.v1", "张伟".encode(), None, (), None
    )


def test_a_subscriber_reads_back_what_was_written() -> None:
    score = read_output(encoder.score_changed(SCORED).value or b"")
    crossing = read_output(encoder.tier_crossed(CROSSED).value or b"")

    assert isinstance(score, ScoreEvent)
    assert isinstance(crossing, CrossingEvent)
    assert (score.data.tier, score.data.lines[1].decayed) == (Tier.HOT, 2.5)
    assert (crossing.data.from_, crossing.data.why.zh) == (Tier.WARM, "匹配度高。")


def test_the_cards_know_topic_and_type_of_every_output() -> None:
    for message in (encoder.score_changed(SCORED), encoder.tier_crossed(CROSSED)):
        event_type = json.loads(message.value or b"")["type"]
        assert event_types()[event_type] is topic_cards()[message.topic]
