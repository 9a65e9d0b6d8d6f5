"""The smallest session that still breaks the same rule. Knows nothing of what the rules are."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.fuzz.sessions import Session, Step
from tests.fuzz.words import IDS


def shrink(it: Session, name: str, name_of_failure: Callable[[Session], str | None]) -> Session:
    """Leave out steps, records, headers and odd names for as long as the failure stays the same."""

    def fails(steps: list[Step]) -> bool:
        return name_of_failure(it._replace(steps=tuple(steps))) == name

    steps = _without(list(it.steps), fails)
    apart = _apart(steps)
    if fails(apart):
        steps = _without(apart, fails)
    for n in range(len(steps)):
        steps = _with_fewer_records(steps, n, fails)
    for n, step in enumerate(steps):
        bare = step._replace(records=tuple(r._replace(headers=()) for r in step.records))
        lighter = [*steps[:n], bare, *steps[n + 1 :]]
        if fails(lighter):
            steps = lighter
    for n, odd in enumerate(text for text in IDS if len(text) > 2):
        plainer = _renamed(steps, odd, f"name-{n}")
        if fails(plainer):
            steps = plainer
    return it._replace(steps=tuple(steps))


def _with_fewer_records(
    steps: list[Step], n: int, fails: Callable[[list[Step]], bool]
) -> list[Step]:
    """The same for the records of step `n`, which fail together only."""
    at = 0
    while at < len(steps[n].records):
        records = steps[n].records
        fewer = steps[n]._replace(records=records[:at] + records[at + 1 :])
        lighter = [*steps[:n], fewer, *steps[n + 1 :]]
        if fails(lighter):
            steps = lighter
        else:
            at += 1
    return steps


def _apart(steps: list[Step]) -> list[Step]:
    """A step for each record and each tick."""
    alone = []
    for step in steps:
        alone += [Step((record,)) for record in step.records]
        if step.tick_us is not None:
            alone.append(Step((), step.tick_us))
    return alone


def _without(steps: list[Step], fails: Callable[[list[Step]], bool]) -> list[Step]:
    """Leave out halves, then quarters, down to single steps."""
    size = max(len(steps) // 2, 1)
    while True:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            if fails(fewer):
                steps = fewer
            else:
                at += size
        if size == 1:
            return steps
        size //= 2


def _renamed(steps: list[Step], odd: str, plain: str) -> list[Step]:
    """The same with another name for whoever bears the odd one, however JSON spells it."""
    spelled = [odd.encode("utf-8", "surrogatepass"), json.dumps(odd)[1:-1].encode()]

    def mended(content: bytes | None) -> bytes | None:
        for form in spelled:
            content = content and content.replace(form, plain.encode())
        return content

    return [
        Step(
            tuple(r._replace(key=mended(r.key), value=mended(r.value)) for r in step.records),
            step.tick_us,
        )
        for step in steps
    ]
