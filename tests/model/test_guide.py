"""Every example of the guide loads, and its tables name what the code knows."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from scorer.contracts.model.check import Severity, check
from scorer.contracts.model.check_rules import RULE_CHECKS
from scorer.contracts.model.check_whole import WHOLE_CHECKS
from scorer.contracts.model.condition_shape import Operator
from scorer.contracts.model.file import load_model
from scorer.domain.model import DecayKind

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "write-a-model.md").read_text("utf-8")
EXAMPLES = re.findall(r"^## ([^\n]+)$.*?^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def read(text: str) -> Any:
    return YAML(typ="rt", pure=True).load(text)


def with_the_smallest(example: str) -> str:
    """Later examples show some sections; the others are those of the first one."""
    whole = StringIO()
    YAML().dump({**read(EXAMPLES[0][1]), **read(example)}, whole)
    return whole.getvalue()


def test_the_guide_has_its_examples() -> None:
    assert len(EXAMPLES) >= 5


def test_the_smallest_model_stands_alone() -> None:
    assert load_model(EXAMPLES[0][1]).name == "small"


@pytest.mark.parametrize(("title", "example"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_an_example_loads(title: str, example: str) -> None:
    found = check(with_the_smallest(example))

    assert [finding for finding in found if finding.severity is Severity.ERROR] == [], title


def test_every_operator_decay_and_check_is_explained() -> None:
    checks = [f.__name__ for f in (*RULE_CHECKS, *WHOLE_CHECKS)]
    words = [*get_args(Operator), *checks]

    assert [word for word in words if f"`{word}`" not in GUIDE] == []
    assert [kind for kind in DecayKind if str(kind) not in GUIDE] == []
