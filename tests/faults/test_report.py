"""The page of docs/reliability.md says what was seen, and first what was not as it must be."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.bench.ground import ROOT
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.outcome import Outcome, Result, keep, kept, outcomes
from tests.faults.report import PAGE, page, write
from tests.fixtures.evidence import PROPERTY

RUN = {
    "at": "2026-01-01T00:00:00+00:00",
    "seed": 7,
    "minutes": 1.0,
    "machine": {
        "cores": 2,
        "memory_gib": 8,
        "system": "Linux",
        "python": "3.11",
        "kafka": "4.1.0",
        "lead_scorer": "0",
        "packages": {},
        "native_fold": False,
        "load_average_before": [0.0],
    },
}


def run(path: Path, *, without: str = "", failed: str = "", recovery_s: float = 1.0) -> Path:
    """A report of pytest in which every test of the catalogue passed, but for these."""
    suite = ET.Element("testsuite")
    for fault in FAULTS:
        for test in fault.tests:
            file, _, name = test.partition("::")
            place = file.removesuffix(".py").replace("/", ".")
            case = ET.SubElement(suite, "testcase", classname=place, name=f"{name}[1]")
            if fault.id == without:
                suite.remove(case)
            elif fault.id == failed:
                ET.SubElement(case, "failure", message="1 == 0")
            seen = {"fault": fault.id, "injected": "it", "times": 1, "recovery_s": recovery_s}
            seen |= {"note": "", "events": 10, "missing": 0, "doubled": 0}
            seen |= {"conflicting": 0, "wrong": 0}
            properties = ET.SubElement(case, "properties")
            ET.SubElement(properties, "property", name=PROPERTY, value=json.dumps(seen))
    ET.ElementTree(suite).write(path)
    return path


def results(found: list[Outcome]) -> dict[str, Result]:
    return {one.fault.id: one.result for one in found if one.result is not Result.PASSED}


def first_lines(found: list[Outcome], soaks: Any = ()) -> str:
    return "\n".join(page(found, soaks)).partition("Made by")[0]


def test_the_page_says_what_was_found(tmp_path: Path) -> None:
    """Both are committed: a run of one fault renews its part, in whatever clone it is done."""
    write(tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text("utf-8") == PAGE.read_text("utf-8"), (
        "run `python -m tests.faults.report`"
    )


def test_the_catalogue_is_complete() -> None:
    assert [fault.id for fault in FAULTS] == [f"X{number}" for number in range(1, 22)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_every_test_of_the_catalogue_exists(fault: Fault) -> None:
    assert fault.tests
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), test


def test_a_run_in_which_all_passed_says_so(tmp_path: Path) -> None:
    found = outcomes(run(tmp_path / "junit.xml"))
    assert results(found) == {}
    assert "21 of 21 faults passed" in first_lines(found)


def test_a_fault_that_failed_is_said_first(tmp_path: Path) -> None:
    found = outcomes(run(tmp_path / "junit.xml", failed="X7"))
    assert results(found) == {"X7": Result.FAILED}
    assert "**X7: FAILED**" in first_lines(found)


def test_a_fault_that_was_not_run_is_said_first(tmp_path: Path) -> None:
    found = outcomes(run(tmp_path / "junit.xml", without="X7"))
    assert results(found) == {"X7": Result.MISSING}
    assert "X7: not run" in first_lines(found)


def test_a_recovery_beyond_its_pass_line_is_said_first(tmp_path: Path) -> None:
    found = outcomes(run(tmp_path / "junit.xml", recovery_s=3.0))
    assert results(found) == {"X5": Result.LATE}  # 2 s are allowed
    assert "3.0 s where 2 s are allowed" in first_lines(found)


def test_a_soak_that_was_not_run_or_failed_is_said_first(tmp_path: Path) -> None:
    found = outcomes(run(tmp_path / "junit.xml"))
    assert "The soak was not run" in first_lines(found)
    lines = "\n".join(page(found, ())).splitlines()
    assert lines[2].startswith("- **The soak")
    failed = {"passed": False, "why": "memory", "rate": 100.0}
    assert "- **The soak at 100 events/s FAILED**: memory" in [*islice(page(found, [failed]), 3)]


def test_a_run_of_one_fault_renews_what_is_kept_of_it_and_of_no_other(tmp_path: Path) -> None:
    junit = run(tmp_path / "junit.xml", failed="X7")
    keep(outcomes(junit), tmp_path, RUN)
    assert results(kept(tmp_path)) == {"X7": Result.FAILED}

    junit = run(tmp_path / "junit.xml", failed="X8")
    keep(outcomes(junit, ["X7"]), tmp_path, {**RUN, "at": "2026-01-02T00:00:00+00:00"})

    assert results(kept(tmp_path)) == {}
    text = "\n".join(page(kept(tmp_path), ()))
    assert "Run of X7: 2026-01-02" in text


def test_a_test_that_joined_the_catalogue_after_the_run_was_not_run(tmp_path: Path) -> None:
    keep(outcomes(run(tmp_path / "junit.xml")), tmp_path, RUN)
    file = tmp_path / "X7.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "nodes": []}))
    assert results(kept(tmp_path)) == {"X7": Result.MISSING}
