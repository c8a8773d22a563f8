"""The routes of the control plane."""

from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest

from aurora_contract import metrics, programs, store
from aurora_programs import exporting, web
from aurora_programs.control_plane.cluster import Cluster, ClusterError
from aurora_programs.keys import ApiKey
from aurora_programs.limits import Rate
from aurora_programs.store import aliases, versions
from aurora_programs.store.names import AbsentError, NameRefusedError, StoreError

RATE = 50.0
"""Requests a second by default: each reads a shared volume or asks the API server."""


def service(root: Path, key: ApiKey, cluster: Cluster, a_second: float = RATE) -> FastAPI:
    """Give the application that shows the store at `root` and the cluster to callers with the key."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    requests = exporting.counter(metrics.CONTROL_PLANE_REQUESTS, registry)
    duration = exporting.histogram(metrics.CONTROL_PLANE_DURATION, registry)

    def observe(path: str, status: int, seconds: float) -> None:
        requests.labels(path=path, code=str(status)).inc()
        duration.labels(path=path).observe(seconds)

    app = web.application("aurora-control-plane", observe, Rate(a_second))
    app.add_exception_handler(StoreError, _of_store)
    app.add_exception_handler(ClusterError, _of_cluster)

    # Alive and ready whatever becomes of the store or the API server: each route says what it lacks.
    web.operated(app, programs.CONTROL_PLANE.liveness, partial(generate_latest, registry))
    _of_models(app, root, key)
    _of_platform(app, root, key, cluster)
    return app


# Routes that read a volume or ask the API server are no coroutines, so that FastAPI runs them in threads.
def _of_models(app: FastAPI, root: Path, key: ApiKey) -> None:
    @app.get("/models", dependencies=[Depends(key)])
    def models() -> dict[str, Any]:
        return {"models": [_model(root, name) for name in versions.models(root) if name != store.REGISTRY]}

    @app.get("/models/{model}/{ref}", dependencies=[Depends(key)])
    def model_version(model: str, ref: str) -> dict[str, Any]:
        found = aliases.resolve(root, model, ref)
        return {"model": model, "version": found.name, "metadata": dict(found.metadata)}

    @app.get("/models/{model}/{ref}/artifact", dependencies=[Depends(key)])
    def artifact(model: str, ref: str) -> Response:
        found = aliases.resolve(root, model, ref)
        headers = {
            "ETag": f'"{found.sha256}"',
            "X-Model-Version": found.name,
            "Content-Disposition": f'attachment; filename="{model}-{found.name}.onnx"',
        }
        return Response(found.read(), media_type="application/octet-stream", headers=headers)


def _of_platform(app: FastAPI, root: Path, key: ApiKey, cluster: Cluster) -> None:
    @app.get("/platform/info", dependencies=[Depends(key)])
    def info() -> dict[str, Any]:
        return {"version": version("aurora-programs"), "models": len(versions.models(root)), "model_store": str(root)}

    @app.get("/cluster/nodes", dependencies=[Depends(key)])
    def nodes() -> dict[str, Any]:
        return {"nodes": cluster.nodes()}

    @app.get("/storage/classes", dependencies=[Depends(key)])
    def classes() -> dict[str, Any]:
        return {"classes": cluster.storage_classes()}


def _model(root: Path, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "versions": [one.name for one in versions.published(root, name)],
        "aliases": aliases.listed(root, name),
    }


def _of_store(request: Request, error: Exception) -> JSONResponse:
    statuses: dict[type[Exception], int] = {NameRefusedError: 422, AbsentError: 404}
    return JSONResponse({"detail": str(error)}, status_code=statuses.get(type(error), 503))


def _of_cluster(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503)
