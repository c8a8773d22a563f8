"""The labels and annotations that Aurora's objects carry. Imports no cdk8s."""

from __future__ import annotations

DOMAIN = "aurora.example.com"
"""The domain that Aurora's own labels, annotations and API group belong to."""
API_GROUP = "ml.aurora.example.com"
"""The API group of MLTrainingJob and MLDeployment."""

PART_OF = "aurora"

NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
VERSION = "app.kubernetes.io/version"
TRACK = f"{DOMAIN}/track"
MODEL = f"{DOMAIN}/model"
MODEL_VERSION = f"{DOMAIN}/model-version"

SYNC_WAVE = "argocd.argoproj.io/sync-wave"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
HOOK = "argocd.argoproj.io/hook"
HOOK_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"

# What a component does, as a value of `app.kubernetes.io/component`: checks find workloads by it.
INFERENCE = "inference"
TRAINING = "training"
CONTROL_PLANE = "control-plane"
OPERATOR = "operator"
STORAGE = "storage"
WEB = "web"


def common(environment: str) -> dict[str, str]:
    """Labels of every object of an environment."""
    return {
        "app.kubernetes.io/managed-by": "aurora",
        "app.kubernetes.io/part-of": PART_OF,
        f"{DOMAIN}/environment": environment,
    }


def selector(name: str, component: str) -> dict[str, str]:
    """The labels that a selector may use: they never change.

    `app.kubernetes.io/instance` is not among them: Argo CD up to 2.14 overwrites it (domain, section 1).
    """
    return {NAME: name, COMPONENT: component}
