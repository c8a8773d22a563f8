"""How Argo CD tells which objects are an Application's: what the manifests say of it. Never judges."""

from collections.abc import Iterator

from aurora.cluster.applications import deployments
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping
from aurora.model.manifest import Manifest
from aurora.model.tree import mappings

_SETTINGS = "argocd-cm"
_TRACKING = "application.resourceTrackingMethod"


def tracks_by_annotation(inventory: Inventory) -> bool:
    """Tell whether Argo CD is told to know its objects by an annotation alone: in its ConfigMap, or its chart's values.

    Source: argo-cd docs, resource tracking; the label counts no more, and is not written.
    """
    maps = (manifest for manifest in inventory.of_kind("ConfigMap", group="") if manifest.id.name == _SETTINGS)
    stated = [mapping(manifest.get("data")) for manifest in maps]
    stated += [body for each in deployments(inventory).applications for body in _values(each.manifest)]
    return any(body.get(_TRACKING) == "annotation" for body in stated)


def _values(application: Manifest) -> Iterator[JsonObject]:
    """Yield every mapping among the values of an Application's charts."""
    for source in (application.get("spec", "source"), *items(application.get("spec", "sources"))):
        yield from (body for _, body in mappings(dig(source, "helm", "valuesObject")))
