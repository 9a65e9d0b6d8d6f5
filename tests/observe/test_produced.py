"""Every count that a stage has a name for is made by something that publishers do."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from scorer.contracts.model.file import load_model
from scorer.contracts.records import Message
from scorer.engine.memory import MemoryDriver, MemoryRecord
from scorer.engine.pool import INPUTS, pool_factory
from scorer.engine.scoring import scoring_factory
from scorer.observe.catalogue import CATALOGUE, Kind
from scorer.observe.metrics import Metrics
from tests.deploy.eventful import eventful

NOW_US = 1_795_005_000_000_000
BY_THE_LANE = {
    "events_consumed", "dead_letters", "processing_seconds", "batch_records", "end_to_end_seconds",
    "consumer_lag_records", "last_processed_timestamp_seconds", "last_commit_timestamp_seconds",
    "watermark_timestamp_seconds", "transaction_seconds", "transactions_aborted", "rebalances",
    "partitions", "partitions_ready", "restore_seconds", "due_backlog", "build_info",
    "leads", "next_due_timestamp_seconds",
}  # fmt: skip
"""What the worker around a stage tells; tests/deploy/test_scrape.py finds it on a running one."""
BY_THE_SECOND = {
    "consistency_checks"
}  # of a lead that is held already: tests/engine/test_inspection.py
ONLY_IN_TROUBLE = {"inconsistencies", "metrics_undeclared"}
BY_TIME = {"crossing_lateness_seconds"}  # of a lead that cools down: tests/engine/test_measures.py


def records(messages: Sequence[Message]) -> list[MemoryRecord]:
    return [
        MemoryRecord(m.topic, m.key, m.value, NOW_US // 1_000, m.headers, 0, offset)
        for offset, m in enumerate(messages)
    ]


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What is scraped after everything that publishers do."""
    model = load_model("default")
    scoring = MemoryDriver(scoring_factory(model, app="test", version="0")(0))
    pool = MemoryDriver(pool_factory(model, app="test", version="0")(0))
    metrics = Metrics("both")
    published = [*eventful(NOW_US)]
    said = scoring.feed(records(published))
    pool.feed(records([m for m in (*published, *said) if m.topic in INPUTS]))
    pool.advance(NOW_US)
    for driver in (scoring, pool):
        metrics.add(driver.stage.counters(), 0)
    return metrics.text().decode().splitlines()


def test_no_count_of_a_stage_is_without_a_cause(told: list[str]) -> None:
    moved = {line.split("{")[0] for line in told if not line.endswith(" 0.0")}
    still = {
        metric.key
        for metric in CATALOGUE
        if (metric.name + "_count" if metric.kind is Kind.HISTOGRAM else metric.name) not in moved
    }
    assert still == BY_THE_LANE | BY_THE_SECOND | ONLY_IN_TROUBLE | BY_TIME


def test_no_lead_owner_or_behaviour_becomes_a_label_value(told: list[str]) -> None:
    """So the number of series is bounded, whatever is published."""
    labels = " ".join(re.findall(r"\{(.*)\}", "\n".join(told)))
    assert not re.search(r"doubled-|late-|held-|voided-|rep-|danced", labels)
    assert len([line for line in told if line.startswith("leadscorer_")]) < 1_000
