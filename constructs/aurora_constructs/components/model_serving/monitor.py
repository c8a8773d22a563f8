"""How Prometheus finds the inference pods, and which labels their series get.

Pure: values in, mappings out.
"""

import re
from typing import Any

from aurora_constructs import services
from aurora_constructs.names import Names

SOURCES = ("inference",)
ONE_TRACK = {"action": "replace", "targetLabel": "track", "replacement": "stable"}


def scrape(names: Names) -> services.Scrape:
    """Describe how the pods of both tracks are scraped."""
    endpoint = _endpoint(names, _pod_label(names.track, "track"))
    return services.Scrape(kind="PodMonitor", sources=SOURCES, endpoint=endpoint, names_namespace=False)


def scrape_of_one_track(names: Names) -> services.Scrape:
    """Describe how pods are scraped that are all of one track, which none of their labels names."""
    return services.Scrape(sources=SOURCES, endpoint={"scheme": "http", **_endpoint(names, ONE_TRACK)})


def _endpoint(names: Names, track: dict[str, Any]) -> dict[str, Any]:
    """Give an endpoint: version and, with several, track come from the pod's labels, which Git bounds.

    What the process says of itself, its own `model_version`, arrives under the prefix that Prometheus gives to a taken
    name, and goes.
    """
    return {
        "scrapeTimeout": "10s",
        "relabelings": [track, _pod_label(names.model_version, "model_version")],
        "metricRelabelings": [{"action": "labeldrop", "regex": "exported_model_version"}],
    }


def _pod_label(label: str, target: str) -> dict[str, Any]:
    source = re.sub(r"[^A-Za-z0-9]", "_", label)
    return {"action": "replace", "sourceLabels": [f"__meta_kubernetes_pod_label_{source}"], "targetLabel": target}
