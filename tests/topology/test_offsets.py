"""What a group has committed, by aiokafka's own coordinator and answers as brokers give them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from scorer.transport.offsets import NOTHING, committed_offsets

LOADS, ELSEWHERE, FORBIDDEN = 14, 16, 30  # of Kafka's error codes
ONE, OTHER = TopicPartition("leads", 0), TopicPartition("leads", 1)


def answered(code: int = 0, **offsets: int) -> OffsetFetchResponse_v3:
    """With an error for the whole a broker names no partition."""
    rows = [(int(partition[1:]), at, "", 0) for partition, at in offsets.items()]
    return OffsetFetchResponse_v3(0, [("leads", rows)] if rows else [], code)


class Brokers(GroupCoordinator):
    """A coordinator whose brokers give these answers, one after the other."""

    def __init__(self, *answers: Any) -> None:
        self.group_id = "leadscorer-scoring"
        self.coordinator_id: int | None = 1
        self.looked_up = 0
        self._retry_backoff_ms = 1
        self._answers = iter(answers)
        self._client = SimpleNamespace(send=self._answer)

    async def _answer(self, *_request: Any, **_options: Any) -> Any:
        return next(self._answers)

    async def ensure_coordinator_known(self) -> None:
        self.looked_up += self.coordinator_id is None
        self.coordinator_id = 1

    def coordinator_dead(self) -> None:
        self.coordinator_id = None


async def asked(brokers: Brokers) -> dict[TopicPartition, int]:
    return await committed_offsets(SimpleNamespace(_coordinator=brokers), [ONE, OTHER])


async def test_a_coordinator_that_still_loads_is_asked_again() -> None:
    """Taken for "nothing committed" it would have everything folded once more."""
    assert await asked(Brokers(answered(LOADS), answered(LOADS), answered(_0=7, _1=9))) == {
        ONE: 7,
        OTHER: 9,
    }


async def test_the_coordinator_is_looked_up_anew_when_it_has_moved() -> None:
    brokers = Brokers(answered(ELSEWHERE), answered(_0=7, _1=-1))
    assert await asked(brokers) == {ONE: 7, OTHER: NOTHING}
    assert brokers.looked_up == 1


async def test_a_right_that_is_missing_is_said_and_not_asked_for_again() -> None:
    with pytest.raises(GroupAuthorizationFailedError, match="leadscorer-scoring"):
        await asked(Brokers(answered(FORBIDDEN)))
