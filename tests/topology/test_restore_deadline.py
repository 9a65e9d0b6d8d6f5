"""A restore that gets no further ends the worker: a partition must not wait for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from scorer.transport import restore
from scorer.transport.exits import Stuck
from scorer.transport.restore import Restore

TP = TopicPartition("app-scoring-changelog", 3)


class Leaderless:
    """A consumer whose partition has records, and nobody who hands them out."""

    async def beginning_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(tps, 0)

    async def end_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(tps, 10)

    def assign(self, tps: list[TopicPartition]) -> None: ...

    def seek(self, tp: TopicPartition, offset: int) -> None: ...

    async def getmany(self, *tps: TopicPartition, **_: Any) -> dict[TopicPartition, list[Any]]:
        return {}

    async def position(self, tp: TopicPartition) -> int:
        return 0


async def test_a_restore_without_progress_names_its_partition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "DEADLINE_S", 0.0)
    consumer: Any = Leaderless()
    with pytest.raises(Stuck, match="partitions 3 of app-scoring-changelog"):
        await Restore(consumer, TP.topic, "owner|").run({3: tmp_path / "3"}, {})
    again = restore.open_store(tmp_path / "3", "owner|3")[0]  # it was closed, so it is not locked
    again.close()
