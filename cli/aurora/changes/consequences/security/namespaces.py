"""Pod Security levels of namespaces.

Source: Kubernetes 1.35, Pod Security admission. Which pods a raised level refuses is not decided here.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row
from aurora.changes.consequences.view import View
from aurora.model.manifest import Manifest

ENFORCE = "pod-security.kubernetes.io/enforce"
LEVELS = ("privileged", "baseline", "restricted")
"""From the loosest; a namespace without the label is privileged."""

LOWERED = Row("security/pod-security-lowered", WEAKER)
RAISED = Row("security/pod-security-raised", STRONGER)


def level(manifest: Manifest | None) -> str:
    """Give the level that a namespace enforces; an unreadable one counts as restricted (`ParseLevel`)."""
    stated = manifest.labels.get(ENFORCE, LEVELS[0]) if manifest is not None else LEVELS[0]
    return stated if stated in LEVELS else LEVELS[-1]


def find(view: View) -> Iterator[Found]:
    """Yield namespaces that enforce another level."""
    for pair, before, after in view.updated("", "Namespace"):
        old, new = level(before), level(after)
        # The API server refuses a level that it does not know, so nothing follows from one.
        if old != new and after.labels.get(ENFORCE, new) in LEVELS:
            row = LOWERED if LEVELS.index(new) < LEVELS.index(old) else RAISED
            yield row.found(pair, f"enforces `{new}` in place of `{old}`", steps=("metadata", "labels", ENFORCE))
