"""Why a process of ours ends, as exit codes and as errors with a remedy. Knows no Kafka client.

A supervisor restarts on every code but 0, 2 and 78: those two need a person first.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """Exit codes of `lead-scorer run`; the docs list them from here."""

    OK = 0  # asked to stop, and everything committed
    FAILED = 1  # anything without a code of its own
    USAGE = 2  # wrong command line
    FOLD = 70  # a bug, or a limit, in the processing of a batch; its offsets are not committed
    STORE = 71  # the local store failed; it is rebuilt at the next start
    TRANSACTION = 72  # the brokers refused to write or to commit
    FENCED = 73  # another worker owns our partitions by now
    BROKER = 74  # the brokers could not be reached, or refused us
    STUCK = 75  # a stop, a transaction or a restore did not end in time
    CONFIG = 78  # settings, model or topics are not as they must be


REMEDIES: Final = {
    ExitCode.OK: "nothing to do",
    ExitCode.FAILED: "read the last error in the log",
    ExitCode.USAGE: "see `lead-scorer run --help`",
    ExitCode.FOLD: "read the error; mend the code, the model or the publisher and start again: "
    "the events wait at the offset where it stopped",
    ExitCode.STORE: "check the disk of data_dir; the store is rebuilt from the changelog",
    ExitCode.TRANSACTION: "check the topic named in the error: the leaders of its partitions, its limits, "
    "its access rights",
    ExitCode.FENCED: "nothing: the partitions have a new owner and this worker joins again; "
    "if it repeats, two workers carry the same instance_id",
    ExitCode.BROKER: "check kafka.bootstrap_servers, the network and the credentials "
    "(`lead-scorer doctor`)",
    ExitCode.STUCK: "nothing if it was rare; else look at the load of the brokers, and whether a partition "
    "has no leader",
    ExitCode.CONFIG: "do what the error says, then start again",
}

NEEDS_A_PERSON: Final = frozenset({ExitCode.OK, ExitCode.USAGE, ExitCode.CONFIG})


class TransportError(Exception):
    """What went wrong and, as the last part of the message, what to do next."""

    code = ExitCode.FAILED

    def __init__(self, message: str, remedy: str | None = None) -> None:
        self.remedy = remedy or REMEDIES[self.code]
        super().__init__(f"{message} → {self.remedy}")


class FoldFailed(TransportError):
    code = ExitCode.FOLD


class StoreFailed(TransportError):
    code = ExitCode.STORE


class WriteFailed(TransportError):
    code = ExitCode.TRANSACTION


class Fenced(TransportError):
    code = ExitCode.FENCED


class BrokerUnreachable(TransportError):
    code = ExitCode.BROKER


class Stuck(TransportError):
    code = ExitCode.STUCK


class NotReady(TransportError):
    """Topics or settings are not as they must be."""

    code = ExitCode.CONFIG
