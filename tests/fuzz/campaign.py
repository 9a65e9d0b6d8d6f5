"""Sessions in a row, and what becomes of one that breaks a rule. Knows no processes, no terminal."""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.fuzz import corpus
from tests.fuzz.play import play
from tests.fuzz.rules import Broken
from tests.fuzz.sessions import Session, session
from tests.fuzz.shrink import shrink

BLOCK: Final = 8  # sessions


class Finding(NamedTuple):
    """A rule that a session broke, and the file that keeps it."""

    rule: str
    path: str
    text: str


class Part(NamedTuple):
    """What some sessions came to."""

    cases: int = 0
    sessions: int = 0
    counts: Mapping[str, int] = {}
    findings: tuple[Finding, ...] = ()

    def plus(self, other: Part) -> Part:
        return Part(
            self.cases + other.cases,
            self.sessions + other.sessions,
            Counter(self.counts) + Counter(other.counts),
            self.findings + other.findings,
        )


def block(
    seed: int, number: int, enough: frozenset[str] = frozenset(), folder: Path = corpus.FOLDER
) -> Part:
    """The sessions of block `number`. Of the rules in `enough`, findings are counted and not kept."""
    part = Part()
    for n in range(number * BLOCK, (number + 1) * BLOCK):
        it = session(seed, n)
        try:
            part = part.plus(Part(it.cases, 1, play(it).counts))
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            again = f"python -m tests.fuzz --seed {seed} --only {n}"
            rule = rule_of(error)
            if rule in enough:
                part = part.plus(Part(it.cases, 1, {f"one more broken: {rule}": 1}))
            else:
                finding = _kept(it, error, again, folder)
                part = part.plus(Part(it.cases, 1, {}, (finding,)))
    return part


def rule_of(error: Exception) -> str:
    """What a failure is filed under: the broken rule, or the exception that escaped."""
    return (
        error.rule if isinstance(error, Broken) else f"no-exception-escapes-{type(error).__name__}"
    )


def broken_rule(it: Session) -> str | None:
    """The rule that a session breaks."""
    try:
        play(it)
    except Exception as error:  # noqa: BLE001 - any exception is a finding
        return rule_of(error)
    return None


def _kept(it: Session, error: Exception, again: str, folder: Path) -> Finding:
    rule = rule_of(error)
    text = "".join(traceback.format_exception(error, limit=-4))
    small = shrink(it, rule, broken_rule)
    path = corpus.write(small, rule, f"found by {again}: {str(error)[:200]}", folder)
    return Finding(rule, os.path.relpath(path), f"{rule} ({small.cases} records): {again}\n{text}")
