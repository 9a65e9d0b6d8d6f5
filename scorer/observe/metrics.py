"""The live values of the catalogue, in a registry of their own. Knows Prometheus, knows no Kafka.

One `Metrics` belongs to one process, which runs one stage: `stage` is the first label of every series.
Cheap enough for once a batch (2 µs a call), too dear for once a record: count there, add here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

from scorer import __version__
from scorer.observe import catalogue, logs
from scorer.observe.catalogue import BY_KEY, CATALOGUE, PARTITION, STAGE, Kind, Metric

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Series = tuple[str, ...]
"""The key of a metric and its label values in the catalogue's order, such as ("tier_changes", "cold", "hot", "decay")."""


class Metrics:
    """Counts what one stage does. Safe to call from any thread."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._log = structlog.get_logger()
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second line for every series that nobody looks at
        self._registry = CollectorRegistry()
        self._families: dict[str, MetricWrapperBase] = {}
        self._series: dict[Series, MetricWrapperBase] = {}
        self._complained: set[Series] = set()
        for metric in CATALOGUE:
            self._families[metric.key] = _family(metric, self._registry)
            for values in _closed_values(metric):
                self._open((metric.key, *values))
        ProcessCollector(registry=self._registry)

    def inc(self, metric: Metric, amount: float = 1.0, *labels: str) -> None:
        """Add to a counter or a gauge."""
        self._change((metric.key, *labels), amount, replace=False)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Set a gauge."""
        self._change((metric.key, *labels), value, replace=True)

    def observe(self, metric: Metric, value: float) -> None:
        """Put one value into a histogram."""
        self._change((metric.key,), value, replace=False)

    def add(self, counters: Mapping[Series, float], partition: int | None = None) -> None:
        """Take over what `Stage.counters()` returned; `partition` completes series that need one."""
        for series, amount in counters.items():
            metric = BY_KEY.get(series[0])
            if metric and PARTITION in metric.labels and len(series) == len(metric.labels):
                series = (*series, str(partition))  # noqa: PLW2901  (partition is the last label)
            self._change(series, amount, replace=False)

    def forget_partition(self, partition: int) -> None:
        """Drop the series of a partition that another worker owns now."""
        for series in list(self._series):
            labels = list(BY_KEY[series[0]].labels)
            if PARTITION in labels and series[1 + labels.index(PARTITION)] == str(partition):
                self._families[series[0]].remove(self._stage, *series[1:])
                del self._series[series]

    def describe(self, model: str, model_version: str, model_hash: str) -> None:
        """Say which model runs; a model replaced at run time replaces the old line."""
        self._families[catalogue.BUILD_INFO.key].clear()
        self._series = {
            s: child for s, child in self._series.items() if s[0] != catalogue.BUILD_INFO.key
        }
        self.set(catalogue.BUILD_INFO, 1.0, __version__, model, model_version, model_hash)

    def text(self) -> bytes:
        """Everything in the format that Prometheus scrapes."""
        return generate_latest(self._registry)

    def value(self, name: str, **labels: str) -> float | None:
        """The present value of one sample by its exposed name, None if there is no such series."""
        return self._registry.get_sample_value(name, {STAGE: self._stage, **labels})

    def _change(self, series: Series, amount: float, *, replace: bool) -> None:
        child = self._series.get(series) or self._open_on_demand(series)
        if child is None:
            self._complain(series)
        elif isinstance(child, Histogram):
            child.observe(amount)
        elif isinstance(child, Gauge) and replace:
            child.set(amount)
        elif isinstance(child, Counter | Gauge):
            child.inc(amount)

    def _open_on_demand(self, series: Series) -> MetricWrapperBase | None:
        """Create a series whose labels are not all closed, such as one of a new partition."""
        metric = BY_KEY.get(series[0])
        if metric is None or len(series) != 1 + len(metric.labels):
            return None
        for value, allowed in zip(series[1:], metric.labels.values(), strict=True):
            if allowed and value not in allowed:
                return None
        return self._open(series)

    def _open(self, series: Series) -> MetricWrapperBase:
        child = self._families[series[0]].labels(self._stage, *series[1:])
        self._series[series] = child
        return child

    def _complain(self, series: Series) -> None:
        """A gap in the catalogue must be seen, but must not stop a worker that scores correctly."""
        self._change((catalogue.UNDECLARED.key,), 1.0, replace=False)
        if series not in self._complained:
            self._complained.add(series)
            self._log.error(logs.Event.METRIC_UNDECLARED, series=list(series))


def _family(metric: Metric, registry: CollectorRegistry) -> MetricWrapperBase:
    name, labels = catalogue.PREFIX + metric.key, (STAGE, *metric.labels)
    if metric.kind is Kind.COUNTER:
        return Counter(name, metric.meaning, labels, registry=registry)
    if metric.kind is Kind.GAUGE:
        return Gauge(name, metric.meaning, labels, registry=registry)
    return Histogram(name, metric.meaning, labels, registry=registry, buckets=metric.buckets)


def _closed_values(metric: Metric) -> Iterator[Sequence[str]]:
    """All combinations of label values; none when a label (partition, version) is open."""
    for values in product(*metric.labels.values()):
        if metric is not catalogue.TIER_CHANGES or values[0] != values[1]:
            yield values
