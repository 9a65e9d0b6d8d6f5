"""Exit codes of `lead-scorer`. Those of `run` (70 to 78) are `scorer.transport.exits.ExitCode`."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """What a script that calls `lead-scorer` may rely on. docs/reference/cli.md lists them from here."""

    OK = 0
    FAILED = 1
    USAGE = 2
    BAD_ROWS = 3
    NOT_FOUND = 4
    PROBLEMS = 5
    BROKER = 74
    CONFIG = 78
    INTERRUPTED = 130


MEANING: Final = {
    Exit.OK: "done; for `tail` and `demo` also: stopped with Ctrl-C",
    Exit.FAILED: "something without a code of its own; the error says what",
    Exit.USAGE: "the command line is wrong; `--help` shows what is right",
    Exit.BAD_ROWS: "some rows or events were bad and were listed; all good ones were sent",
    Exit.NOT_FOUND: "the lead or the dead letter that was asked for is not there",
    Exit.PROBLEMS: "a check found problems: `model check`, `topics diff`, `doctor`, `trace` of a rejected event",
    Exit.BROKER: "the brokers could not be reached, or refused",
    Exit.CONFIG: "a setting, a model, a mapping or a topic is not as it must be",
    Exit.INTERRUPTED: "stopped with Ctrl-C before it was done",
}
