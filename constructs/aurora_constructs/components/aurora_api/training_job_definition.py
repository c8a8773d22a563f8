"""The schema of MLTrainingJob: one run that trains one version of a model. Pure; imports no cdk8s."""

from __future__ import annotations

from aurora_constructs.components.aurora_api.definition import Definition, column, status
from aurora_constructs.components.aurora_api.resources import TRAINING_JOB
from aurora_constructs.components.aurora_api.schema import (
    Schema,
    choice,
    integer,
    label,
    model_version,
    object_name,
    quantity,
    record,
    rows,
    rule,
    switch,
    text,
    time,
    words,
)

PHASES = ("Pending", "Suspended", "Running", "Succeeded", "Failed")
BACKENDS = ("Job", "TrainJob", "RayJob", "MPIJob")
MUTABLE = ("suspend", "ttlSecondsAfterFinished")
"""What may change after creation: everything else describes the run, and a run is not rewritten."""

PATH = r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$"
ABSOLUTE_PATH = r"^(/[A-Za-z0-9._-]+)+$"
ALIAS = "^[a-z][-a-z0-9]*$"
ARGUMENT = text("one argument", longest=1024, shortest=0)


def training_job() -> Definition:
    """Describe MLTrainingJob."""
    return Definition(
        kind=TRAINING_JOB,
        plural="mltrainingjobs",
        short_name="mltj",
        description="one run that trains one version of a model",
        columns=(
            column("Model", ".spec.model"),
            column("Backend", ".spec.backend"),
            column("Phase", ".status.phase"),
            column("Version", ".spec.output.version"),
            column("GPUs", ".spec.resources.gpu.count", kind="integer", priority=1),
            column("Age", ".metadata.creationTimestamp", kind="date"),
        ),
        spec=_spec(),
        status=_status(),
    )


def _spec() -> Schema:
    required = ("model", "image", "serviceAccountName", "resources", "dataset", "output", "retry")
    fields = {**_run(), **_placement()}
    always = {*required, *(name for name, schema in fields.items() if "default" in schema)}
    frozen = [_frozen(name, always=name in always) for name in fields if name not in MUTABLE]
    return record(
        "the run",
        fields,
        required=required,
        rules=[rule("self.backend != 'Job' || self.nodes == 1", "a Job runs on one node", field=".nodes"), *frozen],
    )


def _frozen(name: str, *, always: bool) -> Schema:
    """Forbid a change of one field; an optional one may neither come nor go."""
    same = f"self.{name} == oldSelf.{name}"
    expression = same if always else f"has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || {same})"
    return rule(expression, f"{name} cannot change: a new run is a new object", field=f".{name}")


def _run() -> dict[str, Schema]:
    """What runs: code, data and result."""
    return {
        "model": label("the model that is trained"),
        "image": text(
            "the trainer's image, by tag or digest",
            longest=512,
            rules=[
                rule(
                    "self.contains('@sha256:') || self.matches(':[A-Za-z0-9_][A-Za-z0-9_.-]*$')",
                    "the image has neither a tag nor a digest",
                ),
                rule("!self.matches(':latest(@|$)')", "`latest` is not a version"),
            ],
        ),
        "command": rows("the trainer's command; the image's own when left out", ARGUMENT, most=16),
        "args": rows("its arguments", ARGUMENT, most=64),
        "env": rows("its environment", _variable(), most=64, key="name"),
        "serviceAccountName": object_name("the identity that the run's pods have"),
        "dataset": _dataset(),
        "output": _output(),
        "tracking": _tracking(),
        "checkpoint": _checkpoint(),
    }


def _placement() -> dict[str, Schema]:
    """Where and for how long it runs."""
    day = 24 * 3600
    return {
        "backend": choice("the kind of object that runs it", BACKENDS, default="Job"),
        "nodes": integer("how many pods train together", least=1, most=256, default=1),
        "resources": _resources(),
        "retry": record(
            "how often and how long it may try",
            {
                "backoffLimit": integer("retries before it fails", least=0, most=10),
                "activeDeadlineSeconds": integer("the longest it may take", least=1, most=30 * day),
            },
            required=("backoffLimit", "activeDeadlineSeconds"),
        ),
        "queueName": label("the Kueue queue that admits it"),
        "suspend": switch("whether it waits", default=False),
        "ttlSecondsAfterFinished": integer(
            "after how long its pods are collected; left out of what Git manages, which would run it again",
            least=0,
            most=30 * day,
        ),
    }


def _variable() -> Schema:
    return record(
        "one environment variable",
        {
            "name": text("its name", longest=128, pattern="^[A-Za-z_][A-Za-z0-9_]*$"),
            "value": text("its value", longest=1024, shortest=0),
        },
        required=("name", "value"),
    )


def _dataset() -> Schema:
    """Bound the number of fields as well: checks that know no CEL find two sources by it."""
    claim = record(
        "a dataset on a claim of the same namespace",
        {"claimName": object_name("the claim"), "path": text("the path on it", longest=1024, pattern=PATH)},
        required=("claimName", "path"),
    )
    built = record(
        "the data, from exactly one source",
        {"uri": text("where the trainer fetches it", longest=2048, pattern="^[a-z][a-z0-9+.-]*://.+$"), "pvc": claim},
        rules=[rule("has(self.uri) != has(self.pvc)", "a dataset has exactly one source: `uri` or `pvc`")],
    )
    return {**built, "minProperties": 1, "maxProperties": 1}


def _output() -> Schema:
    return record(
        "where the model is published",
        {
            "claimName": object_name("the claim with the model store"),
            "basePath": text("the model store's folder in the pod", longest=1024, pattern=ABSOLUTE_PATH),
            "version": model_version("the version that the run publishes"),
        },
        required=("claimName", "basePath", "version"),
    )


def _tracking() -> Schema:
    return record(
        "where the run is recorded",
        {
            "experiment": text("the experiment", longest=256),
            "registeredModel": text("the model's name in the registry", longest=256),
            "alias": text("the alias that the version gets", longest=63, pattern=ALIAS),
        },
        required=("experiment",),
    )


def _checkpoint() -> Schema:
    return record(
        "where and how often the run saves its progress",
        {
            "claimName": object_name("the claim for checkpoints"),
            "intervalSeconds": integer("the time between two of them", least=10, most=86400),
        },
        required=("claimName", "intervalSeconds"),
    )


def _resources() -> Schema:
    gpu = record(
        "GPUs of each pod",
        {
            "count": integer("how many", least=1, most=16),
            "product": text("the GPU model, as nodes are labelled", longest=63, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$"),
        },
        required=("count",),
    )
    return record(
        "what each pod asks for",
        {"cpu": quantity("CPU request"), "memory": quantity("memory request"), "gpu": gpu},
        required=("cpu", "memory"),
    )


def _status() -> Schema:
    job = record(
        "the object that runs it",
        {
            "apiVersion": text("its API version", longest=253),
            "kind": text("its kind", longest=63),
            "name": object_name("its name"),
        },
        required=("apiVersion", "kind", "name"),
    )
    return status(
        PHASES,
        {
            "jobRef": job,
            "startTime": time("when it began"),
            "completionTime": time("when it ended"),
            "modelVersion": model_version("the version that it published"),
            "modelPath": text("where the version lies", longest=2048),
            "metrics": words("what it measured, as texts", most=64, longest=256),
        },
    )
