"""The labels and annotations that Aurora's objects carry. Imports no cdk8s."""

from aurora_constructs.names import DEFAULT

API_GROUP = DEFAULT.api_group
"""The API group of MLTrainingJob and MLDeployment where nothing else is stated."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace: its own name."""
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
VERSION = "app.kubernetes.io/version"

SYNC_WAVE = "argocd.argoproj.io/sync-wave"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
HOOK = "argocd.argoproj.io/hook"
HOOK_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"

METRICS = "metrics"
"""Annotation of a monitor, behind the platform's prefix: the sources of metrics that it brings, with commas between."""

# What a component does, as a value of `app.kubernetes.io/component`: checks find workloads by it.
INFERENCE = "inference"
FRONT = "front"
TRAINING = "training"
CONTROL_PLANE = "control-plane"
OPERATOR = "operator"
STORAGE = "storage"
WEB = "web"
TRACKING = "tracking"
MIGRATION = "migration"
REGISTRATION = "registration"
RESTORE_CHECK = "restore-check"
RETENTION = "retention"
SLEEP = "sleep"
WORKER = "worker"
INGESTION = "ingestion"


def selector(name: str, component: str) -> dict[str, str]:
    """The labels that a selector may use: they never change.

    `app.kubernetes.io/instance` is not among them: Argo CD up to 2.14 overwrites it (docs/facts/workloads.md).
    """
    return {NAME: name, COMPONENT: component}
