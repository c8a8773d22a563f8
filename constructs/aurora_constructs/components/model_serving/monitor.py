"""How Prometheus finds the inference pods, and which labels their series get.

Pure: values in, mappings out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aurora_constructs import labels

API_VERSION = "monitoring.coreos.com/v1"


def pod_monitor_body(*, selector: Mapping[str, str], port: str) -> dict[str, Any]:
    """Build a PodMonitor of both tracks.

    Track and version come from the pod's labels, which Git bounds, not from what the process says of
    itself: its own `model_version` arrives under the prefix that Prometheus gives to a taken name, and goes.
    """
    endpoint = {
        "port": port,
        "path": "/metrics",
        "interval": "30s",
        "scrapeTimeout": "10s",
        "relabelings": [_pod_label(labels.TRACK, "track"), _pod_label(labels.MODEL_VERSION, "model_version")],
        "metricRelabelings": [{"action": "labeldrop", "regex": "exported_model_version"}],
    }
    return {
        "spec": {
            "jobLabel": labels.NAME,
            "selector": {"matchLabels": dict(selector)},
            "podMetricsEndpoints": [endpoint],
        }
    }


def _pod_label(label: str, target: str) -> dict[str, Any]:
    source = re.sub(r"[^A-Za-z0-9]", "_", label)
    return {"action": "replace", "sourceLabels": [f"__meta_kubernetes_pod_label_{source}"], "targetLabel": target}
