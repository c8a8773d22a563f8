"""What follows from changes: impacts on the cluster, and what happens to other objects.

`follow` gives everything that follows from a scene; `ROWS` is the table that `docs/effects.md` shows. Must not
decide the effect on the changed object itself.
"""

from collections.abc import Iterator

from aurora.changes.consequences import admission, autoscaling, held_back
from aurora.changes.consequences.capacity import demand, fitting, pools
from aurora.changes.consequences.data import deletions, generated, pruning, volumes
from aurora.changes.consequences.downtime import definitions, names, references, rollouts, services
from aurora.changes.consequences.downtime import routes as ways
from aurora.changes.consequences.pick_up import users
from aurora.changes.consequences.row import Found, Row
from aurora.changes.consequences.security import (
    containers,
    exemptions,
    exposure,
    images,
    namespaces,
    networks,
    policies,
    projects,
    roles,
    secrets,
)
from aurora.changes.consequences.traffic import versions, weights
from aurora.changes.consequences.view import Limits, PodSecurity, View
from aurora.changes.pairs import Scene

_SECURITY = (roles, namespaces, policies, exemptions, networks, containers, images, secrets, exposure, projects)
_RISKS = (
    deletions,
    volumes,
    pruning,
    generated,
    rollouts,
    services,
    ways,
    references,
    names,
    definitions,
    autoscaling,
    admission,
)
_MODULES = (*_SECURITY, *_RISKS, users, weights, versions, demand, fitting, pools)

ROWS: tuple[Row, ...] = tuple(
    row for module in (*_MODULES, held_back) for row in vars(module).values() if isinstance(row, Row)
)
"""Every consequence that Aurora knows, in the order in which `follow` looks for them."""


def follow(scene: Scene, judge: PodSecurity | None = None, limits: Limits | None = None) -> Iterator[Found]:
    """Yield everything that follows from the scene's changed pairs, in the pairs' order and then the table's.

    `judge` tells which pods a namespace refuses; without it, a raised Pod Security level says that nobody judged.
    `limits` finds what LimitRanges refuse; without it, nobody looks for that.
    """
    view = View(scene, judge, limits)
    order = {id(pair): number for number, pair in enumerate(scene.pairs)}
    found = {(id(pair), entry): (pair, entry) for module in _MODULES for pair, entry in view.whole(module.find(view))}
    yield from held_back.marked(sorted(found.values(), key=lambda entry: order[id(entry[0])]))
