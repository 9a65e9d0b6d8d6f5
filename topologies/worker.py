"""One stage as one process: start-up checks, Faust's worker, and a defined end.

`run_stage` does not return before the process is asked to stop; its result is the exit code.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # while modules and the model are loaded: a tenth of a start; see `heap.spare_the_collector`

import asyncio
import itertools
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, NoReturn

import faust
import structlog
import uvloop

from scorer.contracts.model.file import ModelError
from scorer.domain.model import Model
from scorer.engine.ports import StageFactory
from scorer.observe import logs
from scorer.observe.catalogue import PARTITIONS, TRANSACTIONS_ABORTED
from scorer.observe.health import Health
from scorer.observe.logs import Event
from scorer.observe.metrics import Metrics
from scorer.observe.waiting import waiting
from scorer.observe.web import Web, WebPortTaken
from scorer.settings import Settings
from scorer.transport import admin
from scorer.transport.clock import clock_for
from scorer.transport.exits import ExitCode, Fenced, TransportError
from scorer.transport.instance import Instance, claim
from scorer.transport.orphans import BEFORE_EXEC
from scorer.transport.report import StageReport
from topologies import heap
from topologies.app import StageApp
from topologies.pulse import Pulse
from topologies.stages import STAGES, build
from topologies.supervisor import SUPERVISED

_STOP_S: Final = 9.0  # a stop takes about 2 s; whoever sent SIGTERM may kill after 10
_SAID_S: Final = 0.5  # for the line that says what a stop waited for
_log = structlog.get_logger()


def run_stage(
    settings: Settings,
    stage: str,
    build: Callable[[Settings, str], tuple[Model, StageFactory]] = build,
) -> ExitCode:
    """Run a stage until SIGTERM or SIGINT; failures end the process by themselves."""
    logs.configure(settings.log_level, stage=stage)
    try:
        model, factory = build(settings, stage)
        instance = claim(settings, stage)
        logs.configure(settings.log_level, stage=stage, instance=instance.name)
        _log.info(Event.WORKER_STARTING, model=model.name, model_hash=model.hash)
        names = [*factory.inputs, *factory.outputs, "leads.dead-letters.v1"]
        asyncio.run(admin.check(settings, stage, names))
        return _serve(settings, model, factory, instance)
    except TransportError as error:
        return _refused(error, error.code)
    except ModelError as error:
        return _refused(error, ExitCode.CONFIG)


def _serve(settings: Settings, model: Model, factory: StageFactory, instance: Instance) -> ExitCode:
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # for the consumer's thread, too
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    clock = clock_for(settings.clock.scale, settings.clock.origin_us, settings.clock.started_us)
    metrics, health = Metrics(factory.name), Health()
    metrics.describe(model.name, model.version, model.hash)
    metrics.set(PARTITIONS, settings.topics.partitions)

    def fail(error: TransportError) -> None:
        metrics.inc(TRANSACTIONS_ABORTED)
        _fail_stop(error)

    report = StageReport(settings, factory.inputs, metrics, health, clock)
    app = StageApp(
        settings,
        factory,
        instance.directory,
        instance.name,
        model_hash=model.hash,
        clock=clock,
        report=report,
        on_failure=fail,
    )
    about = {"stage": factory.name, "model": model.name, "model_hash": model.hash}
    web = Web(metrics, health, about=about, token=settings.web.secret())
    worker = _Worker(app, loop, lambda: _start_web(settings, web), report)
    code = ExitCode.OK
    heap.spare_the_collector()
    try:
        worker.execute_from_commandline()  # ends with SystemExit, whatever happens
    except SystemExit as stop:
        code = ExitCode.BROKER if stop.code else ExitCode.OK
    _log.info(Event.WORKER_STOPPED, code=int(code))
    return code


async def _start_web(settings: Settings, web: Web) -> None:
    """A port that is taken ends the process with a code of ours; to Faust it would look like the brokers."""
    if settings.web.enabled:
        try:
            await web.start(settings.web.host, settings.web.port)
        except WebPortTaken as error:
            _refused(error, ExitCode.FAILED)
            _exit(ExitCode.FAILED)


class _Worker(faust.Worker):
    """Faust's worker without its banner and log set-up, and with a limit to its stop."""

    def __init__(
        self, app: StageApp, loop: asyncio.AbstractEventLoop, start_web: Any, report: StageReport
    ) -> None:
        super().__init__(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None
        self._stage = app
        self._start_web = start_web
        self._report = report
        self._pulse = Pulse(os.environ)

    async def on_first_start(self) -> None:
        await self._start_web()
        self.add_future(self._beat())
        await self.default_on_first_start()

    async def _beat(self) -> None:
        for second in itertools.count():
            if self.should_stop:
                break
            if second % heap.EVERY_S == 0:
                heap.give_back()
            self._report.health.beat()
            self._report.measure()
            if self._report.health.alive:
                self._pulse.beat()
            await self.sleep(1.0)
            if not self.should_stop:
                self._stage.check_membership()
                await self._stage.fetch_overdue()

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """The command line of the process stays as it was given."""

    def _on_sigint(self) -> None:
        self._limit_stop()
        self._schedule_shutdown(signal.SIGINT)

    def _on_sigterm(self) -> None:
        self._limit_stop()
        super()._on_sigterm()

    def _limit_stop(self) -> None:
        _log.info(Event.WORKER_STOPPING)
        _after(_STOP_S, self._stuck)

    def _stuck(self) -> None:
        """The stop took too long. In a thread of its own, and it ends whatever the loops and the log do."""
        _after(_SAID_S, lambda: os._exit(int(ExitCode.STUCK)))
        _log.error(
            Event.WORKER_STUCK,
            waits_for=waiting(self._stage.loops()),
            code=int(ExitCode.STUCK),
            advice="nothing is lost: what was not committed is read again; if it comes often, report this line",
        )
        _exit(ExitCode.STUCK)


def _after(seconds: float, call: Callable[[], None]) -> None:
    """In a thread of its own, which keeps no process alive."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


def _refused(error: Exception, code: ExitCode) -> ExitCode:
    _log.error(Event.WORKER_FAILED, error=str(error), code=int(code))
    return code


def _fail_stop(error: TransportError) -> NoReturn:
    """End at once: whatever this process still holds is not to be written any more."""
    cause = error.__cause__
    _log.error(
        Event.LANE_FENCED if isinstance(error, Fenced) else Event.LANE_FAILED,
        error=str(error),
        code=int(error.code),
        exc_info=cause if cause is not None else False,
    )
    _exit(error.code)


def _exit(code: ExitCode) -> NoReturn:
    logging.shutdown()
    sys.stderr.flush()
    os._exit(int(code))


def main() -> None:
    """`python -m topologies.worker STAGE`: what the supervisor starts."""
    if os.environ.get(SUPERVISED) and BEFORE_EXEC:
        BEFORE_EXEC()  # a supervisor that was killed leaves no worker behind
    if len(sys.argv) != 2 or sys.argv[1] not in STAGES:
        sys.stderr.write(f"usage: python -m topologies.worker {'|'.join(STAGES)}\n")
        raise SystemExit(int(ExitCode.USAGE))
    raise SystemExit(int(run_stage(Settings(), sys.argv[1])))


if __name__ == "__main__":
    main()
