"""A rule about kinds: where everything is known that a cluster gets, somebody brings their definitions.

An Application of another repository says with an annotation what it brings; while one says nothing and its objects are
not here, such as those of a chart without archive, whatever is missing may come from there. Source: the API server
serves a custom kind only while a CustomResourceDefinition (apiextensions-apiserver, `customresource_handler.go`
of Kubernetes 1.35) or an APIService names it.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster.applications import ARGO_KINDS, GROUP, Application, deployments
from aurora.cluster.custom_kinds import CRD_GROUP, custom_kinds
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.manifest import Manifest
from aurora.model.rule import BROKEN, InventoryRule, Violation

PROVIDES = "provides"
"""Annotation, behind the platform's prefix, of Applications: the API groups whose definitions they bring."""


def external_groups(inventory: Inventory) -> frozenset[str]:
    """Give the groups of which a CustomResourceDefinition is external: not all of their kinds are known here."""
    names = (entry.name for entry in inventory.externals if entry.kind == "CustomResourceDefinition")
    return frozenset(name.partition(".")[2] for name in names)


def _undefined(inventory: Inventory) -> Iterator[Violation]:
    """Find groups that nobody defines, at the first object of each of their kinds."""
    found = deployments(inventory)
    stated = {id(each.manifest): _stated(inventory, each) for each in found.applications}
    seen = all(stated[id(each.manifest)] or found.synced_by(each) for each in found.applications)
    generated = next(iter(inventory.of_kind("ApplicationSet", group=GROUP)), None)
    if not (inventory.closed and found.applications and seen) or generated:
        return
    known = {group for group, _ in custom_kinds(inventory)}.union(external_groups(inventory), *stated.values())
    known |= {
        text(each.get("spec", "group")) for each in inventory.of_kind("APIService", group="apiregistration.k8s.io")
    }
    used: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for manifest in inventory.custom():
        # Whoever applies the first Application has Argo CD.
        if manifest.id.group not in known and (manifest.id.group != GROUP or manifest.id.kind not in ARGO_KINDS):
            used[manifest.id.group, manifest.id.kind].append(manifest)
    for (group, kind), (first, *others) in used.items():
        more = (
            f"; {len(others)} more {'objects are' if len(others) > 1 else 'object is'} of this kind" if others else ""
        )
        yield Violation(
            manifest=first,
            steps=("apiVersion",),
            message=f"nobody defines the kind `{kind}`: no CustomResourceDefinition of the group `{group}` comes with "
            f"this environment{more}",
            hint="add the chart or the folder that brings it (`manifests` of PlatformCharts, with `provides`), or "
            f"declare it: `group: {CRD_GROUP}`, `kind: CustomResourceDefinition`, `name: <plural>.{group}`",
        )


def _stated(inventory: Inventory, application: Application) -> frozenset[str]:
    words = application.manifest.annotations.get(inventory.names.key(PROVIDES), "")
    return frozenset(word.strip() for word in words.split(",")) - {""}


RULES = (InventoryRule("references/definition", BROKEN, _undefined),)
