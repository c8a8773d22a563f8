"""What Argo CD's projects permit: sources, destinations, kinds, and who may act. Source: Argo CD 3.5, AppProject."""

import json
from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed
from aurora.changes.consequences.view import View
from aurora.model.json_value import dig, items
from aurora.model.manifest import Manifest

WIDENED = Row("security/project-widened", WEAKER)
NARROWED = Row("security/project-narrowed", STRONGER)

_ALLOWING = (
    "clusterResourceWhitelist",
    "destinations",
    "namespaceResourceWhitelist",
    "sourceNamespaces",
    "sourceRepos",
)
_DENYING = ("clusterResourceBlacklist", "namespaceResourceBlacklist", "signatureKeys")


def find(view: View) -> Iterator[Found]:
    """Yield projects that permit something else."""
    for pair, before, after in view.updated("argoproj.io", "AppProject"):
        more, less = _moved(before, after)
        if more:
            yield WIDENED.found(pair, f"permits more: {listed(more)}", steps=("spec",))
        if less:
            yield NARROWED.found(pair, f"permits less: {listed(less)}", steps=("spec",))


def _moved(before: Manifest, after: Manifest) -> tuple[list[str], list[str]]:
    more: list[str] = []
    less: list[str] = []
    for field in (*_ALLOWING, *_DENYING):
        old, new = _entries(before, field), _entries(after, field)
        gained, lost = (new - old, old - new) if field in _ALLOWING else (old - new, new - old)
        more += [f"`{field}` {entry}" for entry in sorted(gained)]
        less += [f"`{field}` {entry}" for entry in sorted(lost)]
    if not _entries(before, "namespaceResourceWhitelist") and _entries(after, "namespaceResourceWhitelist"):
        # Without a list every namespaced kind is permitted.
        more = [words for words in more if not words.startswith("`namespaceResourceWhitelist`")]
        less.append("`namespaceResourceWhitelist` is set: every other kind is refused")
    if _entries(before, "namespaceResourceWhitelist") and not _entries(after, "namespaceResourceWhitelist"):
        less = [words for words in less if not words.startswith("`namespaceResourceWhitelist`")]
        more.append("`namespaceResourceWhitelist` is gone: every kind is permitted")
    old, new = _policies(before), _policies(after)
    return more + [f"`{entry}`" for entry in sorted(new - old)], less + [f"`{entry}`" for entry in sorted(old - new)]


def _entries(manifest: Manifest, field: str) -> set[str]:
    return {json.dumps(entry, sort_keys=True) for entry in items(manifest.get("spec", field))}


def _policies(manifest: Manifest) -> set[str]:
    found: set[str] = set()
    for role in items(manifest.get("spec", "roles")):
        found |= {str(policy) for policy in items(dig(role, "policies"))}
        found |= {f"group {group}" for group in items(dig(role, "groups"))}
    return found
