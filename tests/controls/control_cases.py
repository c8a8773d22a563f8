"""Objects that keep every control, and the ways of breaking each."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest, Source, identify
from aurora.yamlio import writing

NAMESPACE = "aurora"
DIGEST = "sha256:" + "0123456789abcdef" * 4
Body = dict[str, Any]
Break = Callable[[Body], None]


def pod() -> Body:
    """Give an inference pod that keeps every control."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "server",
            "namespace": NAMESPACE,
            "labels": {
                "app.kubernetes.io/name": "server",
                "app.kubernetes.io/component": "inference",
                "aurora.example.com/model": "wine",
                "aurora.example.com/model-version": "v1",
            },
        },
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
            "volumes": [{"name": "models", "persistentVolumeClaim": {"claimName": "models", "readOnly": True}}],
            "containers": [
                {
                    "name": "server",
                    "image": f"registry.example.com/server:v1@{DIGEST}",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "resources": {
                        "requests": {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"},
                        "limits": {"memory": "1Gi", "nvidia.com/gpu": "1"},
                    },
                }
            ],
        },
    }


def service() -> Body:
    """Give a Service that only the cluster reaches."""
    metadata = {"name": "server", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"type": "ClusterIP"}}


def application() -> Body:
    """Give an Application of a listed repository."""
    spec = {"project": "platform", "source": {"repoURL": "https://git.example.com/platform.git"}}
    metadata = {"name": "server", "namespace": NAMESPACE}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}


PROJECT: Body = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "platform", "namespace": NAMESPACE},
    "spec": {"sourceRepos": ["https://git.example.com/platform.git"]},
}
CLOSED: Body = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "closed", "namespace": NAMESPACE},
    "spec": {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "server"}},
        "policyTypes": ["Ingress", "Egress"],
    },
}
REGISTRIES: Body = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "ValidatingPolicy",
    "metadata": {"name": "restrict-image-registries"},
    "spec": {"variables": [{"name": "allowedRegistries", "expression": '["registry.example.com"]'}]},
}


def inventory(*bodies: Body) -> Inventory:
    """Make an inventory of bodies."""
    return Inventory(
        [
            Manifest(id=identify(body), body=body, text=writing.dump(body), source=Source("generated/example/x.yaml"))
            for body in bodies
        ],
        environment="example",
        closed=True,
    )


def container(body: Body) -> Body:
    """Give the only container of a pod."""
    found: Body = body["spec"]["containers"][0]
    return found


def _in_container(field: str, value: Any) -> Break:
    return lambda body: container(body).__setitem__(field, value)


def _security(**fields: Any) -> Break:
    return lambda body: container(body)["securityContext"].update(fields)


def _without_security(field: str) -> Break:
    return lambda body: container(body)["securityContext"].pop(field)


def _of_pod(**fields: Any) -> Break:
    return lambda body: body["spec"].update(fields)


def _second_container(body: Body) -> None:
    """A container beside the good one that keeps nothing."""
    body["spec"]["containers"].append({"name": "other", "image": "other:latest"})


def _init_container(body: Body) -> None:
    body["spec"]["initContainers"] = [{"name": "first", "image": "other:latest"}]


def _image_volume(body: Body) -> None:
    """A volume that is pulled like a container's image."""
    body["spec"]["volumes"] = [{"name": "pulled", "image": {"reference": "other:latest"}}]


def _label(key: str, value: str | None) -> Break:
    def change(body: Body) -> None:
        labels = body["metadata"]["labels"]
        labels.pop(key)
        labels.update({key: value} if value is not None else {})

    return change


def _resources(part: str, name: str, value: str | None) -> Break:
    def change(body: Body) -> None:
        amounts = container(body)["resources"][part]
        amounts.pop(name, None)
        amounts.update({name: value} if value is not None else {})

    return change


_IMAGE = "registry.example.com/server"
_ANY_CONTAINER = (_second_container, _init_container)

POD_BREAKS: dict[str, tuple[Break, ...]] = {
    "non-root": (
        _of_pod(securityContext={}),
        _of_pod(securityContext={"runAsNonRoot": False}),
        _security(runAsNonRoot=False),
    ),
    "no-escalation": (
        _without_security("allowPrivilegeEscalation"),
        _security(allowPrivilegeEscalation=True),
        *_ANY_CONTAINER,
    ),
    "not-privileged": (_security(privileged=True),),
    "capabilities-dropped": (
        _security(capabilities={}),
        _security(capabilities={"drop": ["NET_RAW"]}),
        *_ANY_CONTAINER,
    ),
    "no-added-capabilities": (_security(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),),
    "seccomp": (_of_pod(securityContext={}), _security(seccompProfile={"type": "Unconfined"})),
    "host-namespaces": (_of_pod(hostNetwork=True), _of_pod(hostPID=True), _of_pod(hostIPC=True)),
    "host-path": (_of_pod(volumes=[{"name": "node", "hostPath": {"path": "/"}}]),),
    "read-only-root": (
        _without_security("readOnlyRootFilesystem"),
        _security(readOnlyRootFilesystem=False),
        *_ANY_CONTAINER,
    ),
    "image-digest": (
        _in_container("image", f"{_IMAGE}:v1"),
        _in_container("image", f"{_IMAGE}@sha256:abc"),
        *_ANY_CONTAINER,
        _image_volume,
    ),
    "image-tag": (
        _in_container("image", f"{_IMAGE}:latest"),
        _in_container("image", f"{_IMAGE}:latest@{DIGEST}"),
        _in_container("image", "registry.example.com:5000/server"),
        *_ANY_CONTAINER,
        _image_volume,
    ),
    "registries": (
        _in_container("image", "registry.example.com.evil.example/server:v1"),
        _in_container("image", "server:v1"),
        *_ANY_CONTAINER,
        _image_volume,
    ),
    "resource-limits": (
        _resources("limits", "memory", None),
        _resources("requests", "cpu", None),
        _resources("requests", "memory", None),
        _resources("limits", "memory", "0"),
        *_ANY_CONTAINER,
    ),
    "labels": (
        _label("app.kubernetes.io/name", None),
        _label("app.kubernetes.io/name", ""),
        _label("aurora.example.com/model", None),
    ),
    "no-token": (
        _of_pod(automountServiceAccountToken=True),
        lambda body: body["spec"].pop("automountServiceAccountToken"),
    ),
    "read-only-models": (
        _of_pod(volumes=[{"name": "models", "persistentVolumeClaim": {"claimName": "models"}}]),
        _of_pod(volumes=[{"name": "models", "nfs": {"server": "a", "path": "/", "readOnly": False}}]),
    ),
    "gpu-requests": (
        _resources("limits", "nvidia.com/gpu", "2"),
        _resources("limits", "nvidia.com/gpu", None),
        _of_pod(tolerations=[]),
    ),
}


def broken(change: Break, body: Body) -> Body:
    """Give a broken copy of a body."""
    copy = deepcopy(body)
    change(copy)
    return copy
