"""The referee of the pool: it must find every fault, and call nothing a fault that is none."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.pool_codec import decode_follow_up
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.published_pool import POOL_TOPIC, read_pool_output
from scorer.contracts.records import Message
from scorer.domain.events import (
    AttributesChanged,
    Body,
    Created,
    Erased,
    LeadEvent,
    Lock,
    Outcome,
    OutcomeKind,
    OwnerLeft,
    OwnerReturned,
    Ownership,
    OwnershipChange,
    Retraction,
    Touch,
)
from scorer.engine import owners
from scorer.engine.pool import COPY, INPUTS
from scorer.engine.ports import StateWrite
from scorer.transport.changelog import frame
from scorer.verify.referee import Limits
from scorer.verify.source import Spot
from scorer.verify.verdict import Fault, Subject, Unjudged
from tests.verify.pool_cluster import CHANGELOG, START_US, PoolCluster


def event(
    cluster: PoolCluster, id: str, body: Body, lead: str = "ada", ago_s: float = 1
) -> LeadEvent:
    return LeadEvent(lead, cluster.now_us - int(ago_s * 1e6), "/t", f"{lead}-{id}", body)


HEIR = {"ann": "bob", "bob": "eve", "eve": "ann"}


def claim(owner: str = "ann") -> Ownership:
    return Ownership(OwnershipChange.CLAIMED, owner)


def a_week_at_work() -> PoolCluster:
    """One lead is touched, one is not, one heats up; bad records; ann leaves; time passes."""
    cluster = PoolCluster()
    for lead in ("ada", "bob", "cleo"):
        cluster.publish(event(cluster, "new", Created("web"), lead))
        cluster.publish(event(cluster, "claim", claim(), lead, ago_s=0.5))
    cluster.work()
    cluster.pass_hours(12)
    cluster.publish(event(cluster, "call", Touch("call")))
    cluster.publish(event(cluster, "hot", AttributesChanged({"a": 1}), "cleo"))
    cluster.write(Message(TIERS_TOPIC, b"ada", b"{broken"))
    cluster.write(Message(OWNERS_TOPIC, b"ann", b"{broken"))
    cluster.work()
    for _ in range(20):
        cluster.pass_hours(3)
        cluster.tick()
    cluster.publish(event(cluster, "gone", OwnerLeft("eve"), "ann"))
    for _ in range(3):
        cluster.work()
        cluster.tick()
        cluster.pass_hours(0.1)
    cluster.work()
    return cluster


def said(cluster: PoolCluster, lead: bytes) -> list[str]:
    records = [r for p in (0, 1) for r in cluster.logs[Spot(POOL_TOPIC, p)] if r.key == lead]
    return [type(read_pool_output(r.value or b"")).__name__.removesuffix("Event") for r in records]


def kinds(faults: object) -> set[tuple[str, str]]:
    return {(fault.value, subject.value) for fault, subject in faults}  # type: ignore[attr-defined]


async def test_a_right_pool_is_called_right_and_everything_of_it_was_compared() -> None:
    cluster = a_week_at_work()

    verdict = await cluster.verdict()

    assert verdict.examples == []
    assert said(cluster, b"ada") == ["Met", "Met", "HandedOver"]
    assert said(cluster, b"cleo") == ["Met", "FollowUpDue", "Returned", "FollowUpDue"]
    outputs = sum(len(cluster.logs[Spot(POOL_TOPIC, p)]) for p in (0, 1))
    assert verdict.outputs == outputs + 1  # and the copy of ann's leaving
    assert (verdict.leads, verdict.states, verdict.dead_letters) == (3, 5, 2)
    assert verdict.records == 12


@pytest.mark.parametrize("lead", [b"ada", b"bob", b"cleo"])
@pytest.mark.parametrize("what", [b"met", b"re", b""])
async def test_a_lost_word_of_the_pool_is_missing(lead: bytes, what: bytes) -> None:
    cluster = a_week_at_work()
    cluster.lose(POOL_TOPIC, lead, what)
    assert (await cluster.verdict()).faults == {(Fault.MISSING, Subject.OUTPUT): 1}


@pytest.mark.parametrize("lead", [b"ada", b"bob", b"cleo"])
@pytest.mark.parametrize("what", [b"met", b"re", b""])
async def test_a_word_of_the_pool_that_is_there_twice_is_doubled(lead: bytes, what: bytes) -> None:
    cluster = a_week_at_work()
    cluster.double(POOL_TOPIC, lead, what)
    assert (await cluster.verdict()).faults == {(Fault.DOUBLED, Subject.OUTPUT): 1}


async def test_a_word_of_the_pool_with_another_owner_is_wrong() -> None:
    cluster = a_week_at_work()
    cluster.alter(POOL_TOPIC, b"bob", b'"previous_owner":"ann"', b'"previous_owner":"eve"')
    assert (await cluster.verdict()).faults == {(Fault.WRONG, Subject.OUTPUT): 1}


async def test_a_word_repeated_with_another_content_is_conflicting() -> None:
    cluster = a_week_at_work()
    cluster.double(POOL_TOPIC, b"bob")
    cluster.alter(POOL_TOPIC, b"bob", b'"tier":"cold"', b'"tier":"warm"')
    assert (await cluster.verdict()).faults == {(Fault.CONFLICTING, Subject.OUTPUT): 1}


async def test_a_word_that_nothing_asks_for_is_wrong() -> None:
    cluster = a_week_at_work()
    cluster.double(POOL_TOPIC, b"bob")
    cluster.alter(POOL_TOPIC, b"bob", b'"id":"', b'"id":"f')
    assert kinds((await cluster.verdict()).faults) == {("wrong", "output")}


async def test_a_lost_and_an_altered_state_are_found() -> None:
    lost, behind, altered = a_week_at_work(), a_week_at_work(), a_week_at_work()
    for partition in (0, 1):
        log = lost.logs[Spot(CHANGELOG, partition)]
        lost.logs[Spot(CHANGELOG, partition)] = [r for r in log if r.key != b"bob"]
    behind.lose(CHANGELOG, b"bob")
    altered.alter(CHANGELOG, b"ada", b"\3\0eve", b"\3\0bob")  # texts carry their length
    assert (await lost.verdict()).faults == {(Fault.MISSING, Subject.STATE): 1}
    assert (await behind.verdict()).faults == {(Fault.WRONG, Subject.STATE): 1}
    verdict = await altered.verdict()
    assert verdict.faults == {(Fault.WRONG, Subject.STATE): 1}
    assert "head.owner" in verdict.examples[0].why


async def test_a_state_that_cannot_be_read_is_wrong() -> None:
    cluster = a_week_at_work()
    spot, number = cluster.find(CHANGELOG, b"bob")
    record = cluster.logs[spot][number]
    cluster.logs[spot][number] = record._replace(value=(record.value or b"")[:12] + b"{")
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.WRONG, Subject.STATE): 1}


async def test_a_lead_in_the_list_of_another_owner_is_found() -> None:
    """By the list the leads of an owner are found when he leaves."""
    cluster = a_week_at_work()
    spot, _ = cluster.find(CHANGELOG, b"ada")
    cluster.write(Message(CHANGELOG, owners.index_key("eve", b"ada"), None), spot.partition)
    verdict = await cluster.verdict()
    assert verdict.faults == {(Fault.WRONG, Subject.STATE): 1}
    assert verdict.examples[0].why == "is listed for nobody and belongs to eve"


async def test_what_was_heard_of_an_owner_is_compared_on_every_partition() -> None:
    for partition in (0, 1):
        cluster = a_week_at_work()
        spot = Spot(CHANGELOG, partition)
        file = cluster.stores[partition].states[owners.owner_key("ann")]
        write = frame(StateWrite(file.replace(b'"eve"', b'"bob"'), None))
        cluster.write(Message(CHANGELOG, owners.owner_key("ann"), write), spot.partition)
        verdict = await cluster.verdict()
        assert verdict.faults == {(Fault.WRONG, Subject.STATE): 1}
        assert verdict.examples[0].key == "owner ann"


async def test_lost_doubled_and_invented_copies_of_a_leaving_are_found() -> None:
    """Where a copy is lost, leads stay with somebody who is gone: that shows as well."""
    lost, doubled, invented = a_week_at_work(), a_week_at_work(), a_week_at_work()
    spot = next(
        Spot(OWNERS_TOPIC, partition)
        for partition in (0, 1)
        if lost.logs[Spot(OWNERS_TOPIC, partition)][-1].headers[-1][0] == COPY
    )
    lost.logs[spot] = []
    doubled.logs[spot].append(doubled.logs[spot][-1]._replace(offset=9))
    invented.logs[spot].append(invented.logs[spot][-1]._replace(offset=9, value=b"{}"))
    assert ("missing", "output") in kinds((await lost.verdict()).faults)
    assert (await doubled.verdict()).faults == {(Fault.DOUBLED, Subject.OUTPUT): 1}
    assert (await invented.verdict()).faults == {(Fault.WRONG, Subject.OUTPUT): 1}


@pytest.mark.parametrize("key", [b"ada", b"ann"])
async def test_lost_doubled_and_altered_dead_letters_are_found(key: bytes) -> None:
    lost, doubled, altered = a_week_at_work(), a_week_at_work(), a_week_at_work()
    lost.lose(DEAD_LETTERS_TOPIC, key)
    doubled.double(DEAD_LETTERS_TOPIC, key)
    altered.alter(DEAD_LETTERS_TOPIC, key, b"{broken", b"{mended")
    assert kinds((await lost.verdict()).faults) == {("missing", "dead_letter")}
    assert kinds((await doubled.verdict()).faults) == {("doubled", "dead_letter")}
    assert kinds((await altered.verdict()).faults) == {("wrong", "dead_letter")}


async def test_dead_letters_of_the_other_stage_are_its_own() -> None:
    cluster = a_week_at_work()
    spot, number = cluster.find(DEAD_LETTERS_TOPIC, b"ada")
    letter = cluster.logs[spot][number]
    headers = [
        (name, b"leads.behaviours.v1" if value == TIERS_TOPIC.encode() else value)
        for name, value in letter.headers
    ]
    cluster.logs[spot].append(letter._replace(headers=headers, offset=99))
    assert (await cluster.verdict()).right


async def test_a_deadline_that_has_passed_must_be_said_while_a_worker_runs() -> None:
    cluster = PoolCluster()
    cluster.publish(event(cluster, "new", Created("web")), event(cluster, "claim", claim()))
    cluster.work()
    cluster.pass_hours(60)  # and no tick
    assert kinds((await cluster.verdict()).faults) == {("missing", "output"), ("wrong", "state")}
    cluster.alive = False
    verdict = await cluster.verdict()
    assert (verdict.right, verdict.waiting) == (True, 1)


async def test_a_deadline_within_the_grace_may_be_said_or_not() -> None:
    cluster = PoolCluster()
    cluster.publish(event(cluster, "new", Created("web")), event(cluster, "claim", claim()))
    cluster.work()
    due_us = next(store.due[b"ada"] for store in cluster.stores if b"ada" in store.due)
    cluster.now_us = due_us + 1_000_000
    lately = Limits(grace_s=5, slack_s=0)
    assert (await cluster.verdict(lately)).right
    cluster.tick()
    assert (await cluster.verdict(lately)).right


async def test_a_return_that_late_evidence_has_voided_is_right() -> None:
    cluster = PoolCluster()
    cluster.publish(event(cluster, "new", Created("web")), event(cluster, "claim", claim()))
    cluster.work()
    cluster.pass_hours(49)
    cluster.tick()
    cluster.publish(event(cluster, "call", Touch("call"), ago_s=2 * 3600))
    cluster.work()
    assert said(cluster, b"ada") == ["FollowUpDue", "Returned", "Voided", "Met"]
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.ticked_first == 1
    for number in range(4):
        faulty = PoolCluster(cluster.now_us, logs={})
        faulty.logs = {spot: [*log] for spot, log in cluster.logs.items()}
        faulty.folded = cluster.folded
        spot, _ = faulty.find(POOL_TOPIC, b"ada")
        del faulty.logs[spot][number]
        assert not (await faulty.verdict()).right


async def test_time_told_before_a_touch_that_lay_on_its_topic_is_a_fault() -> None:
    """A worker that was down takes no lead from who has worked it meanwhile (X15)."""
    cluster = PoolCluster()
    cluster.publish(event(cluster, "new", Created("web")), event(cluster, "claim", claim()))
    cluster.work()
    cluster.pass_hours(40)
    cluster.publish(event(cluster, "call", Touch("call")))
    cluster.pass_hours(10)
    cluster.tick()
    cluster.work()
    assert ("wrong", "output") in kinds((await cluster.verdict()).faults)


@pytest.mark.parametrize("late", [INPUTS[1], OWNERS_TOPIC])
async def test_the_order_of_a_silent_lead_shows_in_its_stored_state(late: str) -> None:
    """The fourth who is gone hands it to nobody; if he is heard of later he is the first again."""
    cluster = PoolCluster()
    for owner, to in (("ann", "bob"), ("bob", "eve"), ("eve", "dan")):
        cluster.publish(event(cluster, "gone", OwnerLeft(to), owner))
    cluster.work()
    cluster.tick()
    cluster.pass_hours(1)
    cluster.publish(event(cluster, "gone", OwnerLeft("fred"), "dan"))
    cluster.publish(event(cluster, "claim", claim("ann"), ago_s=7200))
    cluster.work({late: 1_000})
    cluster.pass_hours(1)
    cluster.tick()
    cluster.publish(event(cluster, "call", Touch("call")))
    cluster.work()
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.reordered == (late == INPUTS[1])


async def test_leads_older_than_the_inputs_are_not_judged() -> None:
    cluster = a_week_at_work()
    spot = next(Spot(INPUTS[0], p) for p in (0, 1) if cluster.logs[Spot(INPUTS[0], p)])
    key = cluster.logs[spot][0].key
    cluster.begins[spot] = 1
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.unjudged == {Unjudged.OLD_EVIDENCE: 1}
    cluster.double(POOL_TOPIC, key or b"")
    assert kinds((await cluster.verdict()).faults) == {("doubled", "output")}


async def test_a_tier_that_compaction_has_taken_away_is_no_fault() -> None:
    cluster = a_week_at_work()
    cluster.lose(TIERS_TOPIC, b"cleo")
    assert not (await cluster.verdict()).right
    cluster.compacted_before_ms = {TIERS_TOPIC: START_US // 1000 + 1}
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.unjudged == {Unjudged.OLD_EVIDENCE: 1}


async def test_leads_of_another_policy_are_not_judged() -> None:
    cluster = a_week_at_work()
    stored = cluster.stores[0].states.get(b"ada") or cluster.stores[1].states[b"ada"]
    policy = decode_follow_up(stored).policy_hash.encode()
    spot, number = cluster.find(CHANGELOG, b"ada")
    record = cluster.logs[spot][number]
    value = (record.value or b"").replace(policy, b"0" * 16)
    cluster.logs[spot][number] = record._replace(value=value)
    verdict = await cluster.verdict()
    assert verdict.examples == []
    assert verdict.unjudged == {Unjudged.OTHER_MODEL: 1}


_SILENT = (
    "493875337:tests/verify/test_pool_referee.py::test_any_timing_of_batches_and_ticks_is_right"
)
"""A lead that nobody created is moved from owner to owner; its order shows in its stored state alone."""


@pytest.mark.parametrize(
    "seed", [*(f"timing {n}" for n in range(4)), "more 8", pytest.param(_SILENT, id="silent")]
)
async def test_any_timing_of_batches_and_ticks_is_right(seed: str) -> None:
    """Reps who claim, call, leave and come back; evidence seconds or a day late; topics out of step."""
    rng = random.Random(seed)
    for _ in range(6):
        cluster = _a_world(rng, lambda: rng.expovariate(1 / 1.5))
        verdict = await cluster.verdict()
        assert verdict.examples == []
        assert verdict.outputs > 30


async def test_any_order_of_topics_is_right_where_records_come_within_seconds() -> None:
    """Far more orders than can be tried, and most records say nothing by themselves."""
    rng, reordered = random.Random("seconds apart"), 0
    for _ in range(4):
        cluster = _a_world(rng, lambda: rng.choice((0, 0.0003, 0.0005, rng.expovariate(1 / 3))))
        verdict = await cluster.verdict()
        assert verdict.examples == []
        reordered += verdict.reordered
    assert reordered > 0


def _a_world(rng: random.Random, pause_hours: Callable[[], float]) -> PoolCluster:
    cluster = PoolCluster()
    for number in range(260):
        cluster.pass_hours(pause_hours())
        late_s = rng.choice((1, 1, 1, 40, 3_600, 86_400))
        lead = f"lead-{rng.randrange(8)}"
        body, about = _anything(rng, number, lead)
        late_s = 1 if about in HEIR else late_s
        cluster.publish(event(cluster, str(number), body, about, late_s))
        if rng.random() < 0.5:
            cluster.work({topic: rng.randrange(4_000) for topic in INPUTS})
            if rng.random() < 0.7:
                cluster.tick()
    for _ in range(3):
        cluster.pass_hours(rng.choice((0, 30)))
        cluster.work()
        cluster.tick()
    cluster.work()
    return cluster


def _anything(rng: random.Random, number: int, lead: str) -> tuple[Body, str]:
    who = rng.choice(("ann", "bob", "eve"))
    if number < 8:
        return Created("web", owner=rng.choice((None, who))), f"lead-{number}"
    body: Body = rng.choice(
        (
            claim(who), claim(who), Ownership(OwnershipChange.RELEASED, pool="west"), Touch("call", who),
            Touch("call", who), Touch("note"), Lock(rng.random() < 0.5), AttributesChanged({"a": 1}),
            AttributesChanged({}, ("a",)), Outcome(rng.choice((*OutcomeKind,))), Erased(),
            Retraction("/t", f"{lead}-{rng.randrange(number)}", follow_up=True),
            OwnerLeft(rng.choice((None, "dan", HEIR[who], who))), OwnerReturned(),
        )
    )  # fmt: skip
    return (body, who) if isinstance(body, OwnerLeft | OwnerReturned) else (body, lead)
