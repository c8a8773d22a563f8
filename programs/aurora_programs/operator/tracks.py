"""What serves of an MLDeployment: both tracks, their versions and the canary's share. Asks no server."""

from collections.abc import Mapping
from typing import Any

from aurora_programs.operator.runs import Body, named, with_condition

VERSION = "/model-version"
CANARY = "-canary"
WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"


def status_of(body: Body, found: Mapping[str, Body], weight: int | None, now: str) -> dict[str, Any]:
    """Give the status, from the Deployments by their names, and the canary's share of the requests."""
    name = body["metadata"]["name"]
    stable, canary = found.get(name), found.get(f"{name}{CANARY}")
    wants_canary = bool(body["spec"].get("canary"))
    status: dict[str, Any] = {}
    for key, each in (("stableVersion", stable), ("canaryVersion", canary)):
        if each is not None and settled(each):
            status[key] = named(each["spec"]["template"]["metadata"], VERSION)
    if weight is not None:
        status["observedWeight"] = weight
    phase, message = _phase(stable, canary, wants_canary=wants_canary)
    verdict = (phase == "Available", phase in ("Pending", "Progressing"), phase, message)
    return with_condition(body, {**status, "phase": phase}, verdict, now)


def settled(deployment: Body) -> bool:
    """Tell whether every pod of a Deployment is of its newest template and ready."""
    status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
    seen = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 1)
    counts = [status.get(key) or 0 for key in ("updatedReplicas", "readyReplicas", "replicas")]
    return seen and wanted > 0 and counts == [wanted] * len(counts)


def _phase(stable: Body | None, canary: Body | None, *, wants_canary: bool) -> tuple[str, str]:
    if stable is None:
        return "Pending", "there is no Deployment of the stable track"
    if not (stable.get("status") or {}).get("readyReplicas"):
        return "Degraded", "no pod of the stable track is ready"
    if not settled(stable):
        return "Progressing", "the stable track is being rolled out"
    if wants_canary and (canary is None or not settled(canary)):
        return "Progressing", "the canary is being rolled out"
    return "Available", "every pod of both tracks is ready" if wants_canary else "every pod is ready"


def observed_weight(service: str, route: Body | None, ingress: Body | None) -> int | None:
    """Give the canary's share in percent, as the route or the canary's Ingress says; None where neither is there."""
    if ingress is not None:
        stated = str((ingress["metadata"].get("annotations") or {}).get(WEIGHT, ""))
        return int(stated) if stated.isdecimal() and int(stated) <= 100 else None
    for rule in (route or {}).get("spec", {}).get("rules") or ():
        shares: dict[str, int] = {each["name"]: each.get("weight", 1) for each in rule.get("backendRefs") or ()}
        if len(shares) > 1 and service in shares and sum(shares.values()) > 0:
            return round(100 * shares[service] / sum(shares.values()))
    return None
