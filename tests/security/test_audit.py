"""The audit of the locked packages says what it found, and never that all is well when it saw nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.security import audit
from tests.security.audit import verdict

GOOD: dict[str, Any] = {"name": "orjson", "version": "3.13.0", "vulns": []}
BAD: dict[str, Any] = {
    "name": "requests",
    "version": "2.19.0",
    "vulns": [{"id": "PYSEC-2018-28", "fix_versions": ["2.20.0"], "aliases": []}],
}
UNKNOWN: dict[str, Any] = {"name": "orjsom", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([GOOD], 0, "1 packages audited: no known vulnerabilities"),
        ([GOOD, BAD], 1, "requests 2.19.0: PYSEC-2018-28, mended in 2.20.0"),
        ([UNKNOWN, BAD], 1, "requests 2.19.0"),
        ([GOOD, UNKNOWN], 1, "nobody knows orjsom"),
        ([UNKNOWN, UNKNOWN], 0, "knows none of 2 packages"),
    ],
)
def test_a_report_is_judged_by_what_was_looked_up(
    packages: list[dict[str, Any]], code: int, said: str
) -> None:
    it = verdict({"dependencies": packages, "fixes": []})
    assert it.code == code
    assert said in it.text
    assert "→" in it.text or code == 0


def test_a_service_out_of_reach_is_no_failure_and_no_success() -> None:
    """A build without a network must go on; nobody must believe that it was audited."""
    assert verdict(None) == ("does not answer", 0, False)


def test_where_nobody_can_be_asked_the_audit_says_so_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = {"pypi": {"dependencies": [UNKNOWN]}, "osv": None}
    monkeypatch.setattr(audit, "ask", lambda _requirements, service: reports[service])
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert audit.main() == 0
    said = capsys.readouterr().out
    assert said.startswith("NOT AUDITED: PyPI knows none of 1 packages, OSV does not answer → ")
