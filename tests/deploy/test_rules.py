"""Alert rules speak of metrics and labels that exist, and each has a runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scorer.observe.catalogue import CATALOGUE, STAGE, Kind
from scorer.settings import Settings
from scorer.transport.topics import STAGES

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
FOREIGN = {"process_start_time_seconds"}  # comes with every Python process that has metrics


def _load(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(PROMETHEUS / name)


def _rules() -> list[dict[str, Any]]:
    return [rule for group in _load("rules.yml")["groups"] for rule in group["rules"]]


RULES = _rules()
ALERTS = [rule for rule in RULES if "alert" in rule]


def _names() -> Iterator[str]:
    for metric in CATALOGUE:
        if metric.kind is Kind.HISTOGRAM:
            yield from (f"{metric.name}_{part}" for part in ("bucket", "count", "sum"))
        else:
            yield metric.name
    yield from (rule["record"] for rule in RULES if "record" in rule)
    yield from FOREIGN


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    asked = set(re.findall(r"\b(?:leadscorer|process)[_:][a-z0-9_:]+", rule["expr"]))
    assert asked
    assert asked <= set(_names())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_groups_by_labels_that_exist(rule: dict[str, Any]) -> None:
    known = {STAGE, "le", "instance"} | {label for metric in CATALOGUE for label in metric.labels}
    for labels in re.findall(r"\bby \(([^)]*)\)", rule["expr"]):
        assert {label.strip() for label in labels.split(",")} <= known


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_has_a_severity_a_summary_and_a_runbook(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook"] == f"docs/runbooks/{alert['alert']}.md"


def test_every_runbook_belongs_to_an_alert() -> None:
    runbooks = {path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")} - {"README"}
    assert runbooks == {alert["alert"] for alert in ALERTS}


def test_prometheus_reads_the_rules_and_scrapes_both_stages_of_both_workers() -> None:
    config = _load("prometheus.yml")
    assert all((PROMETHEUS / name).exists() for name in config["rule_files"])
    compose = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
    (job,) = config["scrape_configs"]
    targets = [target.split(":") for target in job["static_configs"][0]["targets"]]
    assert {host for host, _ in targets} <= set(compose["services"])
    first = Settings().web.port
    ports = [str(first + number) for number in range(len(STAGES))]
    assert targets == [[host, port] for host in ("scorer-1", "scorer-2") for port in ports]


def test_runbooks_name_only_metrics_that_exist() -> None:
    known = {metric.name for metric in CATALOGUE}
    for path in (ROOT / "docs" / "runbooks").glob("*.md"):
        assert set(re.findall(r"leadscorer_[a-z_]+", path.read_text("utf-8"))) <= known, path.name
