"""TLS, sign-in and ACLs on real Apache Kafka: what the docs print is enough, and less is named."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from scorer.contracts.records import Message
from scorer.settings import Settings, effective, environment
from scorer.transport import admin
from scorer.transport.acls import Grant, Operation, Resource, worker_grants
from scorer.transport.clients import read, sending
from scorer.transport.connection import connection
from scorer.transport.exits import ExitCode, NotReady, TransportError
from tests.fixtures.evidence import Evidence, Judged
from tests.fixtures.workers import Worker
from tests.security.conftest import PASSWORDS, Connect, Secured, plainly, taken_away

pytestmark = pytest.mark.real_kafka


def scoring_worker(settings: Settings, log: Path, **env: str) -> Worker:
    return Worker(settings, ["topologies.worker", "scoring"], log, **env)


async def publish(settings: Settings, lead: str, time: str = "2026-01-01T10:00:00Z") -> None:
    async with sending(settings) as send:
        await send([Message("leads.created.v1", lead.encode(), _created(lead, time))])


def _created(lead: str, time: str) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": "leadscorer.lead.created.v1",
            "source": "/shop",
            "id": lead,
            "time": time,
            "data": {"lead_id": lead, "source_channel": "web", "attributes": {"title": "VP Sales"}},
        }
    )


async def score_of(settings: Settings, lead: str) -> Any:
    async with asyncio.timeout(60):
        async for record in read(settings, [settings.topic("leads.scores.v1")], follow=True):
            if record.key == lead.encode():
                return orjson.loads(record.value)["data"]["score"]
    raise AssertionError("the reader ended")


async def test_worker_publisher_and_subscriber_need_no_more_than_their_roles(
    connect: Connect, tmp_path: Path
) -> None:
    with scoring_worker(connect("scorer"), tmp_path / "log") as worker:
        await publish(connect("shop"), "lead-1")
        assert await score_of(connect("crm"), "lead-1") > 0
        assert worker.stop() == ExitCode.OK, worker.log


async def test_the_stage_pool_needs_no_more_than_its_role(connect: Connect, tmp_path: Path) -> None:
    """It reads what the stage scoring writes, and fans owners out in transactions of its own."""
    settings = connect("scorer")
    log = tmp_path / "log"
    with Worker(settings, ["topologies.worker", "pool"], log) as worker:
        await publish(connect("shop"), "lead-old", time="2025-01-01T10:00:00Z")
        async with asyncio.timeout(60):
            async for record in read(
                connect("crm"), [settings.topic("leads.pool.v1")], follow=True
            ):
                if record.key == b"lead-old":  # nobody took it for a year
                    break
        assert worker.stop() == ExitCode.OK, worker.log


async def test_a_client_certificate_takes_the_place_of_a_password(
    secured: Secured, connect: Connect, tmp_path: Path
) -> None:
    mutual = {
        "bootstrap_servers": secured.kafka.mutual,
        "protocol": "SSL",
        "username": None,
        **secured.certificate("scorer"),
    }
    with scoring_worker(connect(**mutual), tmp_path / "log") as worker:
        await publish(plainly(secured), "lead-2")
        assert await score_of(plainly(secured), "lead-2") > 0
        assert worker.stop() == ExitCode.OK, worker.log


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"])
async def test_every_mechanism_signs_in(secured: Secured, connect: Connect, mechanism: str) -> None:
    token = {"token_file": secured.token_file("scorer")} if mechanism == "OAUTHBEARER" else {}
    settings = connect(mechanism=mechanism, **token)
    assert await admin.check(settings, "scoring", ["leads.created.v1"]) == 4


def test_a_wrong_password_ends_the_worker_and_is_not_repeated_in_the_log(
    secured: Secured, connect: Connect, tmp_path: Path
) -> None:
    wrong = secured.password_file("scorer", "wr0ng-and-private")
    with scoring_worker(connect(password_file=wrong), tmp_path / "log") as worker:
        assert worker.wait() == ExitCode.CONFIG
        assert "does not accept the credentials of scorer" in worker.log
        assert "kafka.password_file" in worker.log
        assert "wr0ng-and-private" not in worker.log


async def test_a_certificate_of_an_unknown_authority_is_refused(connect: Connect) -> None:
    with pytest.raises(NotReady, match=r"cannot be trusted.*kafka\.ca_file"):
        await admin.diff(connect(ca_file=None))


async def test_a_missing_client_certificate_is_asked_for(
    secured: Secured, connect: Connect
) -> None:
    settings = connect(bootstrap_servers=secured.kafka.mutual, protocol="SSL")
    with pytest.raises(TransportError, match=r"kafka\.cert_file"):
        await admin.diff(settings)


async def test_a_worker_names_the_one_right_that_it_lacks(
    secured: Secured, connect: Connect, tmp_path: Path
) -> None:
    """One right after the other is taken away: each start ends with its name, and with 78."""
    settings = connect("scorer")
    given = {(g.resource, g.name): g for g in worker_grants(settings, "scoring")}
    for resource, name in [
        (Resource.TOPIC, settings.topic("leads.outcomes.v1")),
        (Resource.TOPIC, settings.topic("leads.tiers.v1")),
        (Resource.TOPIC, settings.changelog("scoring")),
        (Resource.GROUP, settings.group("scoring")),
        (Resource.TRANSACTIONAL_ID, settings.group("scoring") + "-"),
    ]:
        grant = given[resource, name]
        with taken_away(secured, grant), scoring_worker(settings, tmp_path / "log") as worker:
            assert worker.wait() == ExitCode.CONFIG, worker.log
            assert str(grant) in worker.log
            assert "topics acls --principal User:scorer" in worker.log
        (tmp_path / "log").unlink()


async def test_a_right_that_is_taken_away_while_it_works_stops_a_worker_and_names_the_topic(
    secured: Secured, connect: Connect, tmp_path: Path, evidence: Evidence
) -> None:
    """X5: no retries against a refusal for good; with the right back, the event that waited is scored."""
    settings = connect("scorer")
    name = settings.topic("leads.scores.v1")
    write = next(g for g in worker_grants(settings, "scoring") if g.name == name)
    with scoring_worker(settings, tmp_path / "log") as worker:
        await publish(plainly(secured), "lead-4")
        assert await score_of(plainly(secured), "lead-4") > 0
        with taken_away(secured, write):
            began = time.monotonic()
            await publish(plainly(secured), "lead-5")
            assert worker.wait() == ExitCode.TRANSACTION, worker.log
            stopped_s = time.monotonic() - began
            assert name in worker.log
        worker.start()
        assert await score_of(plainly(secured), "lead-5") > 0
    scored = [r.key async for r in read(plainly(secured), [name])]
    judged = Judged(2, doubled=sum(scored.count(k) > 1 for k in (b"lead-4", b"lead-5")))
    evidence.add("X5", "the right to write the scores revoked", judged, recovery_s=stopped_s)
    assert judged == Judged(2)


async def test_one_missing_operation_is_told_from_a_missing_topic(
    secured: Secured, connect: Connect
) -> None:
    name = connect().changelog("scoring")
    with (
        taken_away(secured, Grant(Resource.TOPIC, name, (Operation.WRITE,))),
        pytest.raises(NotReady, match=rf"allow this worker:\n  Write on topic {name}\n"),
    ):
        await admin.check(connect("scorer"), "scoring", ["leads.scores.v1"])


async def test_secrets_are_in_no_output(secured: Secured, connect: Connect, tmp_path: Path) -> None:
    """Everything that is said at the most talkative level, by all who hold the password."""
    password = PASSWORDS["scorer"]
    settings = connect(mechanism="PLAIN", password=password, key_password="pr1vate-key")
    said = [repr(settings), str(settings.kafka), json.dumps(effective(settings), default=str)]
    with scoring_worker(settings, tmp_path / "log", LEADSCORER_LOG_LEVEL="debug") as worker:
        await publish(plainly(secured), "lead-3")
        assert await score_of(plainly(secured), "lead-3") > 0
        said.append(worker.command_line())
        assert worker.stop() == ExitCode.OK
        said.append(worker.log)
    for command in (["config", "show"], ["config", "show", "--json"], ["doctor"], ["status"]):
        done = subprocess.run(
            [sys.executable, "-c", "from scorer.cli.main import run; run()", *command],
            env={**os.environ, **environment(settings)},
            capture_output=True,
            text=True,
            check=False,
        )
        said.append(done.stdout + done.stderr)
    assert all(said)
    for text in said:
        for secret in (password, "pr1vate-key", base64.b64encode(password.encode()).decode()):
            assert secret not in text


async def test_a_reader_stops_while_the_broker_holds_its_question(connect: Connect) -> None:
    """TLS waits for the broker to confirm the end, and a broker that holds a fetch reads nothing."""
    settings = connect("crm", request_timeout_ms=90_000)
    async with AIOKafkaConsumer(
        settings.topic("leads.tiers.v1"),
        **connection(settings.kafka, "patient"),
        fetch_max_wait_ms=60_000,
        auto_offset_reset="latest",
    ) as consumer:
        assert await consumer.getmany(timeout_ms=1_000) == {}  # the question is under way
        async with asyncio.timeout(20):
            await consumer.stop()
