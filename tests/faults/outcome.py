"""What came of each fault: read out of a run of pytest, kept one file a fault, and read again.

Knows JUnit XML, JSON and the catalogue; a run of a few faults renews what is kept of these.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    run: Mapping[str, Any] = field(default_factory=dict)  # when, on what, with which seed

    def worse(self, result: Result, why: str) -> None:
        if result.rank > self.result.rank:
            self.result, self.why = result, why


def keep(found: Iterable[Outcome], folder: Path, run: Mapping[str, Any]) -> None:
    """One file a fault, in place of what an earlier run has left."""
    for one in found:
        page = {
            "result": one.result,
            "why": one.why,
            "tests": one.tests,
            "nodes": one.fault.tests,
            "evidence": one.evidence,
            "run": run,
        }
        (folder / f"{one.fault.id}.json").write_text(json.dumps(page, indent=2), encoding="utf-8")


def kept(folder: Path) -> list[Outcome]:
    """Every fault of the catalogue, run or not."""
    return [_kept(fault, folder / f"{fault.id}.json") for fault in FAULTS]


def _kept(fault: Fault, file: Path) -> Outcome:
    if not file.exists():
        return Outcome(fault, Result.MISSING, why="it was not run")
    page = json.loads(file.read_text("utf-8"))
    out = Outcome(
        fault, Result(page["result"]), page["evidence"], page["tests"], page["why"], page["run"]
    )
    for test in sorted(set(fault.tests) - set(page["nodes"])):
        out.worse(Result.MISSING, f"{test} was not run")
    return out


def outcomes(report: Path, wanted: Sequence[str] | None = None) -> list[Outcome]:
    """The faults of the catalogue, or those that were wanted, after a run."""
    cases: dict[str, list[ET.Element]] = defaultdict(list)
    for case in ET.parse(report).iter("testcase"):
        cases[_node(case)].append(case)
    return [_outcome(fault, cases) for fault in FAULTS if wanted is None or fault.id in wanted]


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
