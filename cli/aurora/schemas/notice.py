"""The NOTICE of the schema pack: whose work it holds, what was changed, and the notices to hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora.schemas.provenance import Provenance, SourceComponent

_HEAD = """\
The definitions in this folder are the work of the projects below, under the
Apache License 2.0 (file LICENSE). Changed by Aurora: every text for people,
printer columns, conversion settings and versions that are not served were
removed, and the files were rewritten as JSON.
"""


def text(components: Sequence[SourceComponent], origins: Provenance) -> str:
    """Write the notice: one line a component, then the projects' own notices word for word."""
    lines = [_HEAD]
    lines += [
        f"- {component.name} {component.version}: {component.repository}, tag {component.tag}, {component.licence}\n"
        for component in components
    ]
    for repository in sorted({component.repository for component in components} & origins.notices.keys()):
        lines.append(f"\nNOTICE of {repository}\n\n{origins.notices[repository]}")
    return "".join(lines)
