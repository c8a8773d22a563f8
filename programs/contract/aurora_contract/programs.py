"""Per program: the name of its container and what its manifest gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aurora_contract import metrics, store, variables

DATASET_PATH = "/dataset"
"""Where the trainer finds a dataset that is on a claim."""
CHECKPOINTS_PATH = "/checkpoints"
"""Where the trainer keeps its progress, where it does."""
MODEL_PATH = "/model"
"""The inference pod's own copy of its model."""
PUBLISH_ALIASES = "publish-aliases"
"""The trainer's command that makes the aliases of models those of its arguments: `MODEL/ALIAS=VERSION`, each once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program as its container sees it; `ports` are named as the container names them, and a path may be empty.

    Those on request are there where a component asks for what they are for.
    `routes` are the beginnings of the paths for clients outside the cluster: probes and metrics are not among them.
    """

    container: str
    variables: tuple[str, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    liveness: str = ""
    readiness: str = ""
    routes: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    metrics: tuple[metrics.Metric, ...] = ()
    variables_on_request: tuple[str, ...] = ()
    ports_on_request: Mapping[str, int] = field(default_factory=dict)


CONTROL_PLANE = Program(
    container="control-plane",
    variables=(variables.API_KEY, variables.MODEL_STORE, variables.PORT),
    ports={"http": 8080},
    liveness="/health",
    readiness="/health",
    routes=("/cluster", "/models", "/platform", "/storage"),
    mounts=(store.MOUNT_PATH,),
    metrics=metrics.CONTROL_PLANE,
    variables_on_request=(variables.RATE_LIMIT,),
)
OPERATOR = Program(
    container="operator",
    variables=(variables.METRICS_PORT,),
    ports={"http": 8080, "metrics": 9090},
    liveness="/healthz",
    metrics=metrics.OPERATOR,
)
TRAINER = Program(
    container="trainer",
    variables=(variables.DATASET, variables.MODEL, variables.MODEL_STORE, variables.MODEL_VERSION),
    mounts=(store.MOUNT_PATH, DATASET_PATH, CHECKPOINTS_PATH),
    metrics=metrics.TRAINER,
    variables_on_request=(variables.CHECKPOINTS, variables.METRICS_PORT),
    ports_on_request={"metrics": 9090},
)
MODEL_GATE = Program(
    container="model-gate",
    variables=(
        variables.GATE_SECONDS,
        variables.MODEL_DIR,
        variables.MODEL_NAME,
        variables.MODEL_SOURCE,
        variables.MODEL_VERSION,
    ),
    mounts=(store.MOUNT_PATH, MODEL_PATH),
)
INFERENCE = Program(
    container="inference",
    variables=(variables.MODEL_DIR, variables.MODEL_NAME, variables.MODEL_VERSION),
    ports={"http": 8080},
    liveness="/health",
    readiness="/ready",
    routes=("/predict",),
    mounts=(MODEL_PATH,),
    metrics=metrics.INFERENCE,
    variables_on_request=(variables.PORT, variables.RATE_LIMIT),
)
HOUSING_API = Program(
    container="housing-api",
    variables=(variables.PREDICT_URL,),
    ports={"http": 8080},
    liveness="/health",
    readiness="/health",
    routes=("/predict",),
    metrics=metrics.HOUSING_API,
    variables_on_request=(variables.API_KEY, variables.PORT, variables.RATE_LIMIT),
)
"""Ready without the runtime that it asks: it tells clients itself that a prediction failed."""
LAYOUT = Program(container="layout", variables=(), mounts=(store.MOUNT_PATH,))
ALIASES = Program(container=PUBLISH_ALIASES, variables=(variables.MODEL_STORE,), mounts=(store.MOUNT_PATH,))
IMPORT = Program(container="import", variables=(variables.IMPORTED_VERSIONS,), mounts=(store.MOUNT_PATH,))

PROGRAMS = (CONTROL_PLANE, OPERATOR, TRAINER, MODEL_GATE, INFERENCE, HOUSING_API, LAYOUT, ALIASES, IMPORT)
BY_CONTAINER = {program.container: program for program in PROGRAMS}
