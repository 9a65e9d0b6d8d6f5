"""The brokers and a worker in memory: what a command publishes is scored at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from typer.testing import CliRunner

from scorer.cli.main import app
from scorer.cli.session import Send, Session
from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message, Record
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import INPUTS, pool_factory
from scorer.engine.ports import StateWrite
from scorer.engine.scoring import scoring_factory
from scorer.settings import Settings
from scorer.transport.changelog import frame

NOW_US = 1_795_005_000_000_000  # 2026-11-18 12:30:00 UTC


def _driver() -> MemoryDriver:
    return MemoryDriver(scoring_factory(load_model("default"), app="test", version="0")(0))


def _pool() -> MemoryDriver:
    return MemoryDriver(pool_factory(load_model("default"), app="test", version="0")(0))


@dataclass
class MemoryBroker:
    """`scorer.cli.session.Broker`, with both stages behind it."""

    driver: MemoryDriver = field(default_factory=_driver)
    pool: MemoryDriver = field(default_factory=_pool)
    sent: list[Message] = field(default_factory=list)
    now_us: int = NOW_US

    async def read(
        self, topics: Sequence[str], *, follow: bool = False, from_end: bool = False
    ) -> AsyncIterator[Record]:
        self.pool.advance(self.now_us)
        messages = [*self.sent, *self.driver.outputs, *self.pool.outputs]
        messages += [*self.driver.dead_letters, *self.pool.dead_letters, *self._changelog()]
        for offset, message in enumerate(messages):
            if message.topic in topics and not from_end:
                yield self._record(message, offset)

    async def state(self, stage: str, key: bytes) -> bytes | None:
        self.pool.advance(self.now_us)
        return (self.pool if stage == "pool" else self.driver).store.states.get(key)

    def _changelog(self) -> list[Message]:
        """What is stored of the pool stage, as its changelog has it."""
        topic = Settings().changelog("pool")
        due = self.pool.store.due
        return [
            Message(topic, key, frame(StateWrite(value, due.get(key))))
            for key, value in self.pool.store.states.items()
        ]

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Send]:
        async def send(messages: Sequence[Message]) -> None:
            self.sent += messages
            said = self.driver.feed([self._record(message, 0) for message in messages])
            read = [m for m in (*messages, *said) if m.topic in INPUTS]
            self.pool.feed([self._record(message, 0) for message in read])

        yield send

    async def may_erase(self, *, every_erased: bool, dry_run: bool) -> None:
        """Whoever sits at a memory broker may do everything."""

    async def take_out(
        self, topic: str, goes: Callable[[Record], bool], *, dry_run: bool = False
    ) -> tuple[int, int]:
        there = self.driver.dead_letters
        stay = [m for m in there if not goes(self._record(m, 0))]
        gone = len(there) - len(stay)
        if not dry_run:
            there[:] = stay
        return gone, len(stay) if gone else 0

    def _record(self, message: Message, offset: int) -> MemoryRecord:
        return MemoryRecord(
            message.topic,
            message.key,
            message.value,
            self.now_us // 1000,
            message.headers,
            0,
            offset,
        )


@dataclass
class Desk:
    """A person at the command line."""

    broker: MemoryBroker = field(default_factory=MemoryBroker)
    settings: Settings = field(default_factory=lambda: Settings(model="default"))

    def run(self, *words: str, stdin: str | None = None) -> Said:
        session = Session(self.settings, self.broker, lambda: self.broker.now_us)
        result = CliRunner().invoke(app, list(words), obj=session, input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str
