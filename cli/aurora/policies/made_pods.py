"""The pods that controllers make of objects, as admission sees them.

A policy of pods judges them whatever its autogen says: a controller whose object passes may then make no pod at all.
Sources: Kyverno 1.19 documentation (autogen), `GetPodFromTemplate` of Kubernetes' pkg/controller (labels and
annotations are the template's, the owner is the controller). Must not judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, mapping
from aurora.model.pod_template import PodTemplate
from aurora.policies.handing import Handed, Surroundings
from aurora.policies.matching import Subject
from aurora.policies.sources import Policy

_MAKERS = {
    ("apps", "Deployment"): ("apps/v1", "ReplicaSet"),
    ("argoproj.io", "Rollout"): ("apps/v1", "ReplicaSet"),
    ("batch", "CronJob"): ("batch/v1", "Job"),
    ("jobset.x-k8s.io", "JobSet"): ("batch/v1", "Job"),
    ("keda.sh", "ScaledJob"): ("batch/v1", "Job"),
}
"""Kinds whose objects make others, which make the pods."""


@dataclass(frozen=True, slots=True)
class MadePod(Handed):
    """A pod that a controller makes; `maker` is the object that describes it, whose manifest it has."""

    maker: Subject

    def repeats(self, policy: Policy) -> bool:
        """Tell whether a policy judges the same of the object that describes the pod."""
        return policy.constraints.is_repeated and policy.constraints.may_match(self.maker)


def made_pods(inventory: Inventory, policies: Sequence[Policy], surroundings: Surroundings) -> Iterator[MadePod]:
    """Yield the pods that policies judge beside the objects that describe them.

    Pods to which a controller adds something are left out, and so are those that may lie in any namespace.
    """
    numbers: dict[int, int] = {}
    for pod in inventory.whole_pods():
        manifest = pod.manifest
        if (manifest.id.group, manifest.id.kind) == ("", "Pod") or pod.anywhere:
            continue
        number = numbers[id(manifest)] = numbers.get(id(manifest), -1) + 1
        body = _body(pod, number)
        made = MadePod(
            body,
            surroundings.subject(body, pod.namespace),
            manifest,
            surroundings.subject(manifest.body, manifest.id.namespace or "default"),
        )
        if any(policy.constraints.may_match(made.subject) and not made.repeats(policy) for policy in policies):
            yield made


def _body(pod: PodTemplate, number: int) -> JsonObject:
    manifest = pod.manifest
    written = mapping(pod.body.get("metadata"))
    version, kind = _MAKERS.get((manifest.id.group, manifest.id.kind), (manifest.id.api_version, manifest.id.kind))
    owner: JsonObject = {"apiVersion": version, "kind": kind, "name": manifest.id.name, "uid": "", "controller": True}
    metadata: JsonObject = {key: written[key] for key in ("labels", "annotations") if written.get(key)}
    name = f"{manifest.id.name}-{manifest.id.kind.lower()}-{number}"
    metadata |= {"name": name, "namespace": pod.namespace, "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**pod.spec}}
