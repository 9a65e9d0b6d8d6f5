"""What others are compared with can be started: `make bench` alone would tell, hours later."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.bench.subjects import FOLD_NEEDS

_IMPORTED = """
import sys
before = set(sys.modules)
import tests.bench.rivals.same_fold
print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)
"""


def with_what_they_need(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    left = [*names]
    while left:
        name = canonicalize_name(left.pop())
        if name not in found:
            found.add(name)
            needs = [Requirement(line) for line in requires(name) or ()]
            left += [n.name for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
    return found


def test_the_environment_of_quix_streams_has_all_that_our_fold_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True
    )
    of = packages_distributions()
    imported = {canonicalize_name(of[name][0]) for name in done.stdout.split() if name in of}
    assert "orjson" in imported
    assert imported <= with_what_they_need([*FOLD_NEEDS, "pydantic"])
