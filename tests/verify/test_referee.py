"""The referee's own mistakes: it must find every fault, and call nothing a fault that is none."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from scorer.cli.exits import Exit
from scorer.cli.failures import explained
from scorer.contracts.compose import compose
from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.records import Message
from scorer.domain.events import (
    AttributesChanged,
    AttributeValue,
    Behaviour,
    Body,
    Created,
    Erased,
    LeadEvent,
)
from scorer.engine.scoring import INPUTS, SCORES, TIERS
from scorer.verify import notes
from scorer.verify.referee import Limits
from scorer.verify.verdict import Fault, Subject, Unjudged
from tests.bench.load import events as busy_events
from tests.fixtures.floor import HASTY
from tests.verify.cluster import CHANGELOG, START_US, Cluster

FAIR_FIT: dict[str, AttributeValue] = {
    "industry": "software",
    "employees": 300,
}  # 22 points: warm with a demo, cold by decay
GREAT_FIT: dict[str, AttributeValue] = {
    **FAIR_FIT, "region": "east", "buying_department": "sales", "title": "vp", "influence": "high",
    "decision_power": "decides", "department": "it", "interest": "high",
}  # fmt: skip
CREATED, ATTRIBUTES, BEHAVIOURS = INPUTS[:3]


def event(
    cluster: Cluster, number: int, body: Body, lead: str = "ada", ago_s: float = 1
) -> LeadEvent:
    return LeadEvent(lead, cluster.now_us - int(ago_s * 1e6), "/t", f"{lead}-{number}", body)


def a_day_at_work() -> Cluster:
    """A lead that warms up, one that is spoiled, a bad record, and a month in which they cool down."""
    cluster = Cluster()
    for lead, fit in (("ada", GREAT_FIT), ("bob", FAIR_FIT)):
        cluster.publish(event(cluster, 0, Created("web", fit), lead))
        cluster.work()
        for number, name in enumerate(("demo_requested", "quote_requested", "needs_stated"), 1):
            cluster.pass_days(0.1)
            cluster.publish(event(cluster, number, Behaviour(name), lead))
            cluster.work()
    cluster.write(Message(BEHAVIOURS, b"ada", b"{broken"))
    cluster.work()
    for _ in range(120):
        cluster.pass_days(1)
        cluster.tick()
    return cluster


def kinds(faults: object) -> set[tuple[str, str]]:
    return {(fault.value, subject.value) for fault, subject in faults}  # type: ignore[attr-defined]


async def test_a_right_cluster_is_called_right_and_everything_on_it_was_compared() -> None:
    cluster = a_day_at_work()
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.outputs == len(cluster.topics[SCORES]) + len(cluster.topics[TIERS])
    assert len(cluster.topics[TIERS]) >= 4  # ups and, by time alone, downs
    assert (verdict.states, verdict.dead_letters, verdict.leads) == (2, 1, 2)


@pytest.mark.parametrize("topic", [SCORES, TIERS])
@pytest.mark.parametrize("number", [0, 2, -1])
async def test_a_lost_output_is_missing(topic: str, number: int) -> None:
    cluster = a_day_at_work()
    cluster.lose(topic, number)
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.MISSING, Subject.OUTPUT): 1}


@pytest.mark.parametrize("topic", [SCORES, TIERS])
@pytest.mark.parametrize("number", [0, 2, -1])
async def test_an_output_that_is_there_twice_is_doubled(topic: str, number: int) -> None:
    cluster = a_day_at_work()
    cluster.double(topic, number)
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.DOUBLED, Subject.OUTPUT): 1}


@pytest.mark.parametrize("topic", [SCORES, TIERS])
async def test_an_output_with_another_score_is_wrong(topic: str) -> None:
    cluster = a_day_at_work()
    cluster.alter(topic, b'"score":', b'"score":9')
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.WRONG, Subject.OUTPUT): 1}


async def test_an_output_repeated_with_another_content_is_conflicting() -> None:
    cluster = a_day_at_work()
    cluster.double(SCORES)
    cluster.alter(SCORES, b'"score":', b'"score":9')
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.CONFLICTING, Subject.OUTPUT): 1}


async def test_an_output_that_nothing_asks_for_is_wrong() -> None:
    cluster = a_day_at_work()
    cluster.double(SCORES)
    cluster.alter(SCORES, b'"id":"', b'"id":"f')
    assert kinds((await cluster.verdict()).faults) == {("wrong", "output")}


async def test_outputs_in_another_order_are_wrong() -> None:
    cluster = a_day_at_work()
    log = cluster.topics[TIERS]
    ada = [n for n, record in enumerate(log) if record.key == b"ada"]
    first, last = log[ada[0]], log[ada[-1]]
    log[ada[0]], log[ada[-1]] = (
        last._replace(offset=first.offset),
        first._replace(offset=last.offset),
    )
    assert ("wrong", "output") in kinds((await cluster.verdict()).faults)


async def test_a_null_value_that_nobody_asked_for_is_wrong() -> None:
    cluster = a_day_at_work()
    cluster.write(Message(SCORES, b"ada", None))
    assert (await cluster.verdict()).faults == {(Fault.WRONG, Subject.OUTPUT): 1}


async def test_a_lost_state_is_found() -> None:
    cluster = a_day_at_work()
    cluster.topics[CHANGELOG] = [r for r in cluster.topics[CHANGELOG] if r.key != b"bob"]
    assert (await cluster.verdict()).faults == {(Fault.MISSING, Subject.STATE): 1}


async def test_a_state_that_was_written_anew_meanwhile_is_not_missing() -> None:
    """Compaction may have taken the one that lay there when the referee began."""
    cluster = a_day_at_work()
    last = cluster.lose(CHANGELOG)
    cluster.topics[CHANGELOG] = [r for r in cluster.topics[CHANGELOG] if r.key != last.key]
    assert kinds((await cluster.verdict()).faults) == {("missing", "state")}

    cluster.since[CHANGELOG] = [last]
    verdict = await cluster.verdict()
    assert verdict.right
    assert verdict.unjudged == {Unjudged.REWRITTEN: 1}


async def test_a_state_that_is_one_commit_behind_is_wrong() -> None:
    cluster = a_day_at_work()
    cluster.lose(CHANGELOG)
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.WRONG, Subject.STATE): 1}
    assert "tier" in verdict.examples[0].why


async def test_a_state_of_another_due_instant_is_wrong() -> None:
    cluster = a_day_at_work()
    record = cluster.topics[CHANGELOG][-1]
    assert record.value is not None
    cluster.topics[CHANGELOG][-1] = record._replace(value=b"\0" * 8 + record.value[8:])
    verdict = await cluster.verdict()
    assert [one.why for one in verdict.examples] == ["differs in due instant"]


async def test_a_state_that_nothing_asks_for_is_wrong() -> None:
    cluster = a_day_at_work()
    record = cluster.topics[CHANGELOG][-1]
    cluster.write(Message(CHANGELOG, b"eve", record.value))
    assert (await cluster.verdict()).faults == {(Fault.WRONG, Subject.STATE): 1}


async def test_lost_doubled_and_altered_dead_letters_are_found() -> None:
    lost, doubled, altered = a_day_at_work(), a_day_at_work(), a_day_at_work()
    lost.lose(DEAD_LETTERS_TOPIC)
    doubled.double(DEAD_LETTERS_TOPIC)
    altered.alter(DEAD_LETTERS_TOPIC, b"{broken", b"{mended")
    assert kinds((await lost.verdict()).faults) == {("missing", "dead_letter")}
    assert kinds((await doubled.verdict()).faults) == {("doubled", "dead_letter")}
    assert kinds((await altered.verdict()).faults) == {("wrong", "dead_letter")}


async def test_a_crossing_that_came_due_must_be_said_while_a_worker_runs() -> None:
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.publish(event(cluster, 1, Behaviour("demo_requested")))
    cluster.work()
    cluster.pass_days(200)  # and no tick
    assert kinds((await cluster.verdict()).faults) == {("missing", "output"), ("wrong", "state")}
    cluster.alive = False
    verdict = await cluster.verdict()
    assert (verdict.right, verdict.waiting) == (True, 1)


async def test_a_crossing_within_the_grace_may_be_said_or_not() -> None:
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.publish(event(cluster, 1, Behaviour("demo_requested")))
    cluster.work()
    due_us = cluster.store.due[b"ada"]
    cluster.now_us = due_us + 1_000_000
    lately = Limits(grace_s=5, slack_s=0)
    assert (await cluster.verdict(lately)).right
    cluster.tick()
    assert (await cluster.verdict(lately)).right


async def test_time_told_before_late_evidence_is_legitimate() -> None:
    """The crossing was said, then evidence arrived that would have prevented it."""
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.publish(event(cluster, 1, Behaviour("demo_requested")))
    cluster.work()
    due_us = cluster.store.due[b"ada"]
    cluster.now_us = due_us + 60_000_000
    cluster.tick()
    cluster.publish(event(cluster, 2, Behaviour("quote_requested"), ago_s=3600))
    cluster.work()
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.ticked_first == 1


async def test_time_told_before_evidence_that_lay_on_its_topic_is_a_fault() -> None:
    """A worker that was down calls no lead cold whose demo request is still in the backlog."""
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.publish(event(cluster, 1, Behaviour("demo_requested")))
    cluster.work()
    due_us = cluster.store.due[b"ada"]
    cluster.now_us = due_us - 60_000_000
    cluster.publish(event(cluster, 2, Behaviour("quote_requested")))
    cluster.now_us = due_us + 60_000_000
    cluster.tick()
    cluster.work()
    assert ("wrong", "output") in kinds((await cluster.verdict()).faults)


async def test_inputs_that_were_folded_in_another_order_are_legitimate() -> None:
    """Two records of two topics, milliseconds apart: either may have been fetched first."""
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.work()
    cluster.pass_days(1)
    cluster.publish(event(cluster, 1, AttributesChanged({"title": "intern"}), ago_s=5))
    cluster.publish(event(cluster, 2, Behaviour("demo_requested"), ago_s=3))
    cluster.work([BEHAVIOURS])
    cluster.work([ATTRIBUTES])
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.reordered == 1


async def test_what_a_broker_that_was_away_held_back_was_folded_last() -> None:
    """Far more records than orders can be tried: their outputs show the one that it was."""
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.work()
    cluster.pass_days(1)
    titles = ("intern", "vp", "manager", "student")
    for n in range(12):
        title, age_s = titles[n % 4], 40 - 3 * n
        cluster.publish(event(cluster, 2 * n + 1, AttributesChanged({"title": title}), ago_s=age_s))
        behaviour = Behaviour("demo_requested" if n % 2 else "needs_stated")
        cluster.publish(event(cluster, 2 * n + 2, behaviour, ago_s=age_s - 1))
    cluster.work([BEHAVIOURS])
    cluster.work([ATTRIBUTES])
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.reordered == 1


async def test_what_said_nothing_shows_its_place_by_what_was_said_after_it() -> None:
    """Evidence held for a lead that is created later, and a title that changed no score."""
    cluster = Cluster()
    cluster.publish(event(cluster, 1, Created("web", FAIR_FIT), ago_s=50))
    cluster.publish(event(cluster, 2, Behaviour("demo_requested"), ago_s=49))
    cluster.work([BEHAVIOURS])
    cluster.work([CREATED])
    for n in range(10):
        cluster.publish(event(cluster, 3 + n, Behaviour("page_viewed"), ago_s=45 - n))
    cluster.work([BEHAVIOURS])
    cluster.publish(event(cluster, 20, AttributesChanged({"title": "clerk"}), ago_s=20))
    cluster.publish(event(cluster, 21, Behaviour("quote_requested"), ago_s=21))
    cluster.work([ATTRIBUTES])
    cluster.work([BEHAVIOURS])
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.reordered == 1


async def test_doubled_input_changes_nothing_and_is_no_fault() -> None:
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.publish(*[event(cluster, 1, Behaviour("demo_requested"))] * 3)
    cluster.work()
    assert (await cluster.verdict()).right


async def test_an_erased_lead_is_gone_and_may_come_again_under_the_same_ids() -> None:
    cluster = Cluster()
    for _ in range(2):
        cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
        cluster.publish(event(cluster, 1, Behaviour("demo_requested")))
        cluster.work()
        cluster.pass_days(0.01)
        cluster.publish(LeadEvent("ada", cluster.now_us - 10, "/t", "gone", Erased()))
        cluster.work()
    verdict = await cluster.verdict()
    assert verdict.examples == []
    cluster.lose(CHANGELOG)
    assert kinds((await cluster.verdict()).faults) == {("wrong", "state")}


async def test_what_a_worker_commits_meanwhile_may_be_there_or_not() -> None:
    cluster = Cluster()
    cluster.publish(event(cluster, 0, Created("web", FAIR_FIT)))
    cluster.work()
    cluster.committed = dict(cluster.folded)
    cluster.publish(event(cluster, 1, Behaviour("demo_requested"), ago_s=0.5))
    cluster.work()
    assert (await cluster.verdict()).examples == []
    for topic in (SCORES, CHANGELOG):
        cluster.lose(topic)
    cluster.topics[TIERS] = [
        r for r in cluster.topics[TIERS] if b"demo_requested" not in (r.value or b"")
    ]
    assert (await cluster.verdict()).examples == []


async def test_what_waits_for_a_worker_is_lag_and_no_fault() -> None:
    cluster = a_day_at_work()
    cluster.publish(event(cluster, 9, Behaviour("demo_requested")))
    verdict = await cluster.verdict()
    assert (verdict.right, verdict.lag) == (True, 1)


async def test_a_range_judges_only_what_was_written_in_it() -> None:
    cluster = a_day_at_work()
    cluster.lose(SCORES, 0)
    cluster.lose(TIERS, -1)
    middle = (START_US + int(2 * 86_400e6)) // 1000
    early = await cluster.verdict(Limits(None, middle, 0, 0))
    late = await cluster.verdict(Limits(middle, None, 0, 0))
    assert [one.topic for one in early.examples] == [SCORES]
    assert [one.topic for one in late.examples] == [TIERS]
    assert early.states == 0


async def test_leads_older_than_the_inputs_are_not_judged() -> None:
    cluster = a_day_at_work()
    cluster.begins[CREATED] = 1
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.unjudged == {Unjudged.OLD_EVIDENCE: 1}
    cluster.double(SCORES, 0)
    assert kinds((await cluster.verdict()).faults) == {("doubled", "output")}


async def test_leads_of_another_model_are_not_judged() -> None:
    cluster = a_day_at_work()
    for topic in (SCORES, TIERS):
        for number, record in enumerate(cluster.topics[topic]):
            assert record.value is not None
            value = record.value.replace(b'"hash":"', b'"hash":"0')
            cluster.topics[topic][number] = record._replace(value=value)
    verdict = await cluster.verdict()
    assert verdict.unjudged == {Unjudged.OTHER_MODEL: 2}


async def test_what_compaction_has_replaced_is_not_missing() -> None:
    cluster = a_day_at_work()
    cluster.lose(SCORES, 0)
    cluster.compacted_before_ms = {SCORES: cluster.now_us // 1000}
    verdict = await cluster.verdict()
    assert verdict.right
    assert verdict.unjudged == {Unjudged.COMPACTED: 1}
    cluster.topics[SCORES] = [r for r in cluster.topics[SCORES] if r.key != b"bob"]
    assert not (await cluster.verdict()).right  # compaction leaves the newest


@pytest.mark.parametrize("place", [63, 191, 192, 255, 256, 319, 320])
async def test_two_records_may_change_places_anywhere_in_a_long_run(place: int) -> None:
    """Something comes each second, so there is no pause at which the order is beyond doubt."""
    cluster = Cluster()
    told: dict[int, Body] = {
        0: Created("web", FAIR_FIT),
        place: Behaviour("demo_requested"),
        place + 1: AttributesChanged({"title": "vp"}),
    }
    for number in range(400):
        body = told.get(number, Behaviour("page_viewed", f"page-{number}"))
        cluster.publish(event(cluster, number, body, ago_s=0))
        if number != place:  # that one is seen after the next
            cluster.work((CREATED, ATTRIBUTES, BEHAVIOURS))
        cluster.now_us += 1_000_000
    verdict = await cluster.verdict(Limits(slack_s=60))
    assert verdict.examples == []
    assert verdict.reordered == 1


async def test_any_timing_of_batches_and_ticks_is_right(rng: random.Random) -> None:
    """A busy floor, worked in random portions, inputs seconds apart, with time told in between."""
    for _ in range(5):
        cluster = Cluster()
        for one in busy_events(400, 12, rng.randrange(1 << 30), days=60):
            late_us = rng.choice((0, 0, 0, 5_000_000, 3_600_000_000, 86_400_000_000))
            cluster.now_us = max(cluster.now_us, one.time_us + late_us)
            cluster.publish(one)
            if rng.random() < 0.5:
                cluster.work_merged({topic: rng.randrange(5_000) for topic in INPUTS})
                if rng.random() < 0.7:
                    cluster.tick()
        cluster.work_merged(dict.fromkeys(INPUTS, 0))
        cluster.pass_days(rng.choice((0, 30)))
        cluster.tick()
        verdict = await cluster.verdict()
        assert verdict.examples == []
        assert verdict.outputs > 300


@pytest.mark.parametrize(
    ("story", "born_in_one"), [(1, False), (146, False), (5, True), (127, True)]
)
async def test_outages_of_the_brokers_are_right(story: int, born_in_one: bool) -> None:
    """Something about a lead each second; while nobody can publish, time goes on, and topics come back one by one."""
    rng = random.Random(story)
    cluster = Cluster(model=HASTY)
    arriving, free_us = [], dict.fromkeys(INPUTS, 0)
    next_us = START_US + 30_000_000
    back_us = next_us if born_in_one else START_US
    for one in busy_events(300, 1, rng.randrange(1 << 30), days=400 / 86_400):
        if one.time_us >= next_us:  # an outage
            back_us = next_us + rng.randrange(3_000_000, 15_000_000)
            next_us = back_us + rng.randrange(10_000_000, 60_000_000)
        message = compose(one)
        late_us = rng.randrange(5_000)
        if one.time_us < back_us:
            late_us += back_us - one.time_us + rng.randrange(3_000_000)
        free_us[message.topic] = max(free_us[message.topic] + 1, one.time_us + late_us)
        arriving.append((free_us[message.topic], message))
    arriving.sort(key=lambda each: each[0])
    while arriving:
        cluster.now_us += rng.randrange(50_000, 1_000_000)
        while arriving and arriving[0][0] <= cluster.now_us:
            cluster.write(arriving.pop(0)[1])
        if rng.random() < 0.8:
            cluster.work_merged({topic: rng.randrange(2_000) for topic in INPUTS})
            cluster.tick()
    cluster.work_merged(dict.fromkeys(INPUTS, 0))
    cluster.now_us += 3_600_000_000
    cluster.tick()
    verdict = await cluster.verdict(Limits(slack_s=60))
    assert verdict.examples == []
    assert verdict.outputs > 250


async def test_a_full_disk_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the temporary files in which the leads of a large partition wait."""
    full = partial(Path("/dev/full").open, "r+b", buffering=0)
    monkeypatch.setattr(notes, "TemporaryFile", full)

    with pytest.raises(notes.NoRoom, match="No space left on device") as told:
        await a_day_at_work().verdict()

    message, code = explained(told.value) or ("", 0)
    assert "TMPDIR" in message
    assert code == Exit.FAILED
