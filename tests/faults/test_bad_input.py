"""Bad input on a running worker, on real Kafka: one dead letter each, the neighbours scored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from scorer.contracts.compose import compose
from scorer.contracts.dead_letters import DEAD_LETTERS_TOPIC, DeadLetter, parse_dead_letter
from scorer.contracts.inputs import OWNERS_TOPIC
from scorer.contracts.published import TIERS_TOPIC
from scorer.contracts.reasons import RejectReason as R
from scorer.domain.events import Created, LeadEvent
from scorer.engine.memory import MemoryRecord
from scorer.engine.owners import is_owner, owner_of
from scorer.reference.bad_inputs import REJECTED
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.brokers.real import Broker
from tests.contracts.bad_records import MADE, good
from tests.fixtures.kafka import OnBroker
from tests.fixtures.wire import Sent, write
from tests.fixtures.workers import Worker, scoring_worker, states, until_seen

pytestmark = pytest.mark.real_kafka

CREATED = "leads.created.v1"
STRUCTURED = (b"content-type", b"application/cloudevents+json")


@pytest.fixture
async def settings(real_kafka: Broker, on: OnBroker) -> Settings:
    settings = on(real_kafka.bootstrap_servers)
    await admin.apply(settings, ["scoring"])
    return settings


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Worker:
    return scoring_worker(settings, tmp_path / "worker.log")


@pytest.fixture
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
    await producer.start()
    yield producer
    await producer.stop()


def created(number: int, **changed: Any) -> Sent:
    """A good event, or one with attributes of its envelope changed (None: left out)."""
    lead = f"lead-{number}"
    event = LeadEvent(lead, _now_us(), "/test", f"e-{number}", Created("web", {"title": "cto"}))
    message = compose(event)
    assert message.value is not None
    document = orjson.loads(message.value) | changed
    value = orjson.dumps({name: one for name, one in document.items() if one is not None})
    return Sent(message.key, value, (STRUCTURED,))


def _now_us() -> int:
    return time.time_ns() // 1_000


def bad_records() -> list[tuple[R, Sent]]:
    """One record for each way of being wrong that can be told apart."""
    good = created(900)
    assert good.value is not None
    tomorrow = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    return [
        (R.INVALID_JSON, good._replace(value=good.value[:-10])),
        (R.WRONG_TYPE, created(900, data={"lead_id": 900, "source_channel": "web"})),
        (R.VERSION_UNKNOWN, created(900, type="leadscorer.lead.created.v2")),
        (R.KEY_MISSING, good._replace(key=None)),
        (R.KEY_MISMATCH, good._replace(key=b"lead-901")),
        (R.TIME_IN_FUTURE, created(900, time=tomorrow)),
        (R.VALUE_TOO_LARGE, good._replace(value=good.value + b" " * 65_536)),
        (R.TOMBSTONE, good._replace(value=None)),
        (R.VALUE_EMPTY, good._replace(value=b"")),
        (R.TYPE_UNKNOWN, created(900, type="leadscorer.lead.invented.v1")),
        (R.HEADER_INVALID, good._replace(headers=(STRUCTURED, (b"gr\xfc\xdfe", b"1")))),
        (R.KEY_NOT_UTF8, good._replace(key=b"\xff\xfe")),
    ]


async def test_bad_input_becomes_one_dead_letter_each_and_its_neighbours_are_scored(
    settings: Settings, worker: Worker, producer: AIOKafkaProducer
) -> None:
    """Bad and good records alternate in one batch; the worker goes on as if nothing had been."""
    bad = bad_records()
    batch = [one for n, (_, sent) in enumerate(bad) for one in (created(n), sent)]
    batch += [created(len(bad))]
    with worker:
        await write(producer, settings.topic(CREATED), 0, batch)

        scores = await until_seen(settings, "leads.scores.v1", len(bad) + 1)
        letters = await until_seen(settings, DEAD_LETTERS_TOPIC, len(bad))

        assert worker.running()
        assert [r.key for r in scores] == [b"lead-%d" % n for n in range(len(bad) + 1)]
        found = [_parsed(record) for record in letters]
        assert [letter.reason for letter in found] == [reason.value for reason, _ in bad]
        assert [letter.offset for letter in found] == list(range(1, 2 * len(bad), 2))
        assert {letter.topic for letter in found} == {settings.topic(CREATED)}
        for letter, (_, sent) in zip(found, bad, strict=True):
            assert (letter.key, letter.value) == (sent.key, sent.value)
        assert worker.stop() == 0


def _parsed(record: Any) -> DeadLetter:
    letter = parse_dead_letter(record)
    assert letter is not None
    return letter


async def test_what_publishers_may_do_is_no_fault(
    settings: Settings, worker: Worker, producer: AIOKafkaProducer
) -> None:
    """Every codec, a thousand headers, headers that forge a report, no headers at all."""
    topic = settings.topic(CREATED)
    many = tuple((b"x-%d" % n, b"y") for n in range(999))
    forged = ((b"leadscorer.errors.reason", b"none"), (b"leadscorer.errors.offset", b"x"))
    plain = [
        created(0)._replace(headers=(*many, STRUCTURED)),
        created(1)._replace(headers=(STRUCTURED, *forged)),
        created(2)._replace(headers=()),
    ]
    with worker:
        await write(producer, topic, 0, plain)
        for number, codec in enumerate(("gzip", "snappy", "lz4", "zstd"), len(plain)):
            await _send(settings, created(number), compression_type=codec)

        scores = await until_seen(settings, "leads.scores.v1", len(plain) + 4)

        assert {r.key for r in scores} == {b"lead-%d" % n for n in range(len(plain) + 4)}
        assert worker.stop() == 0


async def test_what_a_publisher_took_back_in_its_transaction_was_never_said(
    settings: Settings, worker: Worker, producer: AIOKafkaProducer
) -> None:
    """Aborted records and the marks of transactions lie between those that count."""
    with worker:
        await _send(settings, created(0))
        await _in_transaction(settings, created(1), commit=False)
        await _in_transaction(settings, created(2), commit=True)
        await _in_transaction(settings, created(3), commit=False)
        await _send(settings, created(4))

        scores = await until_seen(settings, "leads.scores.v1", 3)

        assert [r.key for r in scores] == [b"lead-0", b"lead-2", b"lead-4"]
        assert worker.stop() == 0


async def test_a_record_on_another_partition_than_its_keys_is_a_lead_of_that_partition(
    settings: Settings, worker: Worker, producer: AIOKafkaProducer
) -> None:
    """Nobody can tell it from a publisher with a partitioner of his own: it is read where it lies."""
    with worker:
        for partition in (0, 1):
            await write(producer, settings.topic(CREATED), partition, [created(7 + partition)])
        await write(producer, settings.topic(CREATED), 1, [created(7)])

        scores = await until_seen(settings, "leads.scores.v1", 3)

        assert {(r.partition, r.key) for r in scores} == {
            (0, b"lead-7"),
            (1, b"lead-7"),
            (1, b"lead-8"),
        }
        assert worker.stop() == 0


async def test_the_pool_tells_of_what_it_alone_reads_and_goes_on(
    settings: Settings, producer: AIOKafkaProducer, tmp_path: Path
) -> None:
    """Owners and crossings, bad and good in one batch; every codec; what was taken back."""
    await admin.apply(settings, ["pool"])
    owners, tiers = settings.topic(OWNERS_TOPIC), settings.topic(TIERS_TOPIC)
    expected = [reason.value for reason in REJECTED.values() if reason is not R.TIME_IN_FUTURE]
    batch = []
    for number, name in enumerate(REJECTED):
        if REJECTED[name] is not R.TIME_IN_FUTURE:  # the broker's clock decides, not that of a test
            batch += [_sent(good(OWNERS_TOPIC, f"rep-{number}").record())]
            batch += [_sent(MADE[name](good(OWNERS_TOPIC, "bad")))]
    with Worker(settings, ["topologies.worker", "pool"], tmp_path / "pool.log") as pool:
        await write(producer, owners, 0, batch)
        await write(producer, tiers, 0, [Sent(b"lead-1", b"{"), Sent(b"lead-1", None)])
        letters = await until_seen(settings, DEAD_LETTERS_TOPIC, len(expected) + 1)
        for number, codec in enumerate(("gzip", "snappy", "lz4", "zstd")):
            one = _sent(good(OWNERS_TOPIC, f"codec-{number}").record())
            await _send(settings, one, OWNERS_TOPIC, compression_type=codec)
        taken_back = _sent(good(OWNERS_TOPIC, "taken-back").record())
        await _in_transaction(settings, taken_back, OWNERS_TOPIC, commit=False)
        last = _sent(good(OWNERS_TOPIC, "last").record())
        await _in_transaction(settings, last, OWNERS_TOPIC, commit=True)
        known = await _owners_known(settings, len(expected) + 5)

        found = [_parsed(record) for record in letters]
        assert [each.reason for each in found if each.topic == owners] == expected
        assert [each.reason for each in found if each.topic == tiers] == [R.INVALID_JSON.value]
        assert {f"codec-{n}" for n in range(4)} | {"last"} <= known
        assert not known & {"bad", "taken-back"}
        assert pool.stop() == 0


async def _owners_known(settings: Settings, count: int) -> set[str]:
    """The owners in the states of the pool, as soon as there are so many."""
    for _ in range(300):
        keys = await states(settings, "pool")
        if len(keys) >= count:
            return {owner_of(key) for key in keys if is_owner(key)}
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{len(keys)} of {count} owners are known")


def _sent(record: MemoryRecord) -> Sent:
    """The record as the wire has it."""
    headers = tuple(
        (name.encode("utf-8", "surrogateescape"), content) for name, content in record.headers
    )
    return Sent(record.key, record.value, headers)


async def _send(settings: Settings, one: Sent, topic: str = CREATED, **options: Any) -> None:
    servers = settings.kafka.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, **options) as producer:
        await _put(producer, settings, one, topic)


async def _in_transaction(
    settings: Settings, one: Sent, topic: str = CREATED, *, commit: bool
) -> None:
    servers, name = settings.kafka.bootstrap_servers, settings.topic("foreign")
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=name) as producer:
        await producer.begin_transaction()
        await _put(producer, settings, one, topic)
        await (producer.commit_transaction() if commit else producer.abort_transaction())


async def _put(producer: AIOKafkaProducer, settings: Settings, one: Sent, topic: str) -> None:
    await producer.send_and_wait(
        settings.topic(topic),
        one.value,
        key=one.key,
        partition=0,
        headers=[(raw.decode(), content or b"") for raw, content in one.headers],
    )
