"""The brokers as commands see them, over `scorer.transport`. Knows no Kafka client itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scorer.contracts.records import Record
    from scorer.settings import Settings
    from scorer.transport.clients import Send


@dataclass(frozen=True)
class KafkaBroker:
    """`scorer.cli.session.Broker` on real brokers. Imports the client when it is first needed."""

    settings: Settings

    def read(
        self, topics: Sequence[str], *, follow: bool = False, from_end: bool = False
    ) -> AsyncIterator[Record]:
        """Committed records, to the present end or for ever."""
        from scorer.transport import clients

        names = [self.settings.topic(name) for name in topics]
        return clients.read(self.settings, names, follow=follow, from_end=from_end)

    async def state(self, stage: str, key: bytes) -> bytes | None:
        """The stored state of one lead, from the partition of its key.

        If it is not there, from wherever it is: publishers built on librdkafka place keys by another
        hash unless told otherwise.
        """
        from scorer.transport.placement import partition_of

        likely = partition_of(key, self.settings.topics.partitions)
        found = await self._last(stage, key, likely)
        return await self._last(stage, key, None) if found is None else found

    async def _last(self, stage: str, key: bytes, partition: int | None) -> bytes | None:
        from scorer.transport import clients
        from scorer.transport.changelog import unframe

        found: bytes | None = None
        changelog = self.settings.changelog(stage)
        async for record in clients.read(self.settings, [changelog], partition=partition):
            if record.key == key:
                found = record.value
        return unframe(found)[1] if found else None

    def sending(self) -> AbstractAsyncContextManager[Send]:
        """A way to publish; a call returns when the brokers have the messages."""
        from scorer.transport import clients

        return clients.sending(self.settings)

    async def may_erase(self, *, every_erased: bool, dry_run: bool) -> None:
        """Ask before anything is written: without the last right copies would be left behind."""
        from scorer.transport.acls import Role, eraser_grants
        from scorer.transport.admin import insist_on

        needed = eraser_grants(self.settings, every_erased=every_erased, dry_run=dry_run)
        await insist_on(self.settings, needed, Role.ERASER)

    async def take_out(
        self, topic: str, goes: Callable[[Record], bool], *, dry_run: bool = False
    ) -> tuple[int, int]:
        """Take records out of a topic; the others of their partitions move to its end."""
        from scorer.transport.takeout import take_out

        return await take_out(self.settings, topic, goes, dry_run=dry_run)
