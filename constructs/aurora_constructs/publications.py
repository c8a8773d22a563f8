"""Who publishes the versions of models that pods serve. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator

from aurora_constructs.components.model_store.spec import Fetched, ModelStoreSpec, Publication
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Problem
from aurora_constructs.spelling import nearest


def unpublished(version: Publication, platform: Platform, *steps: str) -> Iterator[Problem]:
    """Find a version that nobody publishes: no run, no fetch and nobody outside; its pods would wait forever."""
    trained = {run.publishes for run in platform.of_kind(TrainingJobSpec).values()}
    if platform.published is None or version.name in platform.published or version in trained:
        return
    store = platform.find(version.storage, ModelStoreSpec)
    declared = store.versions.get(version.model, {}) if store else {}
    if isinstance(declared.get(version.version), Fetched):
        return
    external = f"an external of `kind: ModelVersion`, `name: {version.name}`"
    hint = f"add a TrainingJob of it, or declare it: under `versions` of `{version.storage}`, or as {external}"
    if declared:
        hint = f"{nearest(version.version, declared)}; {hint}"
    message = f"no run publishes version `{version.version}` of `{version.model}`: its pods would wait forever"
    yield Problem(steps, message, hint, needs="components")
