"""What a run of pytest says about each fault. Knows JUnit XML and the catalogue, writes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.faults.catalogue import FAULTS, Fault
from tests.fixtures.evidence import PROPERTY


class Result(StrEnum):
    """Ordered: the worst of the tests of a fault is the fault's."""

    PASSED = "passed"
    SKIPPED = "not run: skipped"
    MISSING = "not run: missing"
    LATE = "passed, but too slow"
    FAILED = "FAILED"

    @property
    def rank(self) -> int:
        return list(Result).index(self)


@dataclass
class Outcome:
    """One fault after a run."""

    fault: Fault
    result: Result = Result.PASSED
    evidence: list[dict[str, Any]] = field(default_factory=list)
    tests: int = 0
    why: str = ""

    def worse(self, result: Result, why: str) -> None:
        if result.rank > self.result.rank:
            self.result, self.why = result, why


def outcomes(report: Path) -> list[Outcome]:
    """Every fault of the catalogue, run or not."""
    cases: dict[str, list[ET.Element]] = defaultdict(list)
    for case in ET.parse(report).iter("testcase"):
        cases[_node(case)].append(case)
    return [_outcome(fault, cases) for fault in FAULTS]


def _node(case: ET.Element) -> str:
    """The pytest node of a case, without its parameters."""
    name = case.attrib["name"].partition("[")[0]
    return f"{case.attrib['classname'].replace('.', '/')}.py::{name}"


def _outcome(fault: Fault, cases: dict[str, list[ET.Element]]) -> Outcome:
    out = Outcome(fault)
    for test in fault.tests:
        found = cases.get(test, [])
        if not found:
            out.worse(Result.MISSING, f"{test} was not run")
        for case in found:
            out.tests += 1
            _add(out, case)
    for seen in out.evidence:
        recovery_s = seen["recovery_s"]
        if fault.limit_s and recovery_s is not None and recovery_s > fault.limit_s:
            out.worse(Result.LATE, f"{recovery_s} s where {fault.limit_s:g} s are allowed")
    return out


def _add(out: Outcome, case: ET.Element) -> None:
    for each in case.iter("property"):
        if each.attrib["name"] == PROPERTY:
            seen = json.loads(each.attrib["value"])
            if seen["fault"] == out.fault.id:
                out.evidence.append(seen)
    for kind, result in (
        ("failure", Result.FAILED),
        ("error", Result.FAILED),
        ("skipped", Result.SKIPPED),
    ):
        for bad in case.iter(kind):
            out.worse(result, f"{case.attrib['name']}: {bad.attrib.get('message', '')[:200]}")
