"""The small web server beside a worker: /metrics, /livez, /readyz, /version. Knows HTTP, no Kafka.

With a token, /metrics and /version ask for it; the probes never do, because they tell nothing.
It runs in the worker's own event loop on purpose: when that loop hangs, it does not answer either.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus

import orjson
import structlog
from aiohttp import web

from scorer import __version__
from scorer.observe.health import Health
from scorer.observe.logs import Event
from scorer.observe.metrics import CONTENT_TYPE, Metrics


class WebPortTaken(Exception):
    """The port of the web server is in use."""


class Web:
    """Serves one worker's metrics and health until it is stopped."""

    def __init__(
        self,
        metrics: Metrics,
        health: Health,
        *,
        about: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> None:
        """`about` (stage, model, model hash) is added to /version; `token` is asked of its readers."""
        self._metrics = metrics
        self._health = health
        self._about = {"version": __version__, "python": platform.python_version(), **(about or {})}
        self._token = token
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and return the port (a free one for 0). Raises `WebPortTaken`."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._get_metrics),
                web.get("/livez", self._get_livez),
                web.get("/readyz", self._get_readyz),
                web.get("/version", self._get_version),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.stop()
            raise WebPortTaken(
                f"cannot listen on {host}:{port} ({error.strerror or error}): "
                "set LEADSCORER_WEB__PORT to a free port, or 0 for any"
            ) from error
        listening: int = self._runner.addresses[0][1]
        structlog.get_logger(__name__).info(Event.WEB_LISTENING, host=host, port=listening)
        return listening

    async def stop(self) -> None:
        """Close all connections; may be called twice."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _authorise(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if self._token and not compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise web.HTTPUnauthorized(
                text="a bearer token is needed: that of web.token_file\n",
                headers={"WWW-Authenticate": "Bearer"},
            )

    async def _get_metrics(self, request: web.Request) -> web.Response:
        self._authorise(request)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _get_livez(self, _request: web.Request) -> web.Response:
        return _answer(self._health.alive, {"stuck_seconds": self._health.stuck()})

    async def _get_readyz(self, _request: web.Request) -> web.Response:
        missing = self._health.missing()
        waiting = "for an assignment" if missing is None else "for the restore" if missing else None
        details = {
            "waiting": waiting,
            "partitions": missing or [],
            "stuck_seconds": self._health.stuck(),
        }
        return _answer(self._health.ready, details)

    async def _get_version(self, request: web.Request) -> web.Response:
        self._authorise(request)
        return web.json_response(self._about, dumps=_dumps)


def _answer(ok: bool, details: Mapping[str, object]) -> web.Response:
    status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response({"ok": ok, **details}, status=status, dumps=_dumps)


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()
