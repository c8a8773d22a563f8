"""The Secrets that will exist: written in manifests, or made by a controller from another object.

Sources: external-secrets `externalsecret_types.go` v1 (creation policies, target, template), cert-manager's
Certificate, its annotations for Ingresses and Gateways and the account keys of its Issuers, SealedSecret of
bitnami.com, claims of lib-bucket-provisioner. Must not judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from aurora.cluster.references.lookup import DEFAULT_NAMESPACE
from aurora.cluster.references.made_secrets import made_secrets
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import ANYWHERE

Keys = frozenset[str] | None
"""The keys of a Secret; None where they are not known before the controller has run."""

ISSUER_ANNOTATIONS = ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer")
CERTIFICATE_KEYS = frozenset({"ca.crt", "tls.crt", "tls.key"})
EXTERNAL_SECRETS = "external-secrets.io"
BUCKETS = "objectbucket.io"


@dataclass(frozen=True, slots=True)
class Provided:
    """A Secret that will exist, what makes it, and its keys."""

    namespace: str
    name: str
    maker: Manifest
    keys: Keys


@dataclass(frozen=True, slots=True)
class ProvidedSecrets:
    """All Secrets that will exist, by namespace and name; `made` are those of which only a running pod knows more."""

    secrets: dict[tuple[str, str], list[Provided]] = field(default_factory=dict)
    everywhere: frozenset[str] = frozenset()
    made: frozenset[tuple[str, str]] = frozenset()

    def get(self, namespace: str | None, name: str) -> list[Provided]:
        """Give what provides a Secret; nothing if nobody does."""
        if namespace == ANYWHERE:
            return [entry for (_, known), found in self.secrets.items() if known == name for entry in found]
        return self.secrets.get((namespace or DEFAULT_NAMESPACE, name), [])

    def exists(self, namespace: str | None, name: str) -> bool:
        """Tell whether anything provides the Secret."""
        made = (namespace or DEFAULT_NAMESPACE, name) in self.made
        return bool(self.get(namespace, name)) or name in self.everywhere or made

    def lacks(self, namespace: str | None, name: str, key: str) -> bool:
        """Tell whether the Secret surely has no such key."""
        found = self.get(namespace, name)
        unsure = name in self.everywhere or (namespace or DEFAULT_NAMESPACE, name) in self.made
        return bool(found) and not unsure and all(_lacks(entry.keys, key) for entry in found)


def _lacks(keys: Keys, key: str) -> bool:
    return keys is not None and key not in keys


def provided_secrets(inventory: Inventory) -> ProvidedSecrets:
    """Give every Secret that the objects of an inventory bring into being; collected at the first call."""
    return inventory.once(_collect)


def _collect(inventory: Inventory) -> ProvidedSecrets:
    secrets: dict[tuple[str, str], list[Provided]] = {}
    for name, maker, keys in _all(inventory):
        if name:  # who names no Secret makes none: the definition refuses it
            entry = Provided(maker.id.namespace or DEFAULT_NAMESPACE, name, maker, keys)
            secrets.setdefault((entry.namespace, name), []).append(entry)
    return ProvidedSecrets(secrets, frozenset(_everywhere(inventory)), frozenset(made_secrets(inventory)))


def _all(inventory: Inventory) -> Iterator[tuple[str, Manifest, Keys]]:
    for manifest in inventory.of_kind("Secret", group=""):
        yield manifest.id.name, manifest, _written(manifest)
    for manifest in inventory.of_kind("SealedSecret", group="bitnami.com"):
        name = text(manifest.get("spec", "template", "metadata", "name")) or manifest.id.name
        yield name, manifest, frozenset(mapping(manifest.get("spec", "encryptedData")))
    for manifest in inventory.of_kind("ExternalSecret", group=EXTERNAL_SECRETS):
        spec = mapping(manifest.get("spec"))
        if _creates(spec) and text(dig(spec, "target", "manifest", "kind")) in {"", "Secret"}:
            yield text(dig(spec, "target", "name")) or manifest.id.name, manifest, external_keys(spec)
    for manifest in inventory.of_kind("ObjectBucketClaim", group=BUCKETS):
        yield manifest.id.name, manifest, frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
    for manifest in inventory.of_kind("Issuer", group="cert-manager.io"):
        account = mapping(manifest.get("spec", "acme", "privateKeySecretRef"))
        yield text(account.get("name")), manifest, frozenset({text(account.get("key")) or "tls.key"})
    yield from _certificates(inventory)


def _certificates(inventory: Inventory) -> Iterator[tuple[str, Manifest, Keys]]:
    for manifest in inventory.of_kind("Certificate", group="cert-manager.io"):
        yield text(manifest.get("spec", "secretName")), manifest, _certificate_keys(manifest)
    for kind, group in (("Ingress", "networking.k8s.io"), ("Gateway", "gateway.networking.k8s.io")):
        for manifest in inventory.of_kind(kind, group=group):
            if any(manifest.annotations.get(name) for name in ISSUER_ANNOTATIONS):
                for name in _tls_names(manifest):
                    yield name, manifest, CERTIFICATE_KEYS


def _written(manifest: Manifest) -> Keys:
    """A token Secret is filled by the token controller."""
    if manifest.get("type") == "kubernetes.io/service-account-token":
        return None
    return frozenset({*mapping(manifest.get("data")), *mapping(manifest.get("stringData"))})


def _creates(spec: JsonObject) -> bool:
    """`Merge` and `None` leave the Secret to somebody else."""
    return text(dig(spec, "target", "creationPolicy")) not in {"Merge", "None"}


def external_keys(spec: JsonObject) -> Keys:
    """Give the keys of an ExternalSecret's target: a template replaces the fetched ones unless it merges."""
    template = mapping(dig(spec, "target", "template"))
    written = frozenset(mapping(template.get("data")))
    if items(template.get("templateFrom")):
        return None
    if written and text(template.get("mergePolicy")) != "Merge":
        return written
    if items(spec.get("dataFrom")):
        return None
    return written | {text(dig(entry, "secretKey")) for entry in items(spec.get("data"))}


def _certificate_keys(manifest: Manifest) -> Keys:
    extra = mapping(manifest.get("spec", "keystores")) or items(manifest.get("spec", "additionalOutputFormats"))
    return None if extra else CERTIFICATE_KEYS


def _tls_names(manifest: Manifest) -> Iterator[str]:
    for entry in items(manifest.get("spec", "tls")):
        yield text(dig(entry, "secretName"))
    for listener in items(manifest.get("spec", "listeners")):
        for certificate in items(dig(listener, "tls", "certificateRefs")):
            yield text(dig(certificate, "name"))


def _everywhere(inventory: Inventory) -> Iterator[str]:
    """A ClusterExternalSecret chooses its namespaces by labels that only the cluster knows."""
    for manifest in inventory.of_kind("ClusterExternalSecret", group=EXTERNAL_SECRETS):
        spec = mapping(manifest.get("spec"))
        yield (
            text(dig(spec, "externalSecretSpec", "target", "name"))
            or text(spec.get("externalSecretName"))
            or manifest.id.name
        )
