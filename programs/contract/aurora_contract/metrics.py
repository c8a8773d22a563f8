"""What Aurora's programs export, with the labels that they set themselves.

Prometheus adds the labels of the target; a label that it sets too arrives as `exported_<label>` unless the monitor
honours the program's own.
"""

from dataclasses import dataclass
from typing import Literal

PATH = "/metrics"
"""Where every program serves its metrics."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a program; a histogram's series have the suffixes `_bucket`, `_sum` and `_count`."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its series."""
        if self.type != "histogram":
            return (self.name,)
        return tuple(f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count"))


REQUESTS = Metric("aurora_inference_requests_total", "counter", "Requests answered.", ("model_version", "code"))
ERRORS = Metric("aurora_inference_errors_total", "counter", "Requests that failed.", ("model_version",))
DURATION = Metric(
    "aurora_inference_request_duration_seconds", "histogram", "How long requests took.", ("model_version",)
)
MODEL_LOADED = Metric("aurora_model_loaded", "gauge", "1 when the model is loaded, 0 until then.")
MODEL_VERSION_INFO = Metric("aurora_model_version_info", "gauge", "1, with the version served.", ("model_version",))
INPUT_DRIFT = Metric(
    "aurora_inference_input_drift",
    "gauge",
    "Population stability index of an input of the last hour against the data of the training; 0 is no difference.",
    ("model_version", "feature"),
)
INFERENCE = (REQUESTS, ERRORS, DURATION, MODEL_LOADED, MODEL_VERSION_INFO, INPUT_DRIFT)

CONTROL_PLANE_REQUESTS = Metric(
    "aurora_control_plane_requests_total", "counter", "Requests answered.", ("path", "code")
)
CONTROL_PLANE_DURATION = Metric(
    "aurora_control_plane_request_duration_seconds", "histogram", "How long requests took.", ("path",)
)
CONTROL_PLANE = (CONTROL_PLANE_REQUESTS, CONTROL_PLANE_DURATION)

API_REQUESTS = Metric("aurora_api_requests_total", "counter", "Requests answered.", ("path", "code"))
API_DURATION = Metric("aurora_api_request_duration_seconds", "histogram", "How long requests took.", ("path",))
API_PREDICTIONS = Metric(
    "aurora_api_predictions_total", "counter", "Predictions asked for, by how that ended.", ("outcome",)
)
HOUSING_API = (API_REQUESTS, API_DURATION, API_PREDICTIONS)
OUTCOMES = ANSWERED, FAILED = ("answered", "failed")
"""Values of the label `outcome`: the runtime answered, or did not after all tries that were allowed."""

TRAINING_FAILURES = Metric(
    "aurora_training_failures_total", "counter", "Training runs that failed.", ("namespace", "job")
)
TRAINING_LAST_SUCCESS = Metric(
    "aurora_training_last_success_timestamp_seconds",
    "gauge",
    "When a training run last succeeded.",
    ("namespace", "job"),
)
TRAINING_LOSS = Metric("aurora_training_loss", "gauge", "The loss of the last step.", ("split",))
TRAINING_PROGRESS = Metric("aurora_training_progress_ratio", "gauge", "The share of the steps that is done, 0 to 1.")
TRAINER = (TRAINING_LOSS, TRAINING_PROGRESS)
OPERATOR = (TRAINING_FAILURES, TRAINING_LAST_SUCCESS)
