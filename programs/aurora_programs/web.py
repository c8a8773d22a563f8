"""What the HTTP programs share: request ids, a log line a request, limits of bodies, and a server that drains."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aurora_contract import metrics
from aurora_programs.limits import Limited, Rate

REQUEST_ID = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
DRAIN_SECONDS = 10
"""How long requests may go on after SIGTERM; the shortest grace period of the manifests less their preStop is 14 s."""
BODY_BYTES, BODY_SECONDS = 1 << 20, 5
LOG = structlog.get_logger()

Observe = Callable[[str, int, float], None]
"""Told the route, the status and the seconds of each request that a client made."""
QUIET = ("/health", "/healthz", "/ready", "/metrics")
"""Paths of probes and scrapes: not logged and not counted, since no client waits for them."""


class Observed:
    """Gives each request an id, which the reply and every log line carry, and tells how it ended."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self.app, self.observe = app, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self.app(scope, receive, send)
            return
        identity, status, begun = _request_id(scope), 500, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID.lower().encode(), identity.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                await self.app(scope, receive, noted)
            finally:
                seconds = time.perf_counter() - begun
                # Only routes that exist: a client must not be able to make a series for each path that it invents.
                path = getattr(scope.get("route"), "path", "unknown")
                self.observe(path, status, seconds)
                LOG.info("answered", method=scope["method"], path=path, status=status, seconds=round(seconds, 6))


def _request_id(scope: Scope) -> str:
    """Give the caller's id where it is harmless in a log and in a header, or a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID.lower().encode() and _ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return secrets.token_hex(8)


async def body(request: Request, most: int = BODY_BYTES, seconds: float = BODY_SECONDS) -> bytes:
    """Give the body of a request.

    Raises:
        HTTPException: it has more bytes than `most` (413), or does not arrive within `seconds` (408).
    """
    content = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise HTTPException(413, f"the body has more than {most} bytes")
    except TimeoutError as error:
        raise HTTPException(408, f"the body did not arrive within {seconds} s") from error
    return bytes(content)


def invalid(error: ValidationError) -> HTTPException:
    """Give the reply to wrong input, with the place of every mistake and without the values, which may be private."""
    places: list[dict[str, Any]] = [{"place": list(one["loc"]), "problem": one["msg"]} for one in error.errors()]
    return HTTPException(422, places)


def application(title: str, observe: Observe, rate: Rate, **more: Any) -> FastAPI:
    """Give an application whose requests are observed and limited, and whose own mistakes are answered with 500."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, **more)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the program failed; its log says why"}, status_code=500)

    # What is refused is observed too: the one that is added last is asked first.
    app.add_middleware(Limited, rate=rate, free=QUIET)
    app.add_middleware(Observed, observe=observe)
    return app


def operated(app: FastAPI, liveness: str, exported: Callable[[], bytes]) -> None:
    """Add what a cluster asks: whether the program lives, at `liveness`, and its metrics as `exported` gives them."""

    @app.get(liveness)
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get(metrics.PATH)
    async def measured() -> Response:
        return Response(exported(), media_type=CONTENT_TYPE_LATEST)


def serve(app: FastAPI, port: int, arguments: Sequence[str] = ()) -> None:
    """Serve until SIGTERM, then take no new connection, and end when all requests are answered or time is up."""
    if arguments:
        raise SystemExit("this program takes no arguments: its environment configures it")
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - a pod is reached by its address
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
