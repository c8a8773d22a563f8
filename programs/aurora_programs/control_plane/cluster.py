"""What the control plane shows of the cluster, read from its API server."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

import urllib3
from kubernetes import client, config

SECONDS = (2, 5)
"""How long connecting, and an answer, may take."""
MOST = 500
"""The most objects that are shown."""
ROLE = "node-role.kubernetes.io/"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class ClusterError(Exception):
    """The API server did not answer, or refused."""


class Cluster(Protocol):
    """What there is to show."""

    def nodes(self) -> list[dict[str, Any]]:
        """Give the nodes."""

    def storage_classes(self) -> list[dict[str, Any]]:
        """Give the storage classes."""


class ApiServer:
    """The API server of the cluster that the program runs in, by its pod's own identity."""

    def nodes(self) -> list[dict[str, Any]]:
        """Give the nodes, without addresses.

        Raises:
            ClusterError: the API server does not answer.
        """
        return [_node(one) for one in _listed(lambda: client.CoreV1Api(_connection()).list_node)]

    def storage_classes(self) -> list[dict[str, Any]]:
        """Give the storage classes.

        Raises:
            ClusterError: the API server does not answer.
        """
        return [_storage_class(one) for one in _listed(lambda: client.StorageV1Api(_connection()).list_storage_class)]


@cache
def _connection() -> client.ApiClient:
    settings = client.Configuration()
    config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
    settings.retries = False
    return client.ApiClient(settings)


def _listed(call: Callable[[], Callable[..., Any]]) -> list[Mapping[str, Any]]:
    try:
        found = call()(limit=MOST, _request_timeout=SECONDS)
    except client.ApiException as error:
        raise ClusterError(f"the API server answers {error.status}: {error.reason}") from error
    except (config.ConfigException, urllib3.exceptions.HTTPError) as error:
        raise ClusterError(f"the API server cannot be reached: {error}") from error
    objects: list[Mapping[str, Any]] = _plain(found)["items"]
    return objects


def _plain(found: Any) -> dict[str, Any]:
    plain: dict[str, Any] = client.ApiClient().sanitize_for_serialization(found)  # type: ignore[no-untyped-call]
    return plain


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    status, labels = node.get("status", {}), node["metadata"].get("labels", {})
    conditions = {one["type"]: one["status"] for one in status.get("conditions", ())}
    return {
        "name": node["metadata"]["name"],
        "ready": conditions.get("Ready") == "True",
        "schedulable": not node.get("spec", {}).get("unschedulable", False),
        "roles": sorted(label.removeprefix(ROLE) for label in labels if label.startswith(ROLE)),
        "version": status.get("nodeInfo", {}).get("kubeletVersion"),
        "allocatable": status.get("allocatable", {}),
    }


def _storage_class(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": found["metadata"]["name"],
        "provisioner": found["provisioner"],
        "reclaim_policy": found.get("reclaimPolicy", "Delete"),
        "binding": found.get("volumeBindingMode", "Immediate"),
        "expandable": found.get("allowVolumeExpansion", False),
        "default": found["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true",
    }
