"""The checks of `doctor`. Each looks at one thing and says what to do when it is not well."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from scorer.settings import Settings

PACKAGES: Final = ("faust-streaming", "aiokafka", "rocksdict", "msgspec", "orjson", "pydantic")
FREE_BYTES: Final = (
    1 << 30
)  # a million leads take 330 MB in the store and as much again while it compacts
SKEW_S: Final = 60.0  # events may lie 300 s ahead of the broker; a fifth of it is worth a word


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    status: Status
    found: str
    remedy: str = ""


async def checkup() -> list[Check]:
    """All checks; those that need what failed before are skipped."""
    checks = [_python(), _packages()]
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        return [
            *checks,
            Check("settings", Status.PROBLEM, wrong, "correct the LEADSCORER_… variables"),
        ]
    checks.append(
        Check("settings", Status.OK, f"{settings.environment}, application {settings.app!r}")
    )
    checks += [_model(settings), *_disk(settings)]
    return checks + [check async for check in _brokers(settings)]


def _python() -> Check:
    cores = os.cpu_count() or 1
    found = f"{sys.version.split()[0]} on {cores} core{'s' if cores > 1 else ''}"
    if cores < 2:
        return Check("python", Status.WARNING, found, "a stage wants a core of its own")
    return Check("python", Status.OK, found)


def _packages() -> Check:
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            return Check(
                "packages",
                Status.PROBLEM,
                f"{name} is missing",
                "run `uv sync`, or pip install lead-scorer again",
            )
    return Check("packages", Status.OK, ", ".join(versions))


def _model(settings: Settings) -> Check:
    from scorer.contracts.model.check import Severity, check

    findings = check(settings.model)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    remedy = f"lead-scorer model check {settings.model}"
    if errors:
        return Check("model", Status.PROBLEM, f"{settings.model}: {errors} errors", remedy)
    if warnings:
        return Check("model", Status.WARNING, f"{settings.model}: {warnings} warnings", remedy)
    from scorer.contracts.model.file import load_model

    model = load_model(settings.model)
    return Check(
        "model",
        Status.OK,
        f"{model.name} {model.version}, {len(model.rules)} rules, hash {model.hash}",
    )


def _disk(settings: Settings) -> Iterator[Check]:
    there = settings.data_dir.absolute()
    parent = next(path for path in (there, *there.parents) if path.exists())
    if not os.access(parent, os.W_OK):
        yield Check(
            "data dir",
            Status.PROBLEM,
            f"{parent} is not writable",
            "set LEADSCORER_DATA_DIR to a directory that is",
        )
        return
    free = shutil.disk_usage(parent).free
    found = f"{there}, {free / 1e9:.1f} GB free"
    if free < FREE_BYTES:
        yield Check(
            "data dir", Status.WARNING, found, "free some space: a full disk stops the worker"
        )
    else:
        yield Check("data dir", Status.OK, found)
    if Path("/dev/shm").samefile(parent) if Path("/dev/shm").exists() else False:  # noqa: S108  # looked at, not used
        yield Check(
            "data dir",
            Status.WARNING,
            "lies in memory",
            "put it on a disk, or expect a restore at every start",
        )


async def _brokers(settings: Settings) -> AsyncIterator[Check]:
    from scorer.transport import admin
    from scorer.transport.exits import NotReady, TransportError

    servers = settings.kafka.bootstrap_servers
    try:
        began = time.perf_counter()
        async with admin.admin(settings) as client:
            cluster = await admin.cluster_id(client)
        took_ms = (time.perf_counter() - began) * 1000
    except (TransportError, OSError, ValueError) as error:
        first = str(error).partition(" → ")[0]
        remedy = "start Kafka there, or set LEADSCORER_KAFKA__BOOTSTRAP_SERVERS; `lead-scorer demo` needs none"
        yield Check("brokers", Status.PROBLEM, first, remedy)
        yield Check("topics", Status.SKIPPED, "not looked at without brokers")
        return
    yield Check(
        "brokers",
        Status.OK,
        f"{servers}, cluster {cluster}, {took_ms:.0f} ms, {settings.kafka.protocol}",
    )
    rights = await _rights(settings)
    yield rights
    if rights.status is Status.PROBLEM:
        yield Check("topics", Status.SKIPPED, "not all of them can be seen without these rights")
        return
    try:
        found = await admin.diff(settings)
    except NotReady as error:
        yield Check("topics", Status.PROBLEM, str(error), "lead-scorer topics diff")
        return
    yield _topics(settings, [str(difference) for difference in found])
    yield await _clock(settings)
    if not found:
        yield await _lag(settings)


async def _rights(settings: Settings) -> Check:
    """What the ACLs withhold from a worker with these credentials."""
    from scorer.transport import access, acls, admin

    needed = acls.grants(settings, acls.Role.WORKER)
    async with admin.admin(settings) as client:
        missing = await access.lacking(client, needed)
    if not missing:
        return Check("rights", Status.OK, "all that a worker needs")
    who = f"User:{settings.kafka.username or '…'}"
    return Check(
        "rights",
        Status.PROBLEM,
        "lacking " + "; ".join(map(str, missing)),
        f"let an administrator run what `lead-scorer topics acls --principal {who}` prints",
    )


async def _lag(settings: Settings) -> Check:
    """Records that wait, and whether anybody is there to read them."""
    from scorer.transport.progress import group
    from scorer.transport.topics import STAGES

    groups = [await group(settings, stage) for stage in STAGES]
    waiting = sum(lag.records for each in groups for lag in each.lags)
    idle = [each.stage for each in groups if not each.members]
    found = f"{waiting:,} records wait"
    if waiting and idle:
        return Check(
            "lag", Status.WARNING, f"{found}, nobody runs {', '.join(idle)}", "lead-scorer run"
        )
    return Check("lag", Status.OK, found)


async def _clock(settings: Settings) -> Check:
    """A record that is stamped with a time to come shows that two clocks differ."""
    from scorer.transport.skew import stamped_after
    from scorer.transport.topics import wanted

    names = [topic.name for topic in wanted(settings)]
    soon_ms = int((time.time() + SKEW_S) * 1000)
    if settings.clock.origin_us is not None:
        return Check("clock", Status.SKIPPED, "simulated")
    ahead = await stamped_after(settings, names, soon_ms)
    if ahead:
        found = f"{ahead[0]} holds records stamped more than {SKEW_S:.0f} s ahead of this machine"
        return Check(
            "clock",
            Status.WARNING,
            found,
            "let NTP set the clocks of brokers, publishers and this machine",
        )
    return Check("clock", Status.OK, "no record is stamped ahead of this machine's clock")


def _topics(settings: Settings, differences: list[str]) -> Check:
    if not differences:
        return Check(
            "topics",
            Status.OK,
            f"all there, {settings.topics.partitions} partitions, prefix {settings.topics.prefix!r}",
        )
    more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
    first, _, remedy = differences[0].partition(" → ")
    return Check("topics", Status.PROBLEM, first + more, remedy or "lead-scorer topics apply")
