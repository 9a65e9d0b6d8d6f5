"""One pipe for all logs, ours, Faust's and aiokafka's. Knows structlog, knows no event's content.

JSON lines off a terminal, readable lines on one; always on stderr, so that stdout stays data. A line may
name a lead by its id and nothing else about it: fields that could carry more are hidden, and tracebacks
are written without the values of variables.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


class Event(StrEnum):
    """The names of log lines; what to search for, and what alerts and runbooks refer to."""

    WORKER_STARTING = "worker.starting"
    WORKER_READY = "worker.ready"
    WORKER_STOPPING = "worker.stopping"
    WORKER_STOPPED = "worker.stopped"
    WORKER_STUCK = "worker.stuck"
    WORKER_FAILED = "worker.failed"
    STAGE_STARTED = "stage.started"
    STAGE_EXITED = "stage.exited"
    STAGE_RESTARTED = "stage.restarted"
    STAGE_SILENT = "stage.silent"
    PARTITION_ASSIGNED = "partition.assigned"
    PARTITION_RESTORED = "partition.restored"
    PARTITION_LOST = "partition.lost"
    LANE_STARTED = "lane.started"
    LANE_FENCED = "lane.fenced"
    LANE_WAITING = "lane.waiting"
    LANE_FAILED = "lane.failed"
    OFFSETS_FORGOTTEN = "offsets.forgotten"
    INPUT_REPLACED = "input.replaced"
    INPUT_OVERDUE = "input.overdue"
    STORE_DISCARDED = "store.discarded"
    DEAD_LETTER_LIMIT = "dead_letters.limit_reached"
    TOPICS_MISMATCH = "topics.mismatch"
    MODEL_LOADED = "model.loaded"
    MODEL_CHANGED = "model.changed"
    STATE_INCONSISTENT = "state.inconsistent"
    SETTING_UNSAFE = "setting.unsafe"
    METRIC_UNDECLARED = "metric.undeclared"
    WEB_LISTENING = "web.listening"


HIDDEN: Final = "********"
_HIDDEN_FIELDS: Final = frozenset(
    {
        "value",
        "payload",
        "data",
        "headers",
        "attributes",
        "email",
        "phone",
        "password",
        "secret",
        "token",
    }
)
_FIRST: Final = ("timestamp", "level", "event")
# Their info lines describe their own services starting and stopping, thirty for every worker.
_TEXTS: Final = 1_000
_LIBRARIES: Final = ("faust", "mode", "aiokafka", "kafka", "aiohttp", "asyncio")


def configure(
    level: str = "info", *, json: bool | None = None, stream: TextIO | None = None, **context: str
) -> None:
    """Send every log of this process through the pipe; `context` (stage, instance) is on every line.

    `json=None` decides by whether the stream is a terminal. May be called again: the last call holds.
    """
    stream = stream or sys.stderr
    as_json = not stream.isatty() if json is None else json
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(), processors=_ending(as_json, stream)
        )
    )
    if level.lower() != "debug":
        handler.addFilter(_not_about_services)
        handler.addFilter(_Thinned())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    for name in _LIBRARIES:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel("INFO" if level.lower() == "debug" else "WARNING")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a module's logger made before this call must follow it
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**context)


def _not_about_services(record: logging.LogRecord) -> bool:
    """Faust's services log under the name of our subclasses, but always as `[^-Service]: …`."""
    return record.levelno >= logging.WARNING or not str(record.msg).startswith("[^")


class _Thinned(logging.Filter):
    """One line in ten seconds of what a library says over and over, such as while brokers are down.

    The same is what has the same text before values are filled in; the next line says how many
    were left out.
    """

    def __init__(self, every_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every_s, self._clock = every_s, clock
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.name.partition(".")[0] not in _LIBRARIES:
            return True
        about, now = (record.name, str(record.msg)), self._clock()
        at, left_out = self._said.get(about, (-self._every_s, 0))
        if now - at < self._every_s:
            self._said[about] = at, left_out + 1
            return False
        if len(self._said) >= _TEXTS:  # of a library that writes values into its texts
            self._said.clear()
        self._said[about] = now, 0
        if left_out:
            record.left_out = left_out
        return True


def _shared() -> Sequence[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _hide,
    ]


def _ending(as_json: bool, stream: TextIO) -> Sequence[Processor]:
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            meta,
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(serializer=_dumps),
        ]
    plain = structlog.dev.plain_traceback
    return [meta, structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]


def _hide(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    for name in _HIDDEN_FIELDS & line.keys():
        line[name] = HIDDEN
    return line


def _dumps(line: dict[str, Any], **_: Any) -> str:
    ordered = {name: line[name] for name in _FIRST if name in line} | line
    return orjson.dumps(ordered, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
