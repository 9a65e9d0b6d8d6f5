"""The same model on Faust, written as its users would: an agent, a table, `await topic.send`.

At least once, as Faust has it. Only the plumbing differs: decoding, fold and encoding are the product's.
Run as `faust -A tests.bench.rivals.faust_app worker`, or with the environment that `subjects.py` sets.
"""

from __future__ import annotations

import os
from typing import Any

import faust

from tests.bench.rivals.same_fold import SameFold

SERVERS = os.environ["BENCH_SERVERS"]
GROUP = os.environ["BENCH_GROUP"]
EVENTS, SCORES, TIERS = (os.environ[f"BENCH_{name}"] for name in ("EVENTS", "SCORES", "TIERS"))
fold = SameFold(os.environ["BENCH_MODEL"], EVENTS)

app: Any = faust.App(
    GROUP,
    broker=f"kafka://{SERVERS}",
    store="rocksdb://",
    datadir=os.environ["BENCH_STATE"],
    topic_partitions=4,
    topic_replication_factor=1,
    web_enabled=False,
)
events = app.topic(EVENTS, key_type=bytes, value_type=bytes, value_serializer="raw")
scores = app.topic(SCORES, key_type=bytes, value_type=bytes, value_serializer="raw")
tiers = app.topic(TIERS, key_type=bytes, value_type=bytes, value_serializer="raw")
leads = app.Table("leads", key_type=str, value_type=str, default=str)


@app.agent(events)
async def score(stream: Any) -> None:
    async for event in stream.events():
        message = event.message
        lead = message.key.decode()
        state, outputs = fold(message.key, message.value, message.timestamp, leads[lead])
        leads[lead] = state
        for output in outputs:
            topic = scores if output.topic.endswith("scores.v1") else tiers
            await topic.send(key=output.key, value=output.value)


if __name__ == "__main__":
    app.main()
