"""The steps of a training pipeline, and the files by which they pass on what they made.

Each step finds its inputs below `INPUTS` and leaves its outputs below `OUTPUTS`, under the names that are listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INPUTS, OUTPUTS = "/inputs", "/outputs"
"""The folders of a step's inputs, which it only reads, and of its outputs."""
DATA_ERROR = 65
"""The exit code of a step whose input is wrong: it is not tried again (sysexits.h, EX_DATAERR)."""

DATA_VERSION = "data-version"
"""The file with a name for exactly this data: letters, digits, dashes, dots and underscores."""
PASSED = "passed"
"""The file of the evaluation that holds `true` where the model may be registered, and anything else where not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: those that it waits for, the artifacts that it reads and who makes each of them, and what it makes."""

    waits: tuple[str, ...] = ()
    inputs: Mapping[str, str]
    artifacts: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


STEPS: Mapping[str, Step] = {
    "data-ingestion": Step(inputs={}, artifacts=("data",), parameters=(DATA_VERSION,)),
    "data-validation": Step(waits=("data-ingestion",), inputs={"data": "data-ingestion"}, artifacts=("validation",)),
    "feature-engineering": Step(waits=("data-validation",), inputs={"data": "data-ingestion"}, artifacts=("features",)),
    "model-training": Step(
        waits=("feature-engineering",), inputs={"features": "feature-engineering"}, artifacts=("model",)
    ),
    "model-evaluation": Step(
        waits=("model-training",),
        inputs={"features": "feature-engineering", "model": "model-training"},
        artifacts=("evaluation",),
        parameters=(PASSED,),
    ),
    "register": Step(waits=("model-evaluation",), inputs={"evaluation": "model-evaluation", "model": "model-training"}),
}
"""The steps in their order."""
REPORT = "report"
"""The step that runs at the end of every run, whatever came of it."""
