"""Which worker this is: a name that survives a restart, and a directory that nobody else uses."""

from __future__ import annotations

import fcntl
import re
import socket
from pathlib import Path
from typing import IO, NamedTuple

from scorer.settings import Settings
from scorer.transport.exits import NotReady

_MAX_WORKERS_A_HOST = 100


class Instance(NamedTuple):
    """The name is the static member of the group; the lock lives as long as the process."""

    name: str
    directory: Path
    lock: IO[str]


def claim(settings: Settings, stage: str) -> Instance:
    """Take the configured name, or the host's name with the first number that is free.

    A worker that was killed finds its own number again, and with it its partitions and its store.
    """
    root = settings.data_dir / settings.group(stage)
    root.mkdir(parents=True, exist_ok=True)
    host = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname()) or "worker"
    names = (
        [settings.instance_id]
        if settings.instance_id
        else [f"{host}-{number}" for number in range(_MAX_WORKERS_A_HOST)]
    )
    for name in names:
        lock = (root / f"{name}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return Instance(name, root / name, lock)
    raise NotReady(
        f"another worker runs as {names[-1]} in {root}",
        "give each worker a LEADSCORER_INSTANCE_ID of its own",
    )
