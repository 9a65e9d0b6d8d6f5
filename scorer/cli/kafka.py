"""The brokers as commands see them, over `scorer.transport`. Knows no Kafka client itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from scorer.cli.session import Send
from scorer.contracts.records import Message, Record
from scorer.settings import Settings
from scorer.transport import client
from scorer.transport.changelog import unframe


@dataclass(frozen=True)
class KafkaBroker:
    """`scorer.cli.session.Broker` on real brokers."""

    settings: Settings

    def read(self, topics: Sequence[str], *, follow: bool = False, from_end: bool = False) -> AsyncIterator[Record]:
        """Committed records, to the present end or for ever."""
        return client.read(self.settings, topics, from_beginning=not from_end, follow=follow)

    async def state(self, stage: str, key: bytes) -> bytes | None:
        """The stored state of one lead, from the partition of its key.

        If it is not there, from wherever it is: publishers built on librdkafka place keys by another
        hash unless told otherwise.
        """
        found = await client.read_state(self.settings, stage, key)
        if found is None:
            changelog = self.settings.changelog(stage).removeprefix(self.settings.topics.prefix)
            async for record in self.read([changelog]):
                if record.key == key:
                    found = unframe(record.value)[1] if record.value else None
        return found

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Send]:
        """A way to publish; a call returns when the brokers have the messages."""
        async with client.publisher(self.settings) as publisher:

            async def send(messages: Sequence[Message]) -> None:
                for message in messages:
                    await publisher.send(message)
                await publisher.flush()

            yield send
