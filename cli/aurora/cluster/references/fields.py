"""What objects name by the fields that the table of kinds lists. Whether it exists is not asked here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora.cluster.references.lookup import Reference, Steps
from aurora.kinds import entry, paths, table
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import ANYWHERE, PARAMETER
from aurora.model.resource import ResourceId

BOOTSTRAP_ROLES = frozenset({"admin", "cluster-admin", "edit", "view"})
"""ClusterRoles of every cluster, beside those whose names begin with `system:` (source: bootstrappolicy of 1.35)."""
_EVERYWHERE = frozenset(
    {
        # Sources, all of Kubernetes 1.35: serviceaccounts_controller.go, rootcacertpublisher/publisher.go, and
        # SystemPriorityClasses of apis/scheduling; namespace_policy.go of bootstrappolicy.
        ("ServiceAccount", "default"),
        ("ConfigMap", "kube-root-ca.crt"),
        ("PriorityClass", "system-cluster-critical"),
        ("PriorityClass", "system-node-critical"),
        ("Role", "extension-apiserver-authentication-reader"),
        *(("ClusterRole", name) for name in BOOTSTRAP_ROLES),
    }
)
Target = tuple[str, str]
"""API group and kind of what is named."""
ISSUERS = (("cert-manager.io", "Issuer"), ("cert-manager.io", "ClusterIssuer"))
STORES = (("external-secrets.io", "SecretStore"), ("external-secrets.io", "ClusterSecretStore"))
PROJECT = ("argoproj.io", "AppProject")
ROLES = (("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "ClusterRole"))
CONFIGURED, GRANTED, SCALED = "configured by", "to", "scales"
"""Verbs of the table by which rules know references to whatever kind."""
_WITH_RULES = frozenset(
    {
        *(("", kind) for kind in ("ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount")),
        *(*ISSUERS, *STORES, *ROLES, PROJECT),
        ("gateway.networking.k8s.io", "Gateway"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("networking.k8s.io", "IngressClass"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "StorageClass"),
    }
)
"""What has a rule of its own, which knows more than that it is missing."""


@dataclass(frozen=True, slots=True)
class Named:
    """One field that names an object, and how the one needs the other; `optional` ones work without it."""

    reference: Reference
    verb: str
    optional: bool = False

    @property
    def target(self) -> Target:
        """Group and kind of what is named."""
        return self.reference.group, self.reference.kind


def is_everywhere(kind: str, name: str) -> bool:
    """Tell whether every cluster, or every namespace, has an object without anybody's manifest."""
    return (kind, name) in _EVERYWHERE or (kind in {"ClusterRole", "Role"} and name.startswith("system:"))


def named(inventory: Inventory) -> tuple[Named, ...]:
    """Give everything that the objects of an inventory name by a field of the table; read at the first call."""
    return inventory.every(_named)


def needed(inventory: Inventory, *targets: Target, verb: str | None = None) -> Iterator[Reference]:
    """Yield what objects name and cannot do without: of some kinds, or by a verb."""
    for found in named(inventory):
        if not found.optional and (found.target in targets or found.verb == verb):
            yield found.reference


def of_kinds(*targets: Target, verb: str | None = None) -> Callable[[Inventory], Iterator[Reference]]:
    """Make the function that yields what is needed of some kinds, or by a verb."""
    return lambda inventory: needed(inventory, *targets, verb=verb)


def others(inventory: Inventory) -> Iterator[Reference]:
    """Yield what is needed and is of no kind, and by no verb, that a rule of its own looks for."""
    for found in named(inventory):
        if not found.optional and found.target not in _WITH_RULES and found.verb not in (CONFIGURED, GRANTED, SCALED):
            yield found.reference


def _named(inventory: Inventory) -> Iterator[Named]:
    for manifest in inventory.manifests:
        known = table.find(manifest.id.group, manifest.id.kind)
        for field in known.references if known else ():
            for steps, value in paths.follow(manifest.body, field.at):
                found = _reference(manifest, field, steps, value)
                if found is not None and not is_everywhere(found.kind, found.name) and not _filled_in(known, found):
                    optional = field.optional or ("optional" in field.says and dig(value, "optional") is True)
                    yield Named(found, field.verb, optional)


def _filled_in(known: entry.Kind | None, found: Reference) -> bool:
    """Tell whether a workflow fills a name in when it runs."""
    return PARAMETER in found.name and any(
        place.form is entry.Form.WORKFLOW for place in (known.pods if known is not None else ())
    )


def _reference(manifest: Manifest, field: entry.Reference, steps: Steps, value: JsonValue) -> Reference | None:
    plain = isinstance(value, str) and not field.name
    name = _behind(field.after, text(value) if plain else text(dig(value, field.name or "name")))
    group, kind = _target(field, value)
    known = table.find(group, kind)
    # Another group than the one that is meant belongs to a controller that Aurora does not know.
    if not name or not kind or (field.to is not None and known is None and (group, kind) != field.to):
        return None
    return Reference(
        manifest=manifest,
        steps=steps if plain else (*steps, field.name or "name"),
        kind=kind,
        name=name,
        group=group,
        namespace=None if known is not None and not known.namespaced else _namespace(manifest, field, value),
    )


def _behind(prefix: str, written: str) -> str:
    """Give the name in a text that begins as a field's texts must: KServe's `utils.ParsePvcURI` reads it alike."""
    if not prefix:
        return written
    return written.removeprefix(prefix).partition("/")[0] if written.startswith(prefix) else ""


def _target(field: entry.Reference, value: JsonValue) -> Target:
    group, kind = field.to or ("", "")
    if "kind" in field.says:
        kind = text(dig(value, "kind")) or kind
    if "clusterScope" in field.says and dig(value, "clusterScope") is True:
        kind = f"Cluster{kind}"
    for said in ("group", "apiGroup"):
        written = dig(value, said) if said in field.says else None
        group = written if isinstance(written, str) else group
    version = text(dig(value, "apiVersion")) if "apiVersion" in field.says else ""
    return (ResourceId(version, kind, None, "").group if version else group), kind


def _namespace(manifest: Manifest, field: entry.Reference, value: JsonValue) -> str | None:
    said = text(dig(value, "namespace")) if "namespace" in field.says else ""
    own = table.find(manifest.id.group, manifest.id.kind)
    return said or (ANYWHERE if own is not None and not own.namespaced else manifest.id.namespace)
