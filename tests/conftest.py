"""What every suite shares: seeds that can be repeated, and skips that cannot be overlooked."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.evidence import LONG, evidence  # noqa: F401  (a fixture)
from tests.fixtures.kafka import embedded_broker, on, real_kafka  # noqa: F401  (fixtures)

SEED_VARIABLE = "LEADSCORER_TEST_SEED"

# A build must not fail on a slow machine, so no example has a deadline.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "fuzz",
    deadline=None,
    print_blob=True,
    max_examples=10_000,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("default")


TOO_SLOW = ["TimeoutError", "TimeoutExpired", r"Timeout \(>"]


def pytest_configure(config: pytest.Config) -> None:
    seed = os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randrange(2**31)))
    config.stash[_SEED] = int(seed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs real Kafka runs one after the other, in one process where there are several.

    What waits for brokers and processes may run once more after a timeout, and is listed then.
    A shared machine can starve a broker for a minute. A lost, doubled or wrong record is an
    AssertionError, and fails at once. `make faults` is a proof and no build: there nothing runs again.
    """
    for item in items:
        if item.get_closest_marker("real_kafka"):
            item.add_marker(pytest.mark.xdist_group("real_kafka"))
    for item in () if LONG else items:
        if any(item.get_closest_marker(name) for name in ("real_kafka", "slow")):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=TOO_SLOW))


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.stash[_SEED]} (repeat with {SEED_VARIABLE}={config.stash[_SEED]})"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say aloud what was not proven: a skipped real-Kafka suite must not look like a passed one."""
    skipped = Counter(
        str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
        if "real_kafka" in getattr(report, "keywords", {})
    )
    for reason, count in skipped.items():
        terminalreporter.section("NOT PROVEN ON REAL KAFKA", sep="!", red=True, bold=True)
        terminalreporter.line(f"{count} tests skipped: {reason.removeprefix('Skipped: ')}")
    failed = terminalreporter.stats.get("failed") or terminalreporter.stats.get("error")
    if failed:
        terminalreporter.line(f"repeat with {SEED_VARIABLE}={config.stash[_SEED]}")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The run's seed: printed in the header, set by LEADSCORER_TEST_SEED to repeat a failure."""
    return request.config.stash[_SEED]


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Randomness of this test alone: the order of the tests does not matter to it."""
    return random.Random(f"{seed}:{request.node.nodeid}")


@pytest.fixture(autouse=True)
def no_settings_from_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A LEADSCORER_… variable of the developer's shell must not change what a test sees."""
    for name in list(os.environ):
        if name.startswith("LEADSCORER_") and not name.startswith("LEADSCORER_TEST_"):
            monkeypatch.delenv(name)


_SEED = pytest.StashKey[int]()
