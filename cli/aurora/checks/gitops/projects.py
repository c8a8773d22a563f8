"""What an AppProject permits.

Source: `IsSourcePermitted`, `isDestinationMatched` and `IsGroupKindNamePermitted` of argo-cd's
`app_project_types.go`, and `NormalizeGitURL` of its `util/git`. Must not judge.
"""

import re
from dataclasses import dataclass, field

from aurora.cluster.applications import GROUP, Application, ApplicationSource
from aurora.cluster.globs import glob
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora_constructs.argocd.destination import LOCAL_NAME, LOCAL_SERVER

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
    _names: dict[tuple[str, str, str], list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        allowed, forbidden = f"{scope}ResourceWhitelist", f"{scope}ResourceBlacklist"
        unlisted = namespaced and self.manifest.get("spec", allowed) is None
        return (unlisted or self._lists(allowed, manifest)) and not self._lists(forbidden, manifest)

    def _lists(self, name: str, manifest: Manifest) -> bool:
        """Tell whether an object is in a list of group, kind and name; who lists a kind is looked up once."""
        key = (name, manifest.id.group, manifest.id.kind)
        if key not in self._names:
            self._names[key] = [
                text(dig(entry, "name"))
                for entry in items(self.manifest.get("spec", name))
                if glob(text(dig(entry, "group")), key[1]) and glob(text(dig(entry, "kind")), key[2])
            ]
        return any(not pattern or glob(pattern, manifest.id.name) for pattern in self._names[key])


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
