"""What the AWS Load Balancer Controller reads from an Ingress: actions, which stand as JSON in annotations.

Source: AWS Load Balancer Controller 3, Ingress annotations, `actions` (docs/facts/routing.md). Finds facts; never
judges them.
"""

import json
from typing import NamedTuple

from aurora.model import counts
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text, without_case

ACTION = "alb.ingress.kubernetes.io/actions."
"""The beginning of an action's annotation; what follows is the name that paths give as their Service."""
PORT = "use-annotation"
"""The name of a backend's port that says: what is named as a Service is an action."""


class TargetGroup(NamedTuple):
    """A Service that an action forwards to; `weight` is None where it is no whole number."""

    service: str
    port: JsonValue
    weight: int | None


def action(value: JsonValue | None) -> JsonValue:
    """Read an action, with all keys in lower case; None where it is no JSON."""
    try:
        return without_case(json.loads(text(value)))
    except (ValueError, RecursionError):
        return None


def groups_of(stated: JsonValue) -> list[JsonObject]:
    """Give the target groups of an action that was read, as they are."""
    return [mapping(group) for group in items(dig(stated, "forwardconfig", "targetgroups"))]


def target_groups(value: JsonValue | None) -> list[TargetGroup]:
    """Give the Services that an action forwards to; those outside the cluster, by ARN or name, are left out.

    A single target group needs no weight, and gets every request.
    """
    groups = groups_of(action(value))
    alone = 1 if len(groups) == 1 else None
    return [
        TargetGroup(
            service=text(group.get("servicename")),
            port=_port(group.get("serviceport")),
            weight=counts.integer(group["weight"]) if "weight" in group else alone,
        )
        for group in groups
        if text(group.get("servicename"))
    ]


def _port(stated: JsonValue) -> JsonValue:
    """Read a port, which may be written as a number in quotes."""
    return int(stated) if isinstance(stated, str) and stated.isdecimal() else stated
