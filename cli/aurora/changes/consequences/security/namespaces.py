"""Pod Security levels of namespaces.

Source: Kubernetes 1.35, Pod Security admission. Which pods a raised level refuses is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.row import Row
from aurora.changes.consequences.view import View, entered
from aurora.model.change import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.model.manifest import Manifest

ENFORCE = "pod-security.kubernetes.io/enforce"
LEVELS = ("privileged", "baseline", "restricted")
"""From the loosest; a namespace without the label is privileged."""

LOWERED = Row("security/pod-security-lowered", (Impact.SECURITY_WEAKENED,))
RAISED = Row("security/pod-security-raised", (Impact.SECURITY_STRENGTHENED,))
ROWS = (LOWERED, RAISED)


def level(manifest: Manifest | None) -> str:
    """Give the level that a namespace enforces; an unreadable one is refused by the API server, and counts as none."""
    stated = manifest.labels.get(ENFORCE, "") if manifest is not None else ""
    return stated if stated in LEVELS else LEVELS[0]


def find(view: View) -> Iterator[Found]:
    """Yield namespaces that enforce another level."""
    for pair in view.of("", "Namespace"):
        if pair.before is None or pair.after is None or entered(pair) is not None:
            continue
        old, new = level(pair.before), level(pair.after)
        if old != new:
            row = LOWERED if LEVELS.index(new) < LEVELS.index(old) else RAISED
            yield row.found(pair, f"enforces `{new}` in place of `{old}`", steps=("metadata", "labels", ENFORCE))
