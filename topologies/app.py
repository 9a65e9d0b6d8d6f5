"""The Faust app of one stage: its agent, and what happens when partitions come and go.

Knows Faust and the lanes; knows no event.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import faust
import structlog
from faust.types import TP

from scorer.engine.ports import StageFactory
from scorer.observe.logs import Event
from scorer.settings import Settings
from scorer.transport.clock import Clock
from scorer.transport.exits import BrokerUnreachable, TransportError, WriteFailed
from scorer.transport.fetched import Fetched, Frontier
from scorer.transport.lanes import Lanes, Report
from topologies.consumer import BatchConsumer, BatchTransport, RawSchema

_log = structlog.get_logger()


class _Boot(faust.App.BootStrategy):
    enable_kafka_producer = False  # lanes have producers of their own, with transactions
    enable_web = False  # Faust's serves table contents on all interfaces


class StageApp(faust.App):
    """One stage, one consumer group, one agent; a lane for each partition it owns."""

    BootStrategy = _Boot
    mundane_level = "debug"  # of Faust's lines about its services

    def __init__(
        self,
        settings: Settings,
        factory: StageFactory,
        directory: Path,
        member: str,
        *,
        model_hash: str,
        clock: Clock,
        report: Report,
        on_failure: Callable[[TransportError], None],
    ) -> None:
        self.product = settings
        self.stage = factory.name
        self.member = member
        self.clock = clock
        self.fail = on_failure
        self.lanes = Lanes(
            settings,
            factory,
            directory,
            model_hash=model_hash,
            clock=clock,
            report=report,
            frontier=self._frontier,
            on_failure=on_failure,
        )
        super().__init__(settings.group(factory.name), **_options(settings, directory))
        self._carry([settings.topic(name) for name in factory.inputs])
        self.on_partitions_revoked.connect(self._revoked)
        self.on_rebalance_complete.connect(self._rebalanced)

    @property
    def _batches(self) -> BatchConsumer:
        return cast(BatchConsumer, self.consumer)

    def _frontier(self, topic: str, partition: int) -> Frontier | None:
        return self._batches.frontier(topic, partition)

    def check_membership(self) -> None:
        """End the worker if it can take no further part in its group; cheap, asked each second."""
        error = self._batches.trouble()
        if error is not None:
            group = self.product.group(self.stage)
            self.fail(BrokerUnreachable(f"the membership in group {group} ended: {error!r}"))

    async def fetch_overdue(self) -> None:
        """Ask again for what the brokers have and the client does not bring; cheap, called each second."""
        if not self._batches.flow_active:
            return  # a rebalance
        for topic, partition, offset in self.lanes.overdue(time.monotonic()):
            _log.warning(
                Event.INPUT_OVERDUE,
                topic=topic,
                partition=partition,
                offset=offset,
                advice="it is fetched again; if this line comes often, report it with the lines before it",
            )
            await self._batches.reread(topic, partition, offset)

    def loops(self) -> list[asyncio.AbstractEventLoop]:
        """The worker's own, and that of its consumer's thread."""
        return [self.loop, self._batches.thread_loop]

    async def on_stop(self) -> None:
        await self.lanes.close()
        await super().on_stop()

    def _carry(self, topics: Sequence[str]) -> None:
        """The agent: every batch to the lane of its partition. It never blocks on a lane."""
        source = self.topic(*topics, schema=RawSchema(), acks=False)

        async def carry(stream: Any) -> None:
            try:
                async for batch in stream.noack():
                    await self._deliver(batch)
            except Exception as error:  # Faust would log it, skip the batch and go on
                self.fail(WriteFailed(f"the agent failed: {error!r}", "read the log"))
                raise

        self.agent(source, name=self.stage, concurrency=1)(carry)

    async def _deliver(self, batch: Fetched) -> None:
        offset = self.lanes.deliver(batch)
        if offset is not None:
            await self._batches.reread(batch.topic, batch.partition, offset)

    async def _revoked(self, _app: Any, revoked: set[TP], **_kwargs: Any) -> None:
        self._batches.forget_frontiers()
        await self.lanes.revoke()

    async def _rebalanced(self, _app: Any, **_kwargs: Any) -> None:
        """Faust awaits this before it seeks to the committed offsets and fetches again."""
        self._batches.forget_frontiers()
        await self.lanes.assign({tp.partition for tp in self._batches.assignment()})

    def _new_transport(self) -> Any:
        return BatchTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Faust keeps nothing on disk."""


def _options(settings: Settings, directory: Path) -> dict[str, Any]:
    kafka = settings.kafka
    return {
        "broker": [f"kafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")],
        "datadir": str(directory),
        "autodiscover": False,
        "broker_session_timeout": float(kafka.session_timeout_s),
        "broker_request_timeout": max(
            kafka.request_timeout_ms / 1000, kafka.session_timeout_s + 1.0
        ),
        "broker_commit_interval": 3600.0,  # nothing is ever there to commit
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
    }
