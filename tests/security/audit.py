"""`make audit`: known vulnerabilities of the locked packages. Reads requirements from stdin; says what it did not see.

pip-audit calls it "no known vulnerabilities" when it could look up nothing, as behind a mirror of PyPI that
has packages only. So its report is counted here. Asks PyPI, and OSV when PyPI answers for none of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

SERVICES: Final = {"pypi": "PyPI", "osv": "OSV"}
ELSEWHERE: Final = (
    "run `make audit` where pypi.org or api.osv.dev can be reached, in CI at the latest"
)


class Verdict(NamedTuple):
    """What is said, and the exit code."""

    text: str
    code: int
    audited: bool = True


def verdict(report: Mapping[str, Any] | None) -> Verdict:
    """What a report of pip-audit comes to; None: there is none, because the service is out of reach."""
    packages: Sequence[Mapping[str, Any]] = report["dependencies"] if report else ()
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    known = len(packages) - len(skipped)
    bad = [line for each in packages for line in _findings(each)]
    if bad:
        lines = "\n  ".join(bad)
        return Verdict(f"vulnerable:\n  {lines}\n→ raise it in pyproject.toml, `make lock`", 1)
    if not known:
        what = f"knows none of {len(packages)} packages" if packages else "does not answer"
        return Verdict(what, 0, audited=False)
    if skipped:
        names = ", ".join(skipped)
        remedy = "is it the package that you mean? Then look by hand, and leave it out here"
        return Verdict(f"{known} packages audited, but nobody knows {names} → {remedy}", 1)
    return Verdict(f"{known} packages audited: no known vulnerabilities", 0)


def _findings(package: Mapping[str, Any]) -> Iterator[str]:
    for one in package.get("vulns", ()):
        mended = ", ".join(one["fix_versions"]) or "no release yet"
        yield f"{package['name']} {package['version']}: {one['id']}, mended in {mended}"


def ask(requirements: str, service: str) -> Mapping[str, Any] | None:
    """pip-audit's report; None when it could not make one."""
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off",
        "--format", "json", "--vulnerability-service", service, "--requirement", "/dev/stdin",
    ]  # fmt: skip
    done = subprocess.run(command, input=requirements, capture_output=True, text=True, check=False)
    try:
        found: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return found


def main() -> int:
    requirements = sys.stdin.read()
    unseen = []
    for service, name in SERVICES.items():
        it = verdict(ask(requirements, service))
        if it.audited:
            print(it.text)
            return it.code
        unseen.append(f"{name} {it.text}")
    print(f"NOT AUDITED: {', '.join(unseen)} → {ELSEWHERE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
