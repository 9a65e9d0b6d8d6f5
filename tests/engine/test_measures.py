"""What the scoring stage measures besides counting: how late publishers are, and how late we are."""

from __future__ import annotations

import pytest

from scorer.domain import events as e
from scorer.domain.model import Decay, DecayKind
from scorer.observe import catalogue as c
from scorer.observe.metrics import Metrics
from tests.domain.given import DAY, HOUR, START, behaviour_rule, model
from tests.engine.given import driver, event, record

FADING = model(behaviour_rule("demo", 100.0, decay=Decay(DecayKind.HALF_LIFE, 14 * DAY)))
AGE, LATENESS = (c.EVENT_AGE_SECONDS.key,), (c.CROSSING_LATENESS_SECONDS.key,)


def test_the_age_of_a_batch_is_that_of_its_latest_comer() -> None:
    """Minutes between what happened and its arrival; a publisher's clock that is fast is no age."""
    it = driver(FADING)
    arrival_ms = (START + 10 * HOUR) // 1000
    ages = []
    for hours in ((9, 7, 10), (10.01,), ()):
        happened = [event(START + int(h * HOUR), e.Created("web")) for h in hours]
        it.feed([record(one, timestamp=arrival_ms) for one in happened])
        ages.append(it.stage.counters().get(AGE))

    assert ages == [3 * 3600.0, 0.0, None]


def test_a_crossing_is_late_by_what_the_partition_is_ahead_of_its_instant() -> None:
    """After downtime: the instant is exact, the telling was late."""
    it = driver(FADING)
    it.feed([record(event(START, e.Created("web"))), record(event(START, e.Behaviour("demo")))])
    due = next(iter(it.store.due.values()))
    it.stage.counters()

    it.advance(due + 90_000_000)

    assert it.stage.counters()[LATENESS] == pytest.approx(90.0)
    it.advance(due + 100_000_000)
    assert LATENESS not in it.stage.counters()


def test_what_a_stage_counts_is_in_the_catalogue() -> None:
    """Histograms take values, counters increments, through one door."""
    it, metrics = driver(FADING), Metrics("scoring")
    it.feed([record(event(START, e.Created("web")), timestamp=START // 1000 + 4_000)])

    metrics.add(it.stage.counters(), 0)

    assert metrics.value("leadscorer_event_age_seconds_sum") == pytest.approx(4.0)
    assert metrics.value("leadscorer_event_age_seconds_count") == 1
    assert metrics.value("leadscorer_metrics_undeclared_total") == 0
