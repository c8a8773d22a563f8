"""The series that compare canary and stable; alerts and panels read these, not the raw metrics. Pure.

Each names the model version, so that an alert says which one brought the trouble.
"""

from __future__ import annotations

from aurora_constructs.components.monitoring.rules import Recording
from aurora_contract import metrics

BY_VERSION = "namespace, job, track, model_version"
BY_JOB = "namespace, job"

REQUESTS = "job_version:aurora_inference_requests:rate5m"
ERRORS = "job_version:aurora_inference_errors:rate5m"
ERROR_RATIO = "job_version:aurora_inference_errors:ratio_rate5m"
LATENCY = "job_version:aurora_inference_request_duration_seconds:p95_rate5m"
CANARY_ERRORS = "job:aurora_inference_errors:canary_over_stable"
CANARY_LATENCY = "job:aurora_inference_request_duration_seconds:canary_over_stable"

ERROR_FLOOR = "0.001"
"""A stable track with fewer errors counts as having this share: no canary should fail by one error to none."""


def quantile(share: float, by: str) -> str:
    """Ask for a quantile of the request duration; `le` must survive the sum."""
    bucket, *_ = metrics.DURATION.series
    rate = f"rate({bucket}[5m])"
    return f"histogram_quantile({share:g}, sum by (le, {by}) ({rate}))"


def recordings() -> tuple[Recording, ...]:
    """Give the recording rules, each after those that it reads.

    A counter of errors may not exist before the first error, and nothing divided by no requests is no
    ratio: both cases are written out.
    """
    return (
        Recording(REQUESTS, f"sum by ({BY_VERSION}) (rate({metrics.REQUESTS.name}[5m]))"),
        Recording(ERRORS, f"sum by ({BY_VERSION}) (rate({metrics.ERRORS.name}[5m])) or {REQUESTS} * 0"),
        Recording(ERROR_RATIO, f"{ERRORS} / ({REQUESTS} > 0)"),
        Recording(LATENCY, quantile(0.95, BY_VERSION)),
        Recording(CANARY_ERRORS, _canary_over_stable(ERROR_RATIO, floor=ERROR_FLOOR)),
        Recording(CANARY_LATENCY, _canary_over_stable(LATENCY, floor=None)),
    )


def _canary_over_stable(series: str, *, floor: str | None) -> str:
    stable = f'max by ({BY_JOB}) ({series}{{track="stable"}})'
    divisor = f"clamp_min({stable}, {floor})" if floor else f"({stable} > 0)"
    return f'max by ({BY_JOB}) ({series}{{track="canary"}}) / {divisor}'
