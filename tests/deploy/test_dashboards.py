"""The dashboards are what the code writes, and ask for metrics and labels that exist."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scorer.observe.catalogue import CATALOGUE, STAGE, Kind

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
RULES = GRAFANA.parent / "prometheus" / "rules.yml"
FOREIGN = {
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
}


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("dashboards", GRAFANA / "dashboards.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE = _generator()
QUERIES = [
    pytest.param(expr, id=f"{panel.title}: {legend}")
    for _, panels in MADE.DASHBOARDS.values()
    for panel in panels
    for legend, expr in panel.queries.items()
]


def _known() -> set[str]:
    names = set(FOREIGN)
    for metric in CATALOGUE:
        parts = ("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",)
        names |= {metric.name + part for part in parts}
    rules = YAML(typ="safe", pure=True).load(RULES)["groups"]
    return names | {r["record"] for group in rules for r in group["rules"] if "record" in r}


@pytest.mark.parametrize("uid", MADE.DASHBOARDS)
def test_a_dashboard_is_as_the_code_would_write_it(uid: str) -> None:
    there = (GRAFANA / "dashboards" / f"{uid}.json").read_text("utf-8")
    assert there == MADE.text(uid), "run: python deploy/grafana/dashboards.py"


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_asks_for_metrics_that_exist(query: str) -> None:
    asked = set(re.findall(r"\b(?:leadscorer|process)[_:][a-z0-9_:]+", query))
    assert asked
    assert asked <= _known()


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_groups_and_filters_by_labels_that_exist(query: str) -> None:
    known = {STAGE, "le", "instance", "job"} | {name for m in CATALOGUE for name in m.labels}
    for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", query):
        assert {label.strip() for label in labels.split(",")} <= known
    assert set(re.findall(r'[{,](\w+)="', query)) <= known


@pytest.mark.parametrize("uid", MADE.DASHBOARDS)
def test_panels_do_not_cover_each_other(uid: str) -> None:
    cells = [
        (x, y)
        for panel in json.loads(MADE.text(uid))["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def _asked(name: str, queries: str) -> bool:
    return re.search(rf"\b{name}(_bucket)?\b", queries) is not None


def test_every_metric_is_on_a_dashboard_or_needs_none() -> None:
    shown = " ".join(query.values[0] for query in QUERIES)  # type: ignore[misc]
    unseen = {metric.name for metric in CATALOGUE if not _asked(metric.name, shown)}
    assert unseen == {
        "leadscorer_events_out_of_order_total",
        "leadscorer_events_late_total",
        "leadscorer_last_processed_timestamp_seconds",
        "leadscorer_metrics_undeclared_total",
    }


def test_grafana_is_given_the_dashboards_and_the_source_that_they_name() -> None:
    yaml = YAML(typ="safe", pure=True)
    source = yaml.load(GRAFANA / "provisioning" / "datasources" / "prometheus.yaml")
    uids = {s["uid"] for s in source["datasources"]}
    assert uids == {MADE.PROMETHEUS.uid}
    provider = yaml.load(GRAFANA / "provisioning" / "dashboards" / "lead-scorer.yaml")
    folder = provider["providers"][0]["options"]["path"]
    compose = yaml.load(GRAFANA.parents[1] / "docker-compose.yml")
    assert f"./deploy/grafana/dashboards:{folder}:ro" in compose["services"]["grafana"]["volumes"]
