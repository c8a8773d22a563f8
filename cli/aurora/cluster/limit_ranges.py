"""What a LimitRange refuses, and the containers that its defaults make invalid.

Source: Kubernetes 1.35, plugin/pkg/admission/limitranger (`PodMutateLimitFunc`, `PodValidateLimitFunc`,
`PersistentVolumeClaimValidateLimitFunc`), and `validateResourceRequirements` and `validatePodResourceConsistency` of
pkg/apis/core/validation, which judge the pod afterwards. Says what is so; whether it is an error is not decided here.
"""

import operator
from collections.abc import Iterator

from aurora.cluster import resources, workloads
from aurora.cluster.claims import claims
from aurora.cluster.resources import LIMITS, REQUESTS, Resources
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import Violation

_HINT = "change the resources, or the LimitRange"
Breach = tuple[str, str, str]
"""The part of resources, the resource, and what is wrong with it."""


def outside(inventory: Inventory) -> Iterator[Violation]:
    """Find the containers, pods and claims that are outside the LimitRange of their namespace."""
    defaults = resources.container_defaults(inventory)
    for limit_range in inventory.of_kind("LimitRange", group=""):
        namespace = workloads.namespace_of(limit_range)
        for item in items(limit_range.get("spec", "limits")):
            if dig(item, "type") == "PersistentVolumeClaim":
                yield from _claims(inventory, limit_range, item)
                continue
            for pod in workloads.index(inventory).pods_in(namespace):
                # What a runtime merges in stands before the defaults of a namespace.
                added = None if pod.partial else defaults.get(namespace)
                for manifest, steps, who, asked in _judged(pod, dig(item, "type"), added):
                    for part, name, message in _breaches(item, asked, whole=not pod.partial):
                        yield Violation(
                            manifest=manifest,
                            steps=(*steps, "resources", part, name),
                            message=f"{message} that {limit_range.id} allows in {who}",
                            hint=_HINT,
                        )


def _judged(
    pod: PodTemplate, kind: JsonValue | None, added: Resources | None
) -> Iterator[tuple[Manifest, tuple[Step, ...], str, Resources]]:
    if kind == "Container":
        for container in _own(pod):
            yield (
                pod.manifest,
                container.steps,
                f"container `{container.name}`",
                resources.of_container(container, added),
            )
    elif kind == "Pod":
        asked = Resources(*(resources.of_pod(pod, part, added) for part in (REQUESTS, LIMITS)))
        yield pod.manifest, pod.at(), "the whole pod", asked


def _own(pod: PodTemplate) -> list[Container]:
    return [container for container in pod.containers if "ephemeralContainers" not in container.steps]


def _claims(inventory: Inventory, limit_range: Manifest, item: JsonValue) -> Iterator[Violation]:
    for claim in claims(inventory):
        if workloads.namespace_of(claim.manifest) == workloads.namespace_of(limit_range):
            asked = Resources(requests=resources.amounts(dig(claim.spec, "resources", REQUESTS)))
            for _, name, message in _breaches(item, asked, whole=False):
                yield Violation(
                    manifest=claim.manifest,
                    steps=(*claim.steps, "resources", REQUESTS, name),
                    message=f"{message} that {limit_range.id} allows in a claim",
                    hint=_HINT,
                )


def _breaches(item: JsonValue, asked: Resources, *, whole: bool) -> Iterator[Breach]:
    """Compare with each bound; `whole` says that nothing else adds amounts, so that a missing one is a breach."""
    for field, parts, beyond in (("max", (LIMITS, REQUESTS), operator.gt), ("min", (REQUESTS, LIMITS), operator.lt)):
        words = f"{'more' if field == 'max' else 'less'} than the"
        for name, bound in sorted(resources.amounts(dig(item, field)).items()):
            shown = quantity.render(bound)
            for part in parts:
                amount = asked.part(part).get(name)
                if amount is not None and beyond(amount, bound):
                    yield part, name, f"{quantity.render(amount)} of `{name}` is {words} {shown}"
            if whole and name not in asked.part(parts[0]):
                yield parts[0], name, f"no {parts[0][:-1]} for `{name}` is stated, which counts as {words} {shown}"
    yield from _ratios(item, asked, whole=whole)


def _ratios(item: JsonValue, asked: Resources, *, whole: bool) -> Iterator[Breach]:
    for name, ratio in sorted(resources.amounts(dig(item, "maxLimitRequestRatio")).items()):
        request, limit, most = asked.requests.get(name), asked.limits.get(name), f"the {float(ratio):g} times"
        if request and limit and limit / request > ratio:
            yield (
                LIMITS,
                name,
                f"a limit for `{name}` of {float(limit / request):g} times the request is more than {most}",
            )
        elif whole and not (request and limit):
            yield LIMITS, name, f"`{name}` without a request and a limit is not within {most}"


def spoiled(inventory: Inventory) -> Iterator[Violation]:
    """Find the containers that are valid, and are refused once the defaults of a LimitRange are added to them."""
    defaults = resources.container_defaults(inventory)
    for pod in inventory.whole_pods():
        added = defaults.get(pod.namespace)
        for container in _own(pod) if added else ():
            before, after = resources.of_container(container), resources.of_container(container, added)
            for part, name, message in _contradictions(pod, after):
                if (part, name, message) not in set(_contradictions(pod, before)):
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*container.steps, "resources", part, name),
                        message=f"with the defaults of the namespace's LimitRange {message} in container "
                        f"`{container.name}`: every pod is refused",
                        hint=f"state both request and limit for `{name}`, or change the LimitRange",
                    )
        for name in _above_pod(pod, added) if added else ():
            yield Violation(
                manifest=pod.manifest,
                steps=pod.at("resources", REQUESTS, name),
                message=f"with the defaults of the namespace's LimitRange the containers request more of `{name}` than "
                "the whole pod: every pod is refused",
                hint="raise the pod's request, or state requests of the containers",
            )


def _contradictions(pod: PodTemplate, asked: Resources) -> Iterator[Breach]:
    for name, request in sorted(asked.requests.items()):
        limit, shown = asked.limits.get(name), f"{quantity.render(request)} of `{name}`"
        exact = resources.is_extended(name) or name.startswith("hugepages-")
        if limit is None:
            if exact:
                yield REQUESTS, name, f"a request for {shown} has no limit"
        elif request > limit or (exact and request != limit):
            wanted = "is not" if exact else "is more than"
            yield REQUESTS, name, f"the request for {shown} {wanted} the limit of {quantity.render(limit)}"
    whole = resources.amounts(dig(pod.get("resources"), LIMITS))
    for name, limit in sorted(asked.limits.items()):
        if name in whole and limit > whole[name]:
            shown = f"{quantity.render(limit)} of `{name}`"
            yield LIMITS, name, f"the limit of {shown} is more than the {quantity.render(whole[name])} of the pod"


def _above_pod(pod: PodTemplate, added: Resources) -> Iterator[str]:
    whole = resources.amounts(dig(pod.get("resources"), REQUESTS))
    before, after = (resources.of_containers(pod, REQUESTS, each) for each in (None, added))
    yield from (name for name in sorted(whole) if after.get(name, 0) > whole[name] >= before.get(name, 0))
