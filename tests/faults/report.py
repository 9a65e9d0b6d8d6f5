"""docs/reliability.md, from the last run of each fault and the last soak. Knows Markdown, runs nothing.

`python -m tests.faults.report` writes it anew from what lies in docs/results/faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.ground import ROOT
from tests.faults.outcome import Outcome, Result, kept

RESULTS: Final = ROOT / "docs" / "results" / "faults"
SOAK: Final = RESULTS / "soak.json"
PAGE: Final = ROOT / "docs" / "reliability.md"
_INTRODUCTION: Final = """\
Made by `make faults` and `make soak` from what they [found](results/faults); do not edit. Each fault is brought about on real Apache Kafka (X13, X14,
X18 and X20 are laws of the pure fold and need no broker), and judged by an independent fold of the input topics:
`lead-scorer verify` for the product ([what it believes](how-to/verify.md)), a plain sum for the counting stage that
tests the lanes alone. A reader with `read_committed` must see every output once: missing, doubled, conflicting and
wrong (outputs that nothing asks for, or states that differ) must all be 0.
"""


def write(path: Path = PAGE) -> None:
    """The page, from what is kept."""
    soaks = [json.loads(one.read_text("utf-8")) for one in sorted(RESULTS.glob("soak*.json"))]
    path.write_text("\n".join(page(kept(RESULTS), soaks)), encoding="utf-8")


def page(found: Sequence[Outcome], soaks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Line by line; what went wrong comes first."""
    yield "# Reliability: what was broken, and what came of it\n"
    yield from _summary(found, soaks)
    yield _INTRODUCTION
    yield from _grounds(found)
    yield from _table(found)
    yield from _figures(found)
    yield from _soaks(soaks)
    yield from _repeat(found)


def _summary(found: Sequence[Outcome], soaks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    bad = [one for one in found if one.result is not Result.PASSED]
    for one in bad:
        yield f"- **{one.fault.id}: {one.result}** ({one.fault.what}): {_cell(one.why)}"
    if not soaks:
        yield "- **The soak was not run.**"
    for soak in soaks:
        if not soak["passed"]:
            yield f"- **The soak at {soak['rate']:,.0f} events/s FAILED**: {_cell(soak['why'])}"
    count = len(found) - len(bad)
    clean = not bad and soaks and all(soak["passed"] for soak in soaks)
    yield f"{'' if clean else chr(10)}{count} of {len(found)} faults passed.\n"


def _grounds(found: Sequence[Outcome]) -> Iterator[str]:
    """When and on what; more than one when some faults were run again."""
    runs: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for one in found:
        if one.run:
            runs.setdefault(one.run["at"], (one.run, []))[1].append(one.fault.id)
    for run, names in sorted(runs.values(), key=lambda each: -len(each[1])):
        machine = run["machine"]
        system = " ".join(machine["system"].split("-")[:2])
        which = "" if len(runs) == 1 else f" of {', '.join(names)}"
        yield (
            f"Run{which}: {run['at'][:16].replace('T', ' ')} UTC, {run['minutes']:.0f} minutes, long form, "
            f"seed {run['seed']}. Machine: {machine['cores']} cores (shared by brokers, workers and tests), "
            f"{machine['memory_gib']} GiB, {system}; load average before: "
            f"{machine['load_average_before'][0]:g}. Python {machine['python']}, Apache Kafka {machine['kafka']}, "
            f"lead-scorer {machine['lead_scorer']}, "
            + ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
            + f", the fold {'compiled' if machine['native_fold'] else 'not compiled'}.\n"
        )


def _table(found: Sequence[Outcome]) -> Iterator[str]:
    yield "## Faults\n"
    yield "| | fault | pass line | verdict | tests |"
    yield "| --- | --- | --- | --- | --- |"
    for one in found:
        links = sorted({test.partition("::")[0] for test in one.fault.tests})
        tests = " ".join(f"[{Path(link).stem.removeprefix('test_')}](../{link})" for link in links)
        fault = one.fault
        yield (
            f"| {fault.id} | {fault.what} | {fault.passes} | {one.result} | {one.tests}: {tests} |"
        )
    yield ""


def _figures(found: Sequence[Outcome]) -> Iterator[str]:
    yield "## Figures\n"
    yield (
        "Missing, doubled, conflicting, wrong: `m d c w`. Recovery: from the kill, the mend or the request to "
        "the first output, to readiness, or to the end of the process, as fits the fault.\n"
    )
    yield "| | injected | times | events | m d c w | recovery | seen |"
    yield "| --- | --- | ---: | ---: | --- | ---: | --- |"
    for one in found:
        for seen in one.evidence:
            wrong = " ".join(
                str(seen[name]) for name in ("missing", "doubled", "conflicting", "wrong")
            )
            recovery = "" if seen["recovery_s"] is None else f"{seen['recovery_s']} s"
            if recovery and one.fault.limit_s:
                recovery += f" (≤ {one.fault.limit_s:g})"
            yield (
                f"| {one.fault.id} | {seen['injected']} | {seen['times']} | {seen['events']:,} | {wrong} "
                f"| {recovery} | {_cell(seen['note'])} |"
            )
    yield (
        "\nFaults without a row here have tests that say passed or failed and count nothing; the table "
        "above says which.\n"
    )


def _soaks(soaks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Soak\n"
    if not soaks:
        yield "Not run yet: `make soak`.\n"
    for soak in soaks:
        yield from _soak(soak)


def _soak(soak: Mapping[str, Any]) -> Iterator[str]:
    judged = soak["judged"]
    yield (
        f"{soak['at'][:10]}, {soak['minutes']:g} minutes, seed {soak['seed']}: two workers, "
        f"{soak['rate']:,.0f} events/s ({soak['rate_is']}) of {soak['leads']:,} leads, a fault each "
        f"{soak['every_s']:g} s. Cores for all of it, broker and load included: {soak['cores']}; the fold "
        f"{'compiled' if soak['native_fold'] else 'not compiled'}.\n"
    )
    yield "| | | must |"
    yield "| --- | --- | --- |"
    yield f"| verdict | {'passed' if soak['passed'] else 'FAILED: ' + _cell(soak['why'])} | |"
    yield f"| events | {judged['events']:,} | |"
    counts = ", ".join(f"{n} × {name}" for name, n in sorted(soak["faults"].items()))
    yield f"| faults | {counts} | |"
    ended = ", ".join(f"{name}: {n}" for name, n in sorted(soak["ended"].items())) or "none"
    yield f"| workers that ended by themselves (fail-stop), and were started again | {ended} | |"
    wrong = ", ".join(f"{judged[n]} {n}" for n in ("missing", "doubled", "conflicting", "wrong"))
    yield f"| referee | {wrong} | 0 |"
    slope = soak["slope_mb_per_min"]
    shown = ", ".join(f"{name}: {value:+.2f}" for name, value in slope.items()) or "too short"
    yield f"| memory, MB a minute after warm-up | {shown} | < 1 |"
    yield f"| memory at the most | {soak['most_mb']:.0f} MB a worker | |"
    late = soak["latency_ms"]
    yield (
        f"| event to committed output, faults included | p50 {late['p50']:,.0f} ms, p99 {late['p99']:,.0f} ms | |"
    )
    yield f"| lag at the end | 0 after {soak['drained_s']:.0f} s | 0 |"
    yield ""
    if note := soak.get("note"):
        yield f"{note}\n"


def _repeat(found: Sequence[Outcome]) -> Iterator[str]:
    seed = next((one.run["seed"] for one in found if one.run), 7)
    yield "## How to repeat\n"
    yield "```"
    yield f'make faults ARGS="--seed {seed}"'
    yield 'make faults ARGS="--only X6,X7"'
    yield "make soak"
    yield 'make soak ARGS="--minutes 15 --rate 500"'
    yield "taskset -c 0 make soak                       # on one core: fewer events to judge at the end"
    yield "```"
    yield (
        "All of it takes half an hour and more, some faults renew their rows here, a soak is an hour. The short "
        "form of each fault is part of `make test`. Several nodes, kills of brokers and the secured broker need Java "
        "17 and Maven; a full disk needs a kernel that grants mount namespaces to users.\n"
    )


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


if __name__ == "__main__":
    write()
