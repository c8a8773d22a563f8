"""The templates of the pipeline's workflow: its graph, one for each step, and the report at the end.

Plain data. Every form is one that Argo Workflows 3.7 and 4.1 both take, but for the cache of features.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from aurora_contract.pipeline import (
    DATA_ERROR,
    DATA_VERSION,
    INPUTS,
    OUTPUTS,
    PASSED,
    STEPS,
    Step,
)

MAIN = "pipeline"
CACHED, REGISTER, EVALUATION, INGESTION = "feature-engineering", "register", "model-evaluation", "data-ingestion"
PARAMETERS = {DATA_VERSION: "", PASSED: "false"}
"""The outputs that are words, with what stands in for them where the file is missing; none does for an empty one."""


def graph() -> dict[str, Any]:
    """Give the template with the order of the steps."""
    return {"name": MAIN, "dag": {"tasks": [_task(name, step) for name, step in STEPS.items()]}}


def _task(name: str, step: Step) -> dict[str, Any]:
    task: dict[str, Any] = {"name": name, "template": name}
    if step.waits:
        task["dependencies"] = list(step.waits)
    arguments: dict[str, Any] = {}
    if name == CACHED:
        value = f"{{{{tasks.{INGESTION}.outputs.parameters.{DATA_VERSION}}}}}"
        arguments["parameters"] = [{"name": DATA_VERSION, "value": value}]
    if step.inputs:
        arguments["artifacts"] = [
            {"name": artifact, "from": f"{{{{tasks.{maker}.outputs.artifacts.{artifact}}}}}"}
            for artifact, maker in sorted(step.inputs.items())
        ]
    if arguments:
        task["arguments"] = arguments
    if name == REGISTER:
        task["when"] = f"{{{{tasks.{EVALUATION}.outputs.parameters.{PASSED}}}}} == true"
    return task


def data(name: str) -> dict[str, Any]:
    """Give what a step takes and makes."""
    step = STEPS[name]
    inputs: dict[str, Any] = {}
    if name == CACHED:
        inputs["parameters"] = [{"name": DATA_VERSION}]
    if step.inputs:
        inputs["artifacts"] = [{"name": each, "path": f"{INPUTS}/{each}"} for each in sorted(step.inputs)]
    outputs: dict[str, Any] = {}
    if step.parameters:
        outputs["parameters"] = [{"name": each, "valueFrom": _file(each)} for each in step.parameters]
    if step.artifacts:
        outputs["artifacts"] = [{"name": each, "path": f"{OUTPUTS}/{each}"} for each in step.artifacts]
    return {key: value for key, value in (("inputs", inputs), ("outputs", outputs)) if value}


def _file(parameter: str) -> dict[str, str]:
    default = PARAMETERS[parameter]
    return {"path": f"{OUTPUTS}/{parameter}", **({"default": default} if default else {})}


def retry(limit: int) -> dict[str, Any]:
    """Try again after errors, such as a lost node, ever later; not where the program says that its data is wrong."""
    return {
        "limit": limit,
        "retryPolicy": "Always",
        "expression": f'lastRetry.status == "Error" || asInt(lastRetry.exitCode) != {DATA_ERROR}',
        "backoff": {"duration": "30s", "factor": 2, "cap": "15m"},
    }


def memory(container: Mapping[str, Any], cache: str, hours: int, *, with_key: bool) -> dict[str, Any]:
    """Use the outputs of an earlier run on the same data again, as long as the container is the same."""
    made_by = hashlib.sha256(json.dumps(container, sort_keys=True).encode()).hexdigest()[:12]
    config_map = {"name": cache, "key": "entries"} if with_key else {"name": cache}
    return {
        "key": f"{made_by}-{{{{inputs.parameters.{DATA_VERSION}}}}}",
        "maxAge": f"{hours}h",
        "cache": {"configMap": config_map},
    }
