"""What every command works with: settings, brokers, a clock. Replaced as a whole in tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from scorer.contracts.records import Message, Record
    from scorer.settings import Settings

Send = Callable[["Sequence[Message]"], Awaitable[None]]
"""Returns when the brokers have the messages. Topics are logical names."""


class Broker(Protocol):
    """What commands ask of the brokers. Raises `TransportError`s only."""

    def read(
        self, topics: Sequence[str], *, follow: bool = False, from_end: bool = False
    ) -> AsyncIterator[Record]:
        """Committed records of topics (logical names), to the present end or for ever."""

    async def state(self, stage: str, key: bytes) -> bytes | None:
        """The stored state of one lead in a stage, None when there is none."""

    def sending(self) -> AbstractAsyncContextManager[Send]:
        """A way to publish."""

    async def may_erase(self, *, every_erased: bool, dry_run: bool) -> None:
        """Raise a `TransportError` that names the rights which `dlq erase` lacks."""

    async def take_out(
        self, topic: str, goes: Callable[[Record], bool], *, dry_run: bool = False
    ) -> tuple[int, int]:
        """Take records out of a topic (logical name); how many went, how many were written anew."""


@dataclass(frozen=True)
class Session:
    """One invocation of the command line."""

    settings: Settings
    broker: Broker
    now_us: Callable[[], int]


def session(ctx: typer.Context) -> Session:
    """The session of a command: a test's own, else one made from the environment."""
    if isinstance(ctx.obj, Session):
        return ctx.obj
    from scorer.cli.kafka import KafkaBroker
    from scorer.settings import Settings
    from scorer.transport.clock import clock_for

    settings = Settings()
    clock = clock_for(settings.clock.scale, settings.clock.origin_us, settings.clock.started_us)
    return Session(settings, KafkaBroker(settings), clock.now_us)
