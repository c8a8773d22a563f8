"""One run: reads the data, trains, publishes the version, and says in the termination message what came of it."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from prometheus_client import CollectorRegistry, start_http_server
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from aurora_contract import metrics, pipeline, variables
from aurora_programs import exporting
from aurora_programs.store import versions
from aurora_programs.store.names import AbsentError, StoreError
from aurora_programs.trainer import dataset
from aurora_programs.trainer.columns import FEATURES, TARGET
from aurora_programs.trainer.plan import ConversionError, Plan, Report

TERMINATION_LOG = Path("/dev/termination-log")
"""Where Kubernetes reads a container's last words unless its manifest says otherwise."""
TERMINATION_BYTES = 4096
"""What Kubernetes reads of them (its documentation, "Determine the Reason for Pod Failure")."""
LOG = structlog.get_logger()


class Run(BaseSettings):
    """What the manifest says of the run."""

    model_config = SettingsConfigDict(frozen=True)
    dataset: str = Field(validation_alias=variables.DATASET, min_length=1)
    model: str = Field(validation_alias=variables.MODEL)
    root: Path = Field(validation_alias=variables.MODEL_STORE)
    version: str = Field(validation_alias=variables.MODEL_VERSION)
    checkpoints: str | None = Field(default=None, validation_alias=variables.CHECKPOINTS)
    metrics_port: int | None = Field(default=None, validation_alias=variables.METRICS_PORT, ge=0, le=65535)


def perform(run: Run, plan: Plan | None = None, termination_log: Path = TERMINATION_LOG) -> int:
    """Do the run and give its exit code: that of the contract where the data is wrong, 1 where another try may help."""
    try:
        published = _publish(run, plan or Plan())
    except (dataset.DataError, versions.TakenError) as error:
        return _failed(error, pipeline.DATA_ERROR, termination_log)
    except (dataset.SourceError, StoreError, ConversionError, OSError) as error:
        return _failed(error, 1, termination_log)
    measured = published.metadata.get("metrics", {})
    LOG.info("published", model=run.model, version=run.version, sha256=published.sha256, metrics=measured)
    _say({"version": run.version, "metrics": measured, "sha256": published.sha256}, termination_log)
    return 0


def _publish(run: Run, plan: Plan) -> versions.Version:
    """Publish the version, or give it where an earlier try of the same run did."""
    report = _reporter(run.metrics_port)
    data = dataset.read(run.dataset)
    made_of = {"dataset": {"uri": run.dataset, "sha256": data.sha256, "rows": len(data.target)}, "rounds": plan.rounds}
    try:
        there = versions.find(run.root, run.model, run.version)
    except AbsentError:
        pass
    else:
        if {key: there.metadata.get(key) for key in made_of} != made_of:
            raise versions.TakenError(f"{there.folder} is published and was made of other data: take another version")
        there.read()
        return there
    checkpoint = _checkpoint(run, data.sha256, plan)
    from aurora_programs.trainer import training  # noqa: PLC0415 - takes seconds, and not every run gets here

    trained = training.train(data, plan, checkpoint, report)
    metadata: dict[str, Any] = {
        **made_of,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "form": "onnx",
        "features": list(FEATURES),
        "target": TARGET,
        "metrics": {name: round(value, 6) for name, value in trained.metrics.items()},
        "packages": {name: version(name) for name in ("aurora-programs", "scikit-learn", "skl2onnx", "onnx")},
    }
    published = versions.publish(run.root, run.model, run.version, trained.artifact, metadata=metadata)
    if checkpoint:
        # Another try finds the version itself; checkpoints of all runs would fill the claim.
        checkpoint.unlink(missing_ok=True)
    return published


def _checkpoint(run: Run, data: str, plan: Plan) -> Path | None:
    """Give the file with the progress of this version on this data, below the folder that the manifest names."""
    if run.checkpoints is None:
        return None
    parts = urlsplit(run.checkpoints)
    if parts.scheme != "file" or parts.netloc:
        raise dataset.DataError(f"{variables.CHECKPOINTS} is {run.checkpoints!r}: it must be a `file:///` URI")
    folder = Path(unquote(parts.path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run.version}-{data[:16]}-{plan.rounds}.skops"


def _reporter(port: int | None) -> Report:
    registry = CollectorRegistry()
    loss = exporting.gauge(metrics.TRAINING_LOSS, registry)
    progress = exporting.gauge(metrics.TRAINING_PROGRESS, registry)
    progress.set(0)
    if port is not None:
        start_http_server(port, registry=registry)

    def report(share: float, losses: dict[str, float]) -> None:
        progress.set(share)
        for split, value in losses.items():
            loss.labels(split=split).set(value)
        LOG.info("a stage is done", progress=round(share, 4), losses=losses)

    return report


def _failed(error: Exception, code: int, termination_log: Path) -> int:
    LOG.error("nothing is published", reason=type(error).__name__, error=str(error), exit_code=code)
    _say({"reason": type(error).__name__.removesuffix("Error"), "error": str(error)[:3000]}, termination_log)
    return code


def _say(message: dict[str, Any], termination_log: Path) -> None:
    """Write the termination message; its loss must not fail a run that published."""
    text = json.dumps(message, sort_keys=True)
    if len(text) > TERMINATION_BYTES:
        message = {**message, "error": str(message.get("error", ""))[:500], "metrics": {}}
        text = json.dumps(message, sort_keys=True)
    try:
        termination_log.write_text(text, encoding="utf-8")
    except OSError as error:
        LOG.warning("the termination message cannot be written", path=str(termination_log), error=str(error))
