"""The routes of the runtime, and what it measures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from fastapi import FastAPI, HTTPException, Request
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import BaseModel, ValidationError

from aurora_contract import metrics, programs
from aurora_programs import exporting, web
from aurora_programs.inference.drift import Drift
from aurora_programs.inference.model import Predictor, batch_type, matrix, row_type
from aurora_programs.limits import Rate
from aurora_programs.model_form import FormError
from aurora_programs.store.names import StoreError

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take, and how much runs at the same time."""

    rows: int = 1000
    seconds: float = 5
    threads: int = 2
    waiting: int = 64
    again: float = 5
    """Seconds until loading is tried again."""
    a_second: float = 500
    """Requests a second: more than a pod answers before its autoscaler adds another one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model with the types of its input."""

    predictor: Predictor
    row: type[BaseModel]
    batch: type[BaseModel]
    drift: Drift


class Runtime:
    """One version of one model, and everything that its requests share."""

    def __init__(self, version: str, load: Callable[[], Predictor], limits: Limits) -> None:
        self.version, self.load, self.limits = version, load, limits
        self.loaded: Loaded | None = None
        self.underway = 0
        self.pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="predict")
        self.registry = CollectorRegistry()
        self.requests = exporting.counter(metrics.REQUESTS, self.registry)
        self.errors = exporting.counter(metrics.ERRORS, self.registry).labels(model_version=version)
        self.duration = exporting.histogram(metrics.DURATION, self.registry).labels(model_version=version)
        self.model_loaded = exporting.gauge(metrics.MODEL_LOADED, self.registry)
        exporting.gauge(metrics.MODEL_VERSION_INFO, self.registry).labels(model_version=version).set(1)
        self.input_drift = exporting.gauge(metrics.INPUT_DRIFT, self.registry)

    async def begin(self) -> None:
        """Load the model, and try again until it is there: only then is the pod ready."""
        while self.loaded is None:
            try:
                predictor = await asyncio.get_running_loop().run_in_executor(self.pool, self.load)
            except (StoreError, FormError) as error:
                LOG.warning("the model is not loaded", version=self.version, error=str(error))
                await asyncio.sleep(self.limits.again)
            else:
                row = row_type(predictor.features)
                batch = batch_type(row, self.limits.rows)
                self.loaded = Loaded(predictor, row, batch, Drift(predictor.features))
                self.model_loaded.set(1)
                LOG.info("the model is loaded", version=self.version)

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Count one request. Errors are ours: what a client sent wrongly says nothing of the model."""
        self.requests.labels(model_version=self.version, code=str(status)).inc()
        self.duration.observe(seconds)
        if status >= 500:
            self.errors.inc()

    def model(self) -> Loaded:
        """Give the model.

        Raises:
            HTTPException: it is not loaded (503).
        """
        if self.loaded is None:
            raise HTTPException(503, f"version {self.version} is not loaded")
        return self.loaded

    async def predict(self, loaded: Loaded, rows: NDArray[np.float32]) -> list[float]:
        """Predict beside the event loop, so that probes are answered meanwhile.

        Raises:
            HTTPException: too many requests wait (503), or the prediction takes too long (504).
        """
        if self.underway >= self.limits.threads + self.limits.waiting:
            raise HTTPException(503, "too many requests wait for a prediction", headers={"Retry-After": "1"})
        self.underway += 1
        task = asyncio.get_running_loop().run_in_executor(self.pool, loaded.predictor.predict, rows)
        # It counts until it ends, also where nobody waits for it any more.
        task.add_done_callback(self._ended)
        try:
            found = await asyncio.wait_for(asyncio.shield(task), self.limits.seconds)
        except TimeoutError as error:
            raise HTTPException(504, f"the prediction took longer than {self.limits.seconds} s") from error
        loaded.drift.add(rows)
        return found

    def _ended(self, task: "asyncio.Future[list[float]]") -> None:
        self.underway -= 1
        if not task.cancelled():
            task.exception()

    def exported(self) -> bytes:
        """Give the metrics as text."""
        values = self.loaded.drift.values() if self.loaded else {}
        self.input_drift.clear()
        for name, value in values.items():
            self.input_drift.labels(model_version=self.version, feature=name).set(value)
        return generate_latest(self.registry)


def service(model: str, version: str, load: Callable[[], Predictor], limits: Limits | None = None) -> FastAPI:
    """Give the application that serves one version, which `load` loads beside the event loop."""
    runtime = Runtime(version, load, limits or Limits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        beginning = asyncio.create_task(runtime.begin())
        yield
        beginning.cancel()
        runtime.pool.shutdown(wait=False, cancel_futures=True)

    app = web.application("aurora-inference", runtime.observe, Rate(runtime.limits.a_second), lifespan=lifespan)
    _probes(app, runtime)
    _predictions(app, runtime, model)
    return app


def _probes(app: FastAPI, runtime: Runtime) -> None:
    web.operated(app, programs.INFERENCE.liveness, runtime.exported)

    @app.get(programs.INFERENCE.readiness)
    async def ready() -> dict[str, str]:
        runtime.model()
        return {"status": "ready", "model_version": runtime.version}


def _predictions(app: FastAPI, runtime: Runtime, model: str) -> None:
    served = {"model": model, "model_version": runtime.version}

    @app.post("/predict")
    async def predict(request: Request) -> dict[str, Any]:
        loaded = runtime.model()
        row = _validated(loaded.row, await web.body(request))
        (value,) = await runtime.predict(loaded, matrix(loaded.predictor.features, [row]))
        return {"prediction": value, **served}

    @app.post("/predict/batch")
    async def predict_batch(request: Request) -> dict[str, Any]:
        loaded = runtime.model()
        batch: Any = _validated(loaded.batch, await web.body(request))
        values = await runtime.predict(loaded, matrix(loaded.predictor.features, batch.rows))
        return {"predictions": values, **served}


def _validated(wanted: type[BaseModel], content: bytes) -> BaseModel:
    try:
        return wanted.model_validate_json(content)
    except ValidationError as error:
        raise web.invalid(error) from error
