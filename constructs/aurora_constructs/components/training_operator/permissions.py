"""What the operator may do: each rule is one that a handler or Kopf itself needs, and nothing more.

No wildcard, no Secret, nothing in namespaces without training.
"""

from collections.abc import Sequence

from cdk8s_plus_35 import k8s

READ = ("get", "list", "watch")


def cluster_rules(api_group: str) -> list[k8s.PolicyRule]:
    """Give what it needs everywhere: to find its kinds, and to follow and mark its own objects.

    Kopf keeps its state in annotations and a finalizer, so it patches the objects, not only their status.
    """
    return [
        _rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["list", "watch"]),
        _rule("", ["namespaces"], ["list", "watch"]),
        _rule(api_group, ["mldeployments", "mltrainingjobs"], [*READ, "patch"]),
        _rule(api_group, ["mldeployments/status", "mltrainingjobs/status"], ["get", "patch"]),
    ]


def namespace_rules(templates: Sequence[str], *, serves: bool) -> list[k8s.PolicyRule]:
    """Give what it needs in a namespace of training: to run Jobs, made of the ConfigMaps `templates`.

    Where models are served, also what the status of an MLDeployment reports: its Deployments and its route.
    """
    rules = [
        _rule("batch", ["jobs"], ["create", "delete", *READ, "patch", "update"]),
        _rule("", ["pods"], READ),
        _rule("", ["events"], ["create"]),
    ]
    if serves:
        rules.append(_rule("apps", ["deployments"], READ))
        rules.append(_rule("gateway.networking.k8s.io", ["httproutes"], READ))
        rules.append(_rule("networking.k8s.io", ["ingresses"], READ))
    if templates:
        rules.append(_rule("", ["configmaps"], ["get"], names=templates))
    return rules


def _rule(
    group: str, resources: Sequence[str], verbs: Sequence[str], *, names: Sequence[str] | None = None
) -> k8s.PolicyRule:
    return k8s.PolicyRule(
        api_groups=[group],
        resources=list(resources),
        verbs=list(verbs),
        resource_names=sorted(names) if names else None,
    )
