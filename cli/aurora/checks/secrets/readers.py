"""Rules about who reads which secret: environments keep apart, and inference reads none.

Source: `docs/facts/secrets.md`. That a key exists is `references/secret-key`.
"""

import re
from collections.abc import Iterator

from aurora.cluster import external_secrets, workloads
from aurora.cluster.pod_references import Way, pod_references
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import ADVICE, OBJECT, InventoryRule, Violation
from aurora_constructs.labels import INFERENCE

Steps = tuple[Step, ...]
SECRETS_DRIVER = "secrets-store.csi.k8s.io"
"""The CSI driver that mounts secrets past the Secret objects (Secrets Store CSI driver)."""


def _foreign_paths(inventory: Inventory) -> Iterator[Violation]:
    if not (inventory.closed and inventory.environment):
        return
    wanted = re.compile(rf"(?<![A-Za-z0-9]){re.escape(inventory.environment)}(?![A-Za-z0-9])")
    for read in external_secrets.reads(inventory):
        if read.key and not wanted.search(read.key):
            yield Violation(
                manifest=read.manifest,
                steps=read.steps,
                message=f"`{read.key}` does not name the environment `{inventory.environment}`",
                hint=f"keep the environment's secrets under a path of its own, such as `{inventory.environment}/…`",
            )


def _inference_reads(inventory: Inventory) -> Iterator[Violation]:
    for pod in workloads.of_component(inventory, INFERENCE):
        for steps, what in _reads(pod):
            yield Violation(
                manifest=pod.manifest,
                steps=steps,
                message=f"this inference pod reads {what}",
                hint="give inference what it needs by the mounted model and plain settings",
            )


def _reads(pod: PodTemplate) -> Iterator[tuple[Steps, str]]:
    """An image pull secret is read by the kubelet; no container of the pod sees it."""
    for found in pod_references(pod):
        if found.kind == "Secret" and found.way is not Way.PULL:
            yield found.steps, f"Secret `{found.name}` by {found.way}"
    for steps, volume in pod.volumes:
        if dig(volume, "csi", "driver") == SECRETS_DRIVER:
            yield (*steps, "csi", "driver"), f"a secret store by the driver `{SECRETS_DRIVER}`"


RULES = (
    InventoryRule("secrets/foreign-path", ADVICE, _foreign_paths, own=True),
    InventoryRule("secrets/inference-reads", ADVICE, _inference_reads, scope=OBJECT, own=True),
)
