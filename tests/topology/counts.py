"""What a store counts, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from scorer.transport.store import Store


def told(store: Store) -> Mapping[str, int]:
    """Without the tiers that are empty again."""
    assert store.leads is not None
    return {tier: count for tier, count in store.leads.items() if count}
