"""A store that may have missed the null of an erased lead is not trusted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import changelog_card
from scorer.engine.ports import StateWrite
from scorer.transport import restore
from scorer.transport.changelog import frame
from scorer.transport.restore import TRUSTED_MS, Distrust
from scorer.transport.store import Mark, Store

DAY_MS = 86_400_000


def test_nulls_are_kept_longer_than_a_store_is_trusted() -> None:
    kept = int(changelog_card("app", "scoring").configs["delete.retention.ms"])
    assert kept - TRUSTED_MS >= DAY_MS


@pytest.mark.parametrize(("days", "distrust"), [(5, None), (6.1, Distrust.OUTDATED)])
def test_a_store_left_behind_for_days_is_emptied(
    tmp_path: Path, days: float, distrust: Distrust | None
) -> None:
    store = Store(tmp_path / "0", "owner")
    left_ms = int(time.time() * 1000 - days * DAY_MS)
    store.apply({b"erased-meanwhile": frame(StateWrite(b"state", None))}, Mark(10, left_ms))
    fill: Any = restore._Fill(store, tmp_path / "0", "owner", 20, None, ())
    fill.begin(0)
    try:
        assert fill._done.distrust is distrust
        assert fill.store.get_many([b"erased-meanwhile"]) == [None if distrust else b"state"]
    finally:
        fill.store.close()
