"""The same model on Quix Streams, exactly once, commit interval 100 ms, as its docs tune it.

Runs in an environment of its own (tests/bench/subjects.py makes it): its pins are not ours.
"""

from __future__ import annotations

import os
from typing import Any

from quixstreams import Application  # type: ignore[import-not-found]

from tests.bench.rivals.same_fold import SameFold

EVENTS, SCORES, TIERS = (os.environ[f"BENCH_{name}"] for name in ("EVENTS", "SCORES", "TIERS"))
fold = SameFold(os.environ["BENCH_MODEL"], EVENTS)

app = Application(
    broker_address=os.environ["BENCH_SERVERS"],
    consumer_group=os.environ["BENCH_GROUP"],
    auto_offset_reset="earliest",
    processing_guarantee="exactly-once",
    commit_interval=0.1,
    state_dir=os.environ["BENCH_STATE"],
    producer_extra_config={"compression.type": "zstd"},
    loglevel="WARNING",
)
events = app.topic(EVENTS, key_deserializer="bytes", value_deserializer="bytes")
scores = app.topic(SCORES, key_serializer="bytes", value_serializer="bytes")
tiers = app.topic(TIERS, key_serializer="bytes", value_serializer="bytes")


def score(value: bytes, key: bytes, timestamp: int, _headers: Any, state: Any) -> list[Any]:
    after, outputs = fold(key, value, timestamp / 1000, state.get("lead", ""))
    state.set("lead", after)
    return [(o.topic, o.value) for o in outputs]


said = app.dataframe(events).apply(score, stateful=True, metadata=True, expand=True)
said[said.apply(lambda one: one[0].endswith("scores.v1"))].apply(lambda one: one[1]).to_topic(
    scores
)
said[said.apply(lambda one: one[0].endswith("tiers.v1"))].apply(lambda one: one[1]).to_topic(tiers)

if __name__ == "__main__":
    app.run()
