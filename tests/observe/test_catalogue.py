"""The catalogue of metrics keeps the promises that dashboards and alerts build on."""

from __future__ import annotations

import re

import pytest

import schemas.catalogue
from scorer.observe.catalogue import CATALOGUE, EVENTS_CONSUMED, Kind, Metric
from scorer.observe.metrics import Metrics

EACH = pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.key)


@EACH
def test_every_metric_says_what_it_means_and_what_to_do(metric: Metric) -> None:
    assert metric.meaning.endswith(".")
    assert metric.remedy.endswith(".")


@EACH
def test_names_carry_the_prefix_the_base_unit_and_total(metric: Metric) -> None:
    assert re.fullmatch(r"leadscorer_[a-z][a-z_]*[a-z]", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.key.endswith(metric.unit)
    assert not re.search(r"_(ms|us|millis|minutes|hours)", metric.name)


@EACH
def test_no_label_names_a_lead(metric: Metric) -> None:
    assert not {"lead", "lead_id", "key", "id", "owner"} & set(metric.labels)


@EACH
def test_histograms_have_ascending_buckets_and_others_none(metric: Metric) -> None:
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_every_series_with_closed_labels_stands_at_zero_before_anything_happens() -> None:
    lines = Metrics("scoring").text().decode().splitlines()
    samples = [line for line in lines if line.startswith("leadscorer_")]
    for metric in CATALOGUE:
        if all(metric.labels.values()):
            assert any(line.startswith(metric.name) for line in samples), metric.name
    assert {line.rpartition(" ")[2] for line in samples} == {"0.0"}


def test_the_topics_of_the_labels_have_cards() -> None:
    cards = set(schemas.catalogue.topic_cards())
    assert set(EVENTS_CONSUMED.labels["topic"]) <= cards
