"""How Prometheus finds the inference pods, and which labels their series get.

Pure: values in, mappings out.
"""

import re
from typing import Any

from aurora_constructs import services
from aurora_constructs.names import Names


def scrape(names: Names) -> services.Scrape:
    """Describe how the pods of both tracks are scraped.

    Track and version come from the pod's labels, which Git bounds, not from what the process says of
    itself: its own `model_version` arrives under the prefix that Prometheus gives to a taken name, and goes.
    """
    endpoint = {
        "scrapeTimeout": "10s",
        "relabelings": [_pod_label(names.track, "track"), _pod_label(names.model_version, "model_version")],
        "metricRelabelings": [{"action": "labeldrop", "regex": "exported_model_version"}],
    }
    return services.Scrape(kind="PodMonitor", sources=("inference",), endpoint=endpoint, names_namespace=False)


def _pod_label(label: str, target: str) -> dict[str, Any]:
    source = re.sub(r"[^A-Za-z0-9]", "_", label)
    return {"action": "replace", "sourceLabels": [f"__meta_kubernetes_pod_label_{source}"], "targetLabel": target}
