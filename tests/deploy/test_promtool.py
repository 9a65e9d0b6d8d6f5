"""The alert rules, tried by Prometheus' own tool: each fires where it must and stays quiet where not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"
PROMTOOL = shutil.which("promtool")
ABSENT = "no promtool: the alert rules were not tried (Debian, Ubuntu: apt install prometheus)"


def _load(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(PROMETHEUS / name)


ALERTS = [r["alert"] for g in _load("rules.yml")["groups"] for r in g["rules"] if "alert" in r]


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tried_both_ways(alert: str) -> None:
    cases = [
        case
        for test in _load("rules_test.yml")["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert
    ]
    assert any(case["exp_alerts"] for case in cases), "it must fire somewhere"
    assert any(not case["exp_alerts"] for case in cases), "it must stay quiet somewhere"


def test_alerts_fire_where_they_must_and_stay_quiet_where_not() -> None:
    _promtool("test", "rules", "rules_test.yml")


def test_prometheus_accepts_rules_and_configuration() -> None:
    _promtool("check", "config", "prometheus.yml")


def _promtool(*words: str) -> None:
    if PROMTOOL is None:
        pytest.skip(ABSENT)
    done = subprocess.run(
        [PROMTOOL, *words], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
