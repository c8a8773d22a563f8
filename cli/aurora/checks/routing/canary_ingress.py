"""Rules about canary Ingresses of ingress-nginx: whether the controller merges them with their main Ingress."""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster import nginx, routes
from aurora.cluster.routes import IngressPath
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation

_KEPT = frozenset(
    {f"{nginx.PREFIX}load-balance", f"{nginx.PREFIX}upstream-hash-by", nginx.AFFINITY, nginx.AFFINITY_BEHAVIOR}
)
_KEPT_PREFIXES = (nginx.CANARY, f"{nginx.PREFIX}affinity", f"{nginx.PREFIX}session-cookie")


def _without_main(inventory: Inventory) -> Iterator[Violation]:
    for path, mains in nginx.pairs(inventory):
        if not mains:
            yield Violation(
                manifest=path.manifest,
                steps=path.steps,
                message=f"no main Ingress of this class serves `{path.host or '*'}{path.path}`: the canary is dropped",
                hint="give the canary the host and the path of its main Ingress, letter by letter",
            )


def _path_type(inventory: Inventory) -> Iterator[Violation]:
    for path, mains in nginx.pairs(inventory):
        if mains and all(main.path_type != path.path_type for main in mains):
            yield Violation(
                manifest=path.manifest,
                steps=(*path.steps, "pathType"),
                message=f"the path type is `{path.path_type}`, that of {mains[0].manifest.id} `{mains[0].path_type}`",
                hint="state the path type of the main Ingress",
            )


def _same_service(inventory: Inventory) -> Iterator[Violation]:
    for path, mains in nginx.pairs(inventory):
        target = (path.backend.namespace, path.backend.service)
        for main in mains:
            if (main.backend.namespace, main.backend.service) == target:
                yield Violation(
                    manifest=path.manifest,
                    steps=(*path.backend.steps, "name"),
                    message=f"canary and {main.manifest.id} send requests to one Service, `{path.backend.service}`",
                    hint="give the canary a Service of its own",
                )


def _twice(inventory: Inventory) -> Iterator[Violation]:
    by_path: dict[tuple[str, str, str], list[IngressPath]] = defaultdict(list)
    for path, _ in nginx.pairs(inventory):
        by_path[nginx.key_of(path)].append(path)
    for paths in by_path.values():
        for path in paths[1:]:
            yield Violation(
                manifest=path.manifest,
                steps=path.steps,
                message=f"{paths[0].manifest.id} is already the canary of `{path.host or '*'}{path.path}`",
                hint="keep one canary Ingress for each rule",
            )


def _weight(inventory: Inventory) -> Iterator[Violation]:
    for ingress in nginx.canaries(inventory):
        stated = nginx.annotations_of(ingress)
        total = nginx.weight_total(ingress)
        for key in (nginx.WEIGHT, nginx.WEIGHT_TOTAL):
            if key in stated and nginx.whole(stated[key]) is None:
                yield _bad_weight(ingress, key, f"`{stated[key]}` is not a whole number written as a string")
        weight = nginx.whole(stated.get(nginx.WEIGHT))
        if weight is not None and weight > total:
            yield _bad_weight(ingress, nginx.WEIGHT, f"the weight {weight} is more than the total, {total}")
        stated_total = nginx.whole(stated.get(nginx.WEIGHT_TOTAL))
        if stated_total is not None and stated_total < nginx.USUAL_TOTAL:
            yield _bad_weight(
                ingress, nginx.WEIGHT_TOTAL, f"a total of {stated_total} is ignored: only one above 100 counts"
            )


def _bad_weight(ingress: Manifest, key: str, message: str) -> Violation:
    return Violation(
        manifest=ingress,
        steps=("metadata", "annotations", key),
        message=message,
        hint='write the weight as a quoted whole number between "0" and the total',
    )


def _ignored(inventory: Inventory) -> Iterator[Violation]:
    for ingress in nginx.canaries(inventory):
        for key in nginx.annotations_of(ingress):
            kept = key in _KEPT or key.startswith(_KEPT_PREFIXES)
            if key.startswith(nginx.PREFIX) and not kept and not key.endswith("-snippet"):
                yield Violation(
                    manifest=ingress,
                    steps=("metadata", "annotations", key),
                    message=f"the annotation `{key}` is ignored on a canary, which takes it from the main Ingress",
                    hint="state it on the main Ingress",
                )


def _affinity(inventory: Inventory) -> Iterator[Violation]:
    for path, mains in nginx.pairs(inventory):
        if nginx.annotations_of(path.manifest).get(nginx.AFFINITY_BEHAVIOR) == "legacy":
            continue
        for main in mains:
            if nginx.annotations_of(main.manifest).get(nginx.AFFINITY) == "cookie":
                yield Violation(
                    manifest=path.manifest,
                    steps=("metadata", "annotations"),
                    message=f"session affinity of {main.manifest.id} keeps clients on their track, whatever the weight",
                    hint=f'set the annotation `{nginx.AFFINITY_BEHAVIOR}: "legacy"` on the canary',
                )


def _not_enabled(inventory: Inventory) -> Iterator[Violation]:
    for ingress in routes.ingresses(inventory):
        for key in nginx.annotations_of(ingress):
            if key.startswith(f"{nginx.CANARY}-") and not nginx.is_canary(ingress):
                yield Violation(
                    manifest=ingress,
                    steps=("metadata", "annotations", key),
                    message=f"`{key}` is set, but `{nginx.CANARY}` is not the string `true`",
                    hint=f'set `{nginx.CANARY}: "true"`, or remove the annotation',
                )


RULES = (
    InventoryRule("routing/canary-without-main", REFUSED, _without_main, softens=True),
    InventoryRule("routing/canary-path-type", REFUSED, _path_type),
    InventoryRule("routing/canary-same-service", REFUSED, _same_service),
    InventoryRule("routing/canary-twice", REFUSED, _twice),
    InventoryRule("routing/canary-weight", REFUSED, _weight, scope=OBJECT),
    InventoryRule("routing/canary-ignored-annotation", REFUSED, _ignored, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("routing/canary-affinity", ADVICE, _affinity, severity=Severity.WARNING),
    InventoryRule("routing/canary-not-enabled", REFUSED, _not_enabled, scope=OBJECT),
)
