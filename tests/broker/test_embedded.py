"""The broker that demos bring along."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorer.transport.brokers.embedded import EmbeddedBroker
from scorer.transport.brokers.ports import listening
from scorer.transport.brokers.selftest import prove
from scorer.transport.exits import BrokerUnreachable


def test_it_leaves_nothing_behind() -> None:
    """No process and no files, once the block is left."""
    with EmbeddedBroker() as broker:
        assert listening(broker.port)
        data_dir = broker.data_dir
    assert (listening(broker.port), data_dir.exists()) == (False, False)


def test_a_directory_that_was_given_is_kept(tmp_path: Path) -> None:
    """It may hold what somebody wants to look at."""
    with EmbeddedBroker(tmp_path / "broker"):
        pass
    assert (tmp_path / "broker").is_dir()


async def test_it_can_do_what_lanes_rely_on(embedded_broker: EmbeddedBroker) -> None:
    """Transactions, fencing, committed reads and offsets of groups."""
    await prove(embedded_broker.bootstrap_servers)


def test_a_port_that_is_taken_is_an_error_with_a_remedy(
    embedded_broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A binary that cannot start is named, and the way out is a real broker."""
    monkeypatch.setattr(EmbeddedBroker, "_command", lambda _self: ["false"])
    with pytest.raises(BrokerUnreachable, match="did not start"):
        EmbeddedBroker(tmp_path / "x").start()
