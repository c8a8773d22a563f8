"""What an AppProject permits.

Source: `IsSourcePermitted`, `isDestinationMatched` and `IsGroupKindNamePermitted` of argo-cd's
`app_project_types.go`, and `NormalizeGitURL` of its `util/git`. Must not judge.
"""

import re
from dataclasses import dataclass

from aurora.cluster.applications import GROUP, Application, ApplicationSource
from aurora.cluster.globs import glob
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest

LOCAL_SERVER = "https://kubernetes.default.svc"
LOCAL_NAME = "in-cluster"
"""The two names of the cluster that Argo CD runs in."""
_SCP = re.compile(r"^[^/:]*@[^@]+$")


@dataclass(frozen=True, slots=True)
class Destination:
    """A cluster, by URL and name as far as they are known, and a namespace."""

    server: str
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Project:
    """One AppProject."""

    manifest: Manifest

    def permits_source(self, source: ApplicationSource) -> bool:
        """Tell whether Applications may read from a repository; a pattern after `!` forbids what it matches."""
        url, permitted = normalised(source.repository), False
        for entry in items(self.manifest.get("spec", "sourceRepos")):
            pattern = text(entry)
            if pattern.startswith("!"):
                if glob(normalised(pattern[1:]), url, "/"):
                    return False
                permitted = True
            elif pattern == "*" or glob(normalised(pattern), url, "/"):
                permitted = True
        return permitted

    def permits_destination(self, target: Destination) -> bool:
        """Tell whether Applications may write to a namespace of a cluster."""
        permitted = False
        for entry in items(self.manifest.get("spec", "destinations")):
            patterns = [text(dig(entry, key)) for key in ("server", "name", "namespace")]
            values = (target.server, target.name, target.namespace)
            server, name, namespace = (
                _permits(pattern, value) for pattern, value in zip(patterns, values, strict=True)
            )
            if ((server and bool(target.server)) or (name and bool(target.name))) and namespace:
                permitted = True
            elif any(
                pattern.startswith("!") and not matched
                for pattern, matched in zip(patterns, (server, name, namespace), strict=True)
            ):
                return False
        return permitted

    def permits_kind(self, manifest: Manifest, *, namespaced: bool) -> bool:
        """Tell whether Applications may write objects of a kind; cluster-scoped ones must be listed."""
        scope = "namespace" if namespaced else "cluster"
        allowed = self.manifest.get("spec", f"{scope}ResourceWhitelist")
        forbidden = self.manifest.get("spec", f"{scope}ResourceBlacklist")
        unlisted = namespaced and allowed is None
        return (unlisted or _listed(manifest, allowed)) and not _listed(manifest, forbidden)


def projects(inventory: Inventory) -> dict[str, Project]:
    """Give the AppProjects of an inventory by name."""
    return {manifest.id.name: Project(manifest) for manifest in inventory.of_kind("AppProject", group=GROUP)}


def destination(application: Application, namespace: str | None = None) -> Destination:
    """Give where an Application writes to: its own namespace, or the one of an object."""
    target = application.manifest.get("spec", "destination")
    server, name = text(dig(target, "server")), text(dig(target, "name"))
    if server == LOCAL_SERVER or name == LOCAL_NAME:
        server, name = LOCAL_SERVER, LOCAL_NAME
    return Destination(server, name, namespace or text(dig(target, "namespace")))


def normalised(url: str) -> str:
    """Write a repository's URL so that its spellings compare equal."""
    plain = url.strip().lower()
    if _SCP.match(plain):
        plain = plain.replace(":", "/", 1)
    return plain.removeprefix("ssh://").removesuffix(".git")


def _permits(pattern: str, value: str) -> bool:
    if pattern.startswith("!"):
        return not glob(pattern[1:], value)
    return pattern == "*" or glob(pattern, value)


def _listed(manifest: Manifest, entries: JsonValue | None) -> bool:
    return any(
        glob(text(dig(entry, "group")), manifest.id.group)
        and glob(text(dig(entry, "kind")), manifest.id.kind)
        and _named(text(dig(entry, "name")), manifest)
        for entry in items(entries)
    )


def _named(pattern: str, manifest: Manifest) -> bool:
    return not pattern or glob(pattern, manifest.id.name)
