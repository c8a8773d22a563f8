"""What a run of the checks hands to those that need an outside tool. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora.memory.store import Forgetful, Memory
from aurora.model.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What checks with outside tools need to know; paths are absolute.

    `policies` are the policy files that judge the objects; `planted` the folders of policies in which a
    `<policy>/planted.yaml` may lie, with objects that violate that policy for certain; `schemas` the folders
    of CRDs beside those that the objects bring along; `pod_security` the level of namespaces that are not
    among the objects; `old` the objects as they run now, where updates are judged; `memory` holds verdicts
    that were proved before; `charts` is the repository's folder of archives of charts; `workspace` is an empty
    folder of this run for files that tools read.
    """

    cache: Path
    workspace: Path
    schemas: tuple[Path, ...] = ()
    policies: tuple[Path, ...] = ()
    planted: tuple[Path, ...] = ()
    pod_security: str | None = None
    old: tuple[Manifest, ...] = ()
    charts: Path | None = None
    memory: Memory = field(default_factory=Forgetful)
    parallel: int = 2
    timeout: float = 300.0

    def within(self, workspace: Path) -> Settings:
        """Give the same settings with another workspace, so that checks side by side do not meet."""
        return replace(self, workspace=workspace)
