"""What is legal in a model and yet hardly meant: rules that never count, tiers out of reach.

Knows the model language; knows no lead. `check` never raises for a bad model: what keeps it from
loading is a finding of severity `error`, in the same list and form.
"""

from __future__ import annotations

from pathlib import Path as FilePath

from scorer.contracts.model.build import build
from scorer.contracts.model.check_follow_up import follow_up_checks
from scorer.contracts.model.check_rules import RULE_CHECKS
from scorer.contracts.model.check_whole import WHOLE_CHECKS
from scorer.contracts.model.file import load_document
from scorer.contracts.model.findings import Finding, Severity, Subject
from scorer.contracts.model.problems import ModelError
from scorer.contracts.model.reach import reach

__all__ = ["Finding", "Severity", "check"]


def check(source: FilePath | str) -> list[Finding]:
    """Everything worth a look in a model (path, shipped name or text), in file order."""
    try:
        document, read = load_document(source)
    except ModelError as error:
        return [
            Finding(Severity.ERROR, p.line, p.path, p.message, p.remedy, "does_not_load")
            for p in error.problems
        ]
    model = build(document)
    subject = Subject(document, read, model, reach(document, model))
    findings = [f for whole in WHOLE_CHECKS for f in whole(subject)]
    findings += follow_up_checks(subject)
    for index in range(len(model.rules)):
        findings += [f for single in RULE_CHECKS for f in single(subject, index)]
    return sorted(findings, key=lambda finding: finding.line)
