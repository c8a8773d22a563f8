"""Pod Security levels of namespaces.

Source: Kubernetes 1.35, Pod Security admission. Which pods a raised level refuses is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import NAMESPACE, edit
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
_SOURCE = "Kubernetes 1.35, Pod Security admission"
_LESS = edit(NAMESPACE, "enforce: baseline", "enforce: privileged")
_WARN = edit(NAMESPACE, "labels: {", "labels: {pod-security.kubernetes.io/warn: restricted, ")

LOWERED = Row(
    id="security/pod-security-lowered",
    subject="Namespace",
    words="the namespace enforces a lower Pod Security level, or none: pods that it refused may now run",
    source=_SOURCE,
    impacts=(Impact.SECURITY_WEAKENED,),
    example=_LESS,
    counter=_WARN,
)
RAISED = Row(
    id="security/pod-security-raised",
    subject="Namespace",
    words="the namespace enforces a higher Pod Security level",
    source=_SOURCE,
    impacts=(Impact.SECURITY_STRENGTHENED,),
    example=_LESS.back,
    counter=_WARN.back,
)
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
