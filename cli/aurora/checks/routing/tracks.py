"""Rules that keep the tracks apart: Services, certificates, and what a canary may differ in."""

from collections.abc import Iterator

from aurora.checks.routing.twins import differences, twins
from aurora.cluster import nginx, routes, splits, workloads
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.place import pointer
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation

CERT_MANAGER = ("cert-manager.io/", "acme.cert-manager.io/")
_TLS_OWNERS = (
    ("Certificate", "cert-manager.io"),
    ("ClusterIssuer", "cert-manager.io"),
    ("Issuer", "cert-manager.io"),
    ("Gateway", routes.GATEWAY_GROUP),
)


def _two_tracks(inventory: Inventory) -> Iterator[Violation]:
    for service in inventory.of_kind("Service", group=""):
        found = sorted(
            {workloads.track(inventory, pod) or "none" for pod in workloads.index(inventory).behind(service)}
        )
        if len(found) > 1:
            yield Violation(
                manifest=service,
                steps=("spec", "selector"),
                message=f"the Service selects pods of {len(found)} tracks: {', '.join(found)}",
                hint=f"select the label `{inventory.names.track}` as well",
            )


def _wrong_track(inventory: Inventory) -> Iterator[Violation]:
    for path, mains in nginx.pairs(inventory):
        reached = routes.tracks_behind(inventory, path.backend)
        if reached and splits.CANARY not in reached:
            yield _swapped(path.backend, "the canary Ingress", ", ".join(sorted(reached)) or "no")
        for main in mains:
            if routes.tracks_behind(inventory, main.backend) == {splits.CANARY}:
                yield _swapped(main.backend, "the main Ingress", splits.CANARY)
    for service in inventory.of_kind("Service", group=""):
        named = service.labels.get(inventory.names.track)
        pods = workloads.index(inventory).behind(service)
        if named and pods and all(workloads.track(inventory, pod) != named for pod in pods):
            other = workloads.track(inventory, pods[0])
            yield Violation(
                manifest=service,
                steps=("spec", "selector"),
                message=f"the Service is labelled `{named}`, but selects pods of track `{other}`",
                hint="let selector and label name one track",
            )


def _swapped(backend: routes.Backend, what: str, reached: str) -> Violation:
    return Violation(
        manifest=backend.manifest,
        steps=(*backend.steps, "name"),
        message=f"{what} sends requests to `{backend.service}`, which selects the track `{reached}`",
        hint="name the Service of the right track",
    )


def _owns_tls(inventory: Inventory) -> Iterator[Violation]:
    for ingress in nginx.canaries(inventory):
        if ingress.get("spec", "tls"):
            yield Violation(
                manifest=ingress,
                steps=("spec", "tls"),
                message="the canary Ingress states TLS, which its main Ingress owns",
                hint="remove `tls`: the canary is reached through its main Ingress",
            )
        for key in nginx.annotations_of(ingress):
            if key.startswith(CERT_MANAGER):
                yield Violation(
                    manifest=ingress,
                    steps=("metadata", "annotations", key),
                    message=f"`{key}` makes cert-manager create a second owner of the certificate's Secret",
                    hint="state it on the main Ingress only",
                )
    for kind, group in _TLS_OWNERS:
        for manifest in inventory.of_kind(kind, group=group):
            if manifest.labels.get(inventory.names.track) == splits.CANARY:
                yield Violation(
                    manifest=manifest,
                    steps=("metadata", "labels", inventory.names.track),
                    message=f"a {kind} belongs to the canary",
                    hint="keep certificates with the edge, which both tracks share",
                )
    yield from _mounted_certificates(inventory)


def _mounted_certificates(inventory: Inventory) -> Iterator[Violation]:
    secrets = set(_certificate_secrets(inventory))
    for pod in inventory.pods():
        if workloads.track(inventory, pod) != splits.CANARY:
            continue
        for steps, volume in pod.volumes:
            sources = [volume, *items(dig(volume, "projected", "sources"))]
            named = {
                text(dig(source, "secret", "secretName")) or text(dig(source, "secret", "name")) for source in sources
            }
            for name in sorted(named):
                if (pod.namespace, name) in secrets:
                    yield Violation(
                        manifest=pod.manifest,
                        steps=steps,
                        message=f"canary pods mount `{name}`, the Secret of a certificate",
                        hint="end TLS at the edge",
                    )


def _certificate_secrets(inventory: Inventory) -> Iterator[tuple[str, str]]:
    for certificate in inventory.of_kind("Certificate", group="cert-manager.io"):
        yield workloads.namespace_of(certificate), text(certificate.get("spec", "secretName"))
    for ingress in routes.ingresses(inventory):
        for entry in items(ingress.get("spec", "tls")):
            yield workloads.namespace_of(ingress), text(dig(entry, "secretName"))


def _without_stable(inventory: Inventory) -> Iterator[Violation]:
    for canary, stable in twins(inventory):
        if not stable:
            yield Violation(
                manifest=canary.manifest,
                steps=(*canary.steps, "metadata", "labels"),
                message="no stable workload has this canary's name, component and model labels",
                hint="let both tracks differ in the track and version labels only",
            )


def _differs(inventory: Inventory) -> Iterator[Violation]:
    for canary, stables in twins(inventory):
        for stable in stables:
            for steps in differences(inventory, stable, canary):
                yield Violation(
                    manifest=canary.manifest,
                    steps=steps,
                    message=f"`{pointer(steps)}` differs from {stable.manifest.id}",
                    hint="let the canary differ in version, replicas, labels and names only",
                )


def _overlapping(inventory: Inventory) -> Iterator[Violation]:
    """Find workloads whose selector also matches the pods of another one in the namespace."""
    for pod in inventory.pods():
        if pod.manifest.id.kind not in ("Deployment", "ReplicaSet", "StatefulSet"):
            continue
        for other in workloads.index(inventory).selected(pod.namespace, pod.manifest.get("spec", "selector")):
            if other.manifest is not pod.manifest and other.manifest.id.kind == pod.manifest.id.kind:
                yield Violation(
                    manifest=pod.manifest,
                    steps=("spec", "selector"),
                    message=f"the selector also matches the pods of {other.manifest.id}",
                    hint=f"select a label that tells them apart, such as `{inventory.names.track}`",
                )


RULES = (
    InventoryRule("routing/service-selects-two-tracks", BROKEN, _two_tracks, own=True),
    InventoryRule("routing/wrong-track", BROKEN, _wrong_track, own=True),
    InventoryRule("routing/canary-owns-tls", ADVICE, _owns_tls, own=True),
    InventoryRule("routing/canary-without-stable", ADVICE, _without_stable, softens=True, own=True),
    InventoryRule("routing/canary-differs", ADVICE, _differs, own=True),
    InventoryRule("routing/overlapping-selectors", BROKEN, _overlapping),
)
