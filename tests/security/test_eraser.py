"""`dlq erase` on real Apache Kafka with the rights of its role: enough, none too many, and what lacks is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid

import pytest
from aiokafka import AIOKafkaProducer

from scorer.cli.erasing import erase_letters, erased_leads
from scorer.cli.exits import Exit
from scorer.cli.kafka import KafkaBroker
from scorer.cli.session import Session
from scorer.contracts.dead_letters import dead_letter
from scorer.contracts.reasons import Rejected, RejectReason
from scorer.engine.memory import MemoryRecord
from scorer.settings import Settings, environment
from scorer.transport.acls import Grant, Operation, Role, grants
from scorer.transport.clients import read, sending
from scorer.transport.exits import TransportError
from tests.security.conftest import Connect, Secured, plainly, taken_away

pytestmark = pytest.mark.real_kafka

LETTERS, SCORES = "leads.dead-letters.v1", "leads.scores.v1"
RIGHTS = [
    (LETTERS, Operation.READ),
    (LETTERS, Operation.WRITE),
    (LETTERS, Operation.DELETE),
    (SCORES, Operation.READ),
]


def test_the_role_has_these_rights_and_no_other() -> None:
    needed = grants(Settings(), Role.ERASER)
    assert [(grant.name, each) for grant in needed for each in grant.operations] == RIGHTS


@pytest.fixture
async def leads(secured: Secured) -> tuple[str, str]:
    """Two leads with a dead letter each; the first is erased. Both are in one partition."""
    settings, tag = plainly(secured), uuid.uuid4().hex
    gone, stays = f"gone-{tag}", f"stays-{tag}"
    now_ms = time.time_ns() // 1_000_000
    why = Rejected(RejectReason.INVALID_JSON, "line 1")
    async with sending(settings) as send:
        for lead in (gone, stays):
            bad = MemoryRecord("leads.behaviours.v1", lead.encode(), b"{", now_ms)
            await send([dead_letter(bad, why, app="leadscorer", version="1")._replace(partition=0)])
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    await producer.send_and_wait(settings.topic(SCORES), b"{}", key=gone.encode())
    await producer.send_and_wait(settings.topic(SCORES), None, key=gone.encode())
    await producer.stop()
    return gone, stays


async def letters(secured: Secured) -> list[bytes]:
    """The keys of all dead letters."""
    settings = plainly(secured)
    return [record.key async for record in read(settings, [settings.topic(LETTERS)])]


def erase(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from scorer.cli.main import run; run()", "dlq", "erase", *words],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_its_rights_are_enough_to_erase_what_erased_leads_left(
    secured: Secured, connect: Connect, leads: tuple[str, str]
) -> None:
    gone, stays = (lead.encode() for lead in leads)
    done = erase(connect("janitor"), "--erased", "--json")
    assert done.returncode == Exit.OK, done.stderr
    assert json.loads(done.stdout)["letters"] >= 1
    left = await letters(secured)
    assert (left.count(gone), left.count(stays)) == (0, 1)


@pytest.mark.parametrize(("topic", "operation"), RIGHTS)
async def test_one_right_too_few_is_named_before_anything_is_written(
    secured: Secured, connect: Connect, leads: tuple[str, str], topic: str, operation: Operation
) -> None:
    """Found out at the cut, the letters that stay would have been written twice each time."""
    settings = connect("janitor")
    role = {grant.name: grant for grant in grants(settings, Role.ERASER)}
    before = await letters(secured)
    name = settings.topic(topic)
    with taken_away(secured, Grant(role[name].resource, name, (operation,)), "janitor"):
        said = erase(settings, "--erased")
        assert said.returncode == Exit.CONFIG
        assert f"{operation} on topic {name}\n" in said.stderr
        assert "topics acls --principal User:janitor --role eraser" in said.stderr
        assert await letters(secured) == before
        session = Session(settings, KafkaBroker(settings), lambda: time.time_ns() // 1_000)
        with pytest.raises(TransportError):  # and it is not asked for without need
            await erase_letters(session, await erased_leads(session), dry_run=False)


async def test_letters_of_named_leads_and_a_dry_run_need_less(
    secured: Secured, connect: Connect, leads: tuple[str, str]
) -> None:
    """Whoever may only read can count; whoever names leads need not read the scores."""
    settings, gone = connect("janitor"), leads[0]
    role = {grant.name: grant for grant in grants(settings, Role.ERASER)}
    cut = role[settings.topic(LETTERS)]._replace(operations=(Operation.WRITE, Operation.DELETE))
    with taken_away(secured, cut, "janitor"):
        assert "1 dead letters about 1 leads would be" in erase(settings, gone, "--dry-run").stdout
    with taken_away(secured, role[settings.topic(SCORES)], "janitor"):
        assert "1 dead letters about 1 leads erased" in erase(settings, gone).stdout
    assert gone.encode() not in await letters(secured)
