"""Rules about any Ingress: its class, snippets, and the actions of AWS load balancers."""

from collections.abc import Iterator

from aurora.cluster import alb, nginx, routes
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, mapping, text
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
SNIPPETS = frozenset(
    f"{nginx.PREFIX}{name}"
    for name in ("auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet")
)
ALB_TYPES = ("forward", "redirect", "fixed-response")
"""Action types of the AWS Load Balancer Controller (its Ingress annotations page, `actions`)."""


def _class_missing(inventory: Inventory) -> Iterator[Violation]:
    if any(
        found.annotations.get(DEFAULT_CLASS) == "true"
        for found in inventory.of_kind("IngressClass", group="networking.k8s.io")
    ):
        return
    for ingress in routes.ingresses(inventory):
        if not text(ingress.get("spec", "ingressClassName")) and CLASS_ANNOTATION not in nginx.annotations_of(ingress):
            yield Violation(
                manifest=ingress,
                steps=("spec", "ingressClassName"),
                message="no `ingressClassName`, so any controller or none may serve this Ingress",
                hint="name the IngressClass",
            )


def _class_annotation(inventory: Inventory) -> Iterator[Violation]:
    for ingress in routes.ingresses(inventory):
        if CLASS_ANNOTATION in nginx.annotations_of(ingress):
            yield Violation(
                manifest=ingress,
                steps=("metadata", "annotations", CLASS_ANNOTATION),
                message=f"the annotation `{CLASS_ANNOTATION}` was replaced by a field",
                hint="use `spec.ingressClassName`",
            )


def _snippets(inventory: Inventory) -> Iterator[Violation]:
    for ingress in routes.ingresses(inventory):
        for key in nginx.annotations_of(ingress):
            if key in SNIPPETS:
                yield Violation(
                    manifest=ingress,
                    steps=("metadata", "annotations", key),
                    message=f"`{key}` writes raw configuration into the proxy that all namespaces share",
                    hint="use an annotation with a defined meaning, or the controller's ConfigMap",
                )


def _alb_actions(inventory: Inventory) -> Iterator[Violation]:
    """Find actions that nothing states; the controller of Argo Rollouts writes those of its root Services itself."""
    balanced = [
        (rollout.id.namespace, mapping(rollout.get("spec", "strategy", "canary", "trafficRouting", "alb")))
        for rollout in inventory.of_kind("Rollout", group="argoproj.io")
    ]
    written = {
        (namespace, text(way.get("rootService")) or text(way.get("stableService")))
        for namespace, way in balanced
        if way
    }
    for ingress in routes.ingresses(inventory):
        stated = nginx.annotations_of(ingress)
        for key, value in stated.items():
            problem = _alb_problem(value) if key.startswith(alb.ACTION) else None
            if problem:
                yield Violation(
                    manifest=ingress,
                    steps=("metadata", "annotations", key),
                    message=problem,
                    hint=f"write one JSON object with a `type` of {', '.join(ALB_TYPES)}",
                )
        for path in routes.ingress_paths(ingress):
            named = path.backend.service
            elsewhere = (ingress.id.namespace, named) in written
            if path.backend.port == alb.PORT and f"{alb.ACTION}{named}" not in stated and not elsewhere:
                yield Violation(
                    manifest=ingress,
                    steps=path.backend.steps,
                    message=f"no annotation `{alb.ACTION}{named}` says what to do here",
                    hint="add the action, or name a port of the Service",
                )


def _alb_problem(value: JsonValue) -> str | None:
    action = alb.action(value)
    if action is None:
        return "the action is not JSON, so the controller drops the whole Ingress"
    if not isinstance(action, dict) or action.get("type") not in ALB_TYPES:
        return "the action is no JSON object with a known `type`"
    weights = [counts.integer(group.get("weight")) for group in alb.groups_of(action)]
    if weights and all(weight == 0 for weight in weights):
        return "the weights of all target groups are 0, so every request fails"
    return None


RULES = (
    InventoryRule("routing/ingress-class", ADVICE, _class_missing, scope=OBJECT),
    InventoryRule("routing/ingress-class-annotation", ADVICE, _class_annotation, scope=OBJECT),
    InventoryRule("routing/snippet", ADVICE, _snippets, scope=OBJECT),
    InventoryRule("routing/alb-action", REFUSED, _alb_actions),
)
