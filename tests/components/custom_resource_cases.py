"""Objects of Aurora's own kinds that the API server must accept, and ones that a rule must refuse.

Data for two judges: the structural schema, and whatever evaluates CEL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aurora_constructs.components.aurora_api import resources
from aurora_constructs.names import DEFAULT

OLD, NEW = "v20260901-120000", "v20261101-090000"
DIGEST = "@sha256:" + "a" * 64
IMAGE = f"registry.example.com:5000/aurora/trainer:v1{DIGEST}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An object, the stored one that it replaces, and for a refusal the message of the rule that must refuse it."""

    name: str
    body: dict[str, Any]
    stored: dict[str, Any] | None = None
    message: str = ""
    schema_refuses: bool = False


def run(name: str = "run", **changes: Any) -> dict[str, Any]:
    """Give an MLTrainingJob; a field changed to None is left out."""
    spec = {
        "model": "california-housing",
        "backend": "Job",
        "nodes": 1,
        "image": IMAGE,
        "args": ["--fast"],
        "env": [{"name": "A", "value": "b"}],
        "serviceAccountName": "aurora-training",
        "resources": {"cpu": "1", "memory": "2Gi", "gpu": {"count": 1, "product": "NVIDIA-A10"}},
        "dataset": {"uri": "https://data.example.com/housing.tgz"},
        "output": {"claimName": "aurora-model-pvc", "basePath": "/shared-models/aurora", "version": OLD},
        "retry": {"backoffLimit": 3, "activeDeadlineSeconds": 3600},
        "tracking": {"experiment": "housing"},
        "suspend": False,
    }
    return _object(resources.TRAINING_JOB, name, {**spec, **changes})


def serving(
    name: str = "serving", *, canary: tuple[str, int, int] | None = (NEW, 1, 10), **changes: Any
) -> dict[str, Any]:
    """Give an MLDeployment; `canary` is version, replicas and weight."""
    trial = canary and {"version": canary[0], "replicas": canary[1], "weight": canary[2]}
    spec = {
        "model": "california-housing",
        "engine": "Deployment",
        "stable": {"version": OLD, "replicas": 3},
        "canary": trial,
        "traffic": {"provider": "Gateway", "host": "inference.ml.example.com", "path": "/"},
        "storage": {"claimName": "aurora-model-pvc"},
        "promotion": {"mode": "Manual"},
    }
    return _object(resources.DEPLOYMENT, name, {**spec, **changes})


def _object(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": resources.api_version(DEFAULT),
        "kind": kind,
        "metadata": {"name": name, "namespace": "aurora"},
        "spec": {field: value for field, value in spec.items() if value is not None},
    }


def _with_status(body: dict[str, Any]) -> dict[str, Any]:
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Done",
        "message": "",
        "lastTransitionTime": "2026-11-01T09:00:00Z",
    }
    status = {"phase": "Succeeded", "conditions": [condition], "metrics": {"r2": "0.81"}, "kopf": {"progress": {}}}
    return {**body, "status": status}


BOUNDS = {"minReplicas": 2, "maxReplicas": 5, "targetCPUPercent": 70}
PVC = {"claimName": "datasets", "path": "housing/2026"}
TWO_SOURCES = {"uri": "s3://data/housing", "pvc": PVC}

ACCEPTED = (
    Case(name="a run", body=run()),
    Case(name="a run with the longest name", body=run("r" * 40)),
    Case(name="a run that is applied again", body=run(), stored=run()),
    Case(name="a run that is suspended", body=run(suspend=True), stored=run()),
    Case(name="a run that gets a time to live", body=run(ttlSecondsAfterFinished=60), stored=run()),
    Case(name="a run on two nodes", body=run(backend="TrainJob", nodes=2)),
    Case(name="a run from a claim", body=run(dataset={"pvc": PVC})),
    Case(name="an image by tag", body=run(image="registry.example.com/trainer:v1")),
    Case(name="an image by digest", body=run(image=f"registry.example.com/trainer{DIGEST}")),
    Case(name="a status with what Kopf keeps", body=_with_status(run()), stored=run()),
    Case(name="a deployment", body=serving()),
    Case(name="a deployment without canary", body=serving(canary=None)),
    Case(name="a scaled deployment", body=serving(stable={"version": OLD, "autoscaling": BOUNDS})),
    Case(name="a canary that is switched off", body=serving(canary=(NEW, 0, 0))),
    Case(name="a new object at full weight", body=serving(canary=(NEW, 1, 100))),
    Case(name="a step up", body=serving(canary=(NEW, 1, 35)), stored=serving()),
    Case(name="a first step", body=serving(canary=(NEW, 1, 25)), stored=serving(canary=None)),
    Case(name="any step down", body=serving(canary=(NEW, 1, 0)), stored=serving(canary=(NEW, 1, 90))),
    Case(name="a canary that goes", body=serving(canary=None), stored=serving(canary=(NEW, 1, 90))),
    Case(name="an analysis", body=serving(promotion={"mode": "Analysis", "analysisRef": "errors"})),
)

TOO_LONG = "the name has more than 40 characters"
NO_TAG, LATEST = "the image has neither a tag nor a digest", "`latest` is not a version"
TOO_FAST = "grows by more than 25 at once"

# One change of every field of a run that must not change.
CHANGES: tuple[dict[str, Any], ...] = (
    {"args": ["--slow"]},
    {"backend": "TrainJob"},
    {"checkpoint": {"claimName": "checkpoints", "intervalSeconds": 60}},
    {"command": ["train"]},
    {"dataset": {"pvc": PVC}},
    {"env": [{"name": "A", "value": "c"}]},
    {"image": "registry.example.com/trainer:v2"},
    {"model": "wine"},
    {"output": {"claimName": "aurora-model-pvc", "basePath": "/shared-models/aurora", "version": NEW}},
    {"queueName": "gpus"},
    {"resources": {"cpu": "2", "memory": "2Gi"}},
    {"retry": {"backoffLimit": 1, "activeDeadlineSeconds": 3600}},
    {"serviceAccountName": "another"},
    {"tracking": {"experiment": "another"}},
)

REFUSED = (
    Case(name="a long name of a run", body=run("r" * 41), message=TOO_LONG),
    Case(name="a Job on two nodes", body=run(nodes=2), message="a Job runs on one node"),
    Case(name="two sources", body=run(dataset=TWO_SOURCES), message="exactly one source", schema_refuses=True),
    Case(name="no source", body=run(dataset={}), message="exactly one source", schema_refuses=True),
    Case(name="no tag", body=run(image="registry.example.com:5000/trainer"), message=NO_TAG),
    Case(name="latest", body=run(image="registry.example.com/trainer:latest"), message=LATEST),
    Case(name="latest and a digest", body=run(image=f"registry.example.com/trainer:latest{DIGEST}"), message=LATEST),
    Case(name="arguments that go", body=run(args=None), stored=run(), message="args cannot change"),
    Case(name="a long name of a deployment", body=serving("d" * 41), message=TOO_LONG),
    Case(name="a canary like stable", body=serving(canary=(OLD, 1, 10)), message="nothing to compare"),
    Case(name="traffic for nobody", body=serving(canary=(NEW, 0, 10)), message="traffic for no replica"),
    Case(name="a large step", body=serving(canary=(NEW, 1, 36)), stored=serving(), message=TOO_FAST),
    Case(name="a large start", body=serving(canary=(NEW, 1, 26)), stored=serving(canary=None), message=TOO_FAST),
    Case(
        name="two owners of the replicas",
        body=serving(stable={"version": OLD, "replicas": 3, "autoscaling": BOUNDS}),
        message="exactly one owner",
    ),
    Case(name="no owner of the replicas", body=serving(stable={"version": OLD}), message="exactly one owner"),
    Case(
        name="bounds that cross",
        body=serving(stable={"version": OLD, "autoscaling": {**BOUNDS, "minReplicas": 6}}),
        message="minReplicas is above maxReplicas",
    ),
    Case(name="an analysis without name", body=serving(promotion={"mode": "Analysis"}), message="needs `analysisRef`"),
    *(
        Case(name=f"another {field}", body=run(**change), stored=run(), message=f"{field} cannot change")
        for change in CHANGES
        for field in change
    ),
    Case(
        name="another number of nodes",
        body=run(backend="TrainJob", nodes=3),
        stored=run(backend="TrainJob", nodes=2),
        message="nodes cannot change",
    ),
)
