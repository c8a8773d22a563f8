"""The routes of the housing API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import Depends, FastAPI, HTTPException, Request
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import ValidationError

from aurora_contract import metrics, programs
from aurora_programs import exporting, web
from aurora_programs.housing_api.house import House
from aurora_programs.housing_api.runtime import Runtime, RuntimeFailedError
from aurora_programs.keys import ApiKey
from aurora_programs.limits import Rate

RATE = 500.0
"""Requests a second by default: more than a pod answers before its autoscaler adds another one."""


class Measured:
    """What the API counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = exporting.counter(metrics.API_REQUESTS, self.registry)
        self.duration = exporting.histogram(metrics.API_DURATION, self.registry)
        self.predictions = exporting.counter(metrics.API_PREDICTIONS, self.registry)
        for outcome in metrics.OUTCOMES:
            self.predictions.labels(outcome=outcome)

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(path=path, code=str(status)).inc()
        self.duration.labels(path=path).observe(seconds)


def service(runtime: Runtime, key: ApiKey | None = None, a_second: float = RATE) -> FastAPI:
    """Give the application that asks `runtime` for clients, which present `key` where there is one."""
    measured = Measured()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await runtime.close()

    app = web.application("housing-api", measured.observe, Rate(a_second), lifespan=lifespan)

    web.operated(app, programs.HOUSING_API.liveness, partial(generate_latest, measured.registry))

    @app.post("/predict", dependencies=[Depends(key)] if key else [])
    async def predict(request: Request) -> dict[str, Any]:
        return await _predicted(runtime, measured, request)

    return app


async def _predicted(runtime: Runtime, measured: Measured, request: Request) -> dict[str, Any]:
    try:
        house = House.model_validate_json(await web.body(request))
    except ValidationError as error:
        raise web.invalid(error) from error
    # The id of this request, so that the logs of both programs can be read together.
    identity = structlog.contextvars.get_contextvars()["request_id"]
    try:
        answer = await runtime.predict(house.model_dump(), identity)
    except RuntimeFailedError as error:
        measured.predictions.labels(outcome=metrics.FAILED).inc()
        raise HTTPException(error.status, error.places or str(error)) from error
    measured.predictions.labels(outcome=metrics.ANSWERED).inc()
    return answer
