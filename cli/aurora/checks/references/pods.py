"""Rules about what pods name: accounts, ConfigMaps, claims, priority and runtime classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from aurora.cluster.references.lookup import absent, exists, find, missing
from aurora.cluster.references.pods import named_by_pods, of_kind, priority_classes, reference, runtime_classes
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.model.rule import InventoryRule, Rule, Violation


def _config_map_keys(inventory: Inventory) -> Iterator[Violation]:
    for found in named_by_pods(inventory, "ConfigMap"):
        config = find(inventory, reference(found))
        if config is None:
            continue
        keys = {*mapping(config.get("data")), *mapping(config.get("binaryData"))}
        for key in found.keys:
            if key.name not in keys:
                yield Violation(
                    manifest=found.pod.manifest,
                    steps=key.steps,
                    message=f"ConfigMap `{found.name}` has no key `{key.name}`",
                    hint=f"it has {_listed(keys)}; without the key the container does not start",
                )


def _listed(keys: set[str]) -> str:
    return ", ".join(f"`{key}`" for key in sorted(keys)[:10]) or "no keys"


def _claims(inventory: Inventory) -> Iterator[Violation]:
    """A claim of that name in another namespace is `storage/claim-namespace`, which says why it is no use."""
    elsewhere = {manifest.id.name for manifest in inventory.of_kind("PersistentVolumeClaim", group="")}
    for wanted in of_kind(inventory, "PersistentVolumeClaim"):
        if wanted.name not in elsewhere and not exists(inventory, wanted):
            yield absent(inventory, wanted)


def _pod(spec: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec:\n{spec}"


def _with(spec: str, other: str) -> str:
    return f"{_pod(spec)}---\n{other}"


_ACCOUNT = "  serviceAccountName: web\n"
_CONFIG = "  containers:\n    - name: web\n      envFrom: [{configMapRef: {name: settings}}]\n"
_CONFIG_KEY = (
    "  containers:\n    - name: web\n"
    "      env: [{name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]\n"
)
_CLAIM = "  volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]\n"
_PRIORITY = "  priorityClassName: serving\n"
_RUNTIME = "  runtimeClassName: sandbox\n"

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/service-account",
            severity=Severity.ERROR,
            summary="a ServiceAccount that does not exist",
            why="A workload whose ServiceAccount is missing creates no pods, and nothing else says so.",
            bad=_pod(_ACCOUNT),
            good=_with(_ACCOUNT, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n"),
        ),
        find=missing(partial(of_kind, kind="ServiceAccount")),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/config-map",
            severity=Severity.ERROR,
            summary="a ConfigMap that does not exist",
            why="The pod waits in ContainerCreating or CreateContainerConfigError until the ConfigMap appears.",
            bad=_pod(_CONFIG),
            good=_with(_CONFIG, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"),
        ),
        find=missing(partial(of_kind, kind="ConfigMap")),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/config-map-key",
            severity=Severity.ERROR,
            summary="a key that its ConfigMap does not have",
            why="A container that needs a missing key is never started.",
            bad=_with(
                _CONFIG_KEY,
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: info}\n",
            ),
            good=_with(
                _CONFIG_KEY,
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {mode: fast}\n",
            ),
        ),
        find=_config_map_keys,
    ),
    InventoryRule(
        rule=Rule(
            id="references/claim",
            severity=Severity.ERROR,
            summary="a PersistentVolumeClaim that does not exist",
            why="A pod whose claim is missing stays Pending.",
            bad=_pod(_CLAIM),
            good=_with(
                _CLAIM, "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: models, namespace: shop}\n"
            ),
        ),
        find=_claims,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/priority-class",
            severity=Severity.ERROR,
            summary="a PriorityClass that does not exist",
            why="The API server refuses pods of an unknown priority class; the workload stays without pods.",
            bad=_pod(_PRIORITY),
            good=_with(
                _PRIORITY,
                "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: serving}\nvalue: 1000\n",
            ),
        ),
        find=missing(priority_classes),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/runtime-class",
            severity=Severity.ERROR,
            summary="a RuntimeClass that does not exist",
            why="The API server refuses pods of an unknown runtime class; the workload stays without pods.",
            bad=_pod(_RUNTIME),
            good=_with(
                _RUNTIME, "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: sandbox}\nhandler: runsc\n"
            ),
        ),
        find=missing(runtime_classes),
        softens=True,
    ),
)
