"""Two environments in two clusters, synced by one Argo CD.

Must not know how an environment becomes healthy, nor what Argo CD makes of a cluster.
"""

from __future__ import annotations

import time

from aurora.model.json_value import JsonObject
from aurora.model.manifest import Manifest
from aurora.model.rehearsal import Act
from aurora.rehearsal import argo_cd, bring_up
from aurora.rehearsal.acts import Scene
from aurora.rehearsal.bring_up import Cluster
from aurora.rehearsal.prepared import Prepared, belongs
from aurora.rehearsal.server import Server

NAME = "second"
"""The name by which Argo CD knows the second cluster."""
_ARGO = "argoproj.io"


def act(scene: Scene, prepared: Prepared, other: Cluster) -> Act:
    """Let the Argo CD of a healthy environment sync another one into a cluster of its own.

    Raises:
        ToolError: a server refuses something, or a program has ended.
        StorageError: the disk is full.
    """
    began, host = time.monotonic(), scene.server
    before, theirs = argo_cd.seen(host), _own(prepared)
    here = {each.id for each in theirs if _there(host, each)}
    argo_cd.register(host, NAME, other.plane.server, other.plane.authority)
    watch = bring_up.Watch(host, scene.programs)
    good = bring_up.synced(prepared, other.repository, watch)
    wrong = [] if good else [f"not all of its Applications were healthy within {bring_up.HEALTHY:.0f} s"]
    wrong += [f"{each.id} is not in the second cluster" for each in theirs if not _there(other.plane.server, each)]
    wrong += [f"{each.id} came into the first one" for each in theirs if each.id not in here and _there(host, each)]
    after = argo_cd.seen(host)
    moved = sorted(name for name, each in before.items() if after[name].finished != each.finished)
    wrong += [f"{name} was synced again" for name in moved]
    return Act(
        asked=f"let the same Argo CD sync {prepared.name} into a second cluster",
        expected=f"its objects are there and not here, and no Application of {scene.prepared.name} is synced",
        happened="; ".join(wrong)
        or f"{len(prepared.order)} Applications are healthy, and everything is where it belongs",
        holds=not wrong,
        seconds=round(time.monotonic() - began, 1),
    )


def _own(prepared: Prepared) -> list[Manifest]:
    """Give the objects that belong into the cluster of an environment."""
    return [each for each in prepared.inventory.manifests if belongs(each) and each.id.group != _ARGO]


def _there(server: Server, manifest: Manifest) -> bool:
    body: JsonObject = manifest.body
    return server.serves(manifest.id.api_version, manifest.id.kind) and server.get(server.path_of(body)).done
