"""One pipe for all logs: structured, and silent about people."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from scorer.observe import logs
from scorer.observe.logs import Event


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("info", stream=stream, stage="scoring")
    yield stream
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_off_a_terminal_a_line_is_json_with_event_time_level_and_context(out: io.StringIO) -> None:
    structlog.get_logger("topologies").info(Event.PARTITION_RESTORED, partition=3, seconds=0.5)
    (line,) = lines(out)
    expected = {"event": "partition.restored", "level": "info", "stage": "scoring", "partition": 3}
    assert expected.items() <= line.items()
    assert str(line["timestamp"]).endswith("Z")


def test_libraries_speak_through_the_same_pipe(out: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("heartbeat failed for %s", "group")
    (line,) = lines(out)
    assert line["event"] == "heartbeat failed for group"
    assert line["logger"] == "aiokafka.consumer"
    assert line["stage"] == "scoring"


def test_what_a_library_says_over_and_over_is_written_once_in_ten_seconds() -> None:
    """As while brokers are down; the next line says how many were left out."""
    now, out = 0.0, io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(message)s %(left_out)s", defaults={"left_out": 0}))
    handler.addFilter(logs._Thinned(clock=lambda: now))
    log = logging.Logger("aiokafka.conn")  # noqa: LOG001  (one that no other test sees)
    log.addHandler(handler)
    for second in range(12):
        now = float(second)
        log.error("Unable to connect to %s", f"broker-{second}")
        log.error("something else") if second == 5 else None
    assert out.getvalue().splitlines() == [
        "Unable to connect to broker-0 0",
        "something else 0",
        "Unable to connect to broker-10 9",
    ]


def test_our_own_lines_are_never_left_out(out: io.StringIO) -> None:
    for partition in range(3):
        structlog.get_logger("scorer.transport").info(Event.PARTITION_LOST, partition=partition)
    assert len(lines(out)) == 3


def test_libraries_are_quiet_about_their_own_services(out: io.StringIO) -> None:
    logging.getLogger("faust.worker").info("[^Worker]: Starting...")
    logging.getLogger("topologies.app").info("[^-StageApp]: Flush producer buffer...")
    assert lines(out) == []


def test_a_warning_of_a_service_is_heard(out: io.StringIO) -> None:
    logging.getLogger("topologies.app").warning("[^-StageApp]: Livelock?")
    assert [line["level"] for line in lines(out)] == ["warning"]


def test_a_line_begins_with_when_how_bad_and_what(out: io.StringIO) -> None:
    structlog.get_logger().info(Event.PARTITION_LOST, partition=3)
    assert list(lines(out)[0])[:3] == ["timestamp", "level", "event"]


def test_the_level_holds_for_our_own_lines(out: io.StringIO) -> None:
    structlog.get_logger().debug("details")
    assert lines(out) == []


def test_what_an_event_or_a_credential_holds_is_hidden(out: io.StringIO) -> None:
    log = structlog.get_logger()
    log.warning(
        Event.LANE_FAILED,
        lead_id="l-1",
        value=b'{"mail": "a@b.c"}',
        password="hunter2",
        email="a@b.c",
    )
    logging.getLogger("aiokafka").warning("bad record", extra={"headers": "a@b.c"})
    assert "a@b.c" not in out.getvalue()
    assert "hunter2" not in out.getvalue()
    assert lines(out)[0]["lead_id"] == "l-1"


def test_a_traceback_does_not_show_the_values_of_variables(out: io.StringIO) -> None:
    def fold(payload: str) -> None:
        raise ValueError(f"cannot fold {len(payload)} characters")

    try:
        fold("a@b.c")
    except ValueError:
        structlog.get_logger().exception(Event.LANE_FAILED)
    (line,) = lines(out)
    assert "cannot fold 5 characters" in json.dumps(line["exception"])
    assert "a@b.c" not in json.dumps(line["exception"])


def test_on_request_lines_are_for_people(out: io.StringIO) -> None:
    logs.configure("info", stream=out, json=False)
    structlog.get_logger().info(Event.WORKER_READY, partitions=4)
    assert "worker.ready" in out.getvalue()
    assert "\x1b[" not in out.getvalue()
