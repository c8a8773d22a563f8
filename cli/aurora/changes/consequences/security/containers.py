"""What pods may do on their node: privileges of containers, access to the host, tokens of ServiceAccounts.

Source: Kubernetes 1.35, `PodSpec` with its defaults, and the fields that the Pod Security Standards judge. For a
new workload only what is granted counts, not what is left out.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.pod_template import Container, PodTemplate

WEAKENED = Row("security/container-weakened", WEAKER)
STRENGTHENED = Row("security/container-strengthened", STRONGER)
HOST = Row("security/host-access", WEAKER)
NO_HOST = Row("security/host-access-removed", STRONGER)
TOKEN = Row("security/token-mounted", WEAKER)
NO_TOKEN = Row("security/token-withdrawn", STRONGER)

_TOKENS = {True: (TOKEN, "get a token"), False: (NO_TOKEN, "no longer get a token")}
_HOST_FIELDS = ("hostIPC", "hostNetwork", "hostPID")


def find(view: View) -> Iterator[Found]:
    """Yield what the pods of changed workloads may do now, and what no longer."""
    for pair, before, after in view.workloads():
        if after is None:
            continue
        old, new = (_powers(pod) if pod is not None else set() for pod in (before, after))
        if before is None:
            new = {power for power in new if not power.startswith(_LEFT_OUT)}
        yield from _told(pair, new - old, old - new, rows=(WEAKENED, STRENGTHENED))
        reach, reached = (_reach(pod) if pod is not None else set() for pod in (after, before))
        yield from _told(pair, reach - reached, reached - reach, rows=(HOST, NO_HOST))
        tokens = (
            (gets_token(view.before, before), gets_token(view.after, after)) if before is not None else (True, True)
        )
        if tokens[0] != tokens[1]:
            row, words = _TOKENS[tokens[1]]
            steps = after.at("automountServiceAccountToken")
            yield row.found(pair, f"the pods {words} for the API server", steps=steps)
    for pair, *sides in view.updated("", "ServiceAccount"):
        gave, gives = (side.get("automountServiceAccountToken") is not False for side in sides)
        if gave != gives:
            row, words = _TOKENS[gives]
            yield row.found(pair, f"pods of this account that do not say themselves {words}")


def _told(pair: Pair, more: set[str], less: set[str], *, rows: tuple[Row, Row]) -> Iterator[Found]:
    weaker, stronger = rows
    if more:
        yield weaker.found(pair, listed(sorted(more)))
    if less:
        words = [_restored(entry) for entry in sorted(less)]
        yield stronger.found(pair, listed(words))


def _restored(words: str) -> str:
    """Say of something that a pod could do that it no longer can."""
    return f"now with {words.removeprefix(_LEFT_OUT)}" if words.startswith(_LEFT_OUT) else f"no longer {words}"


_LEFT_OUT = "without "
"""How words begin that name a missing restriction: in a new workload those are the checks' business."""


def _powers(pod: PodTemplate) -> set[str]:
    """Say what the containers of a pod may do."""
    return {f"{words} in container `{container.name}`" for container in pod.containers for words in _of(pod, container)}


_FIELDS: tuple[tuple[str, JsonValue, str], ...] = (
    ("privileged", True, "privileged"),
    ("procMount", "Unmasked", "`procMount: Unmasked`"),
    ("runAsUser", 0, "runs as user 0"),
    ("allowPrivilegeEscalation", False, "without `allowPrivilegeEscalation: false`"),
    ("readOnlyRootFilesystem", True, "without `readOnlyRootFilesystem: true`"),
    ("runAsNonRoot", True, "without `runAsNonRoot: true`"),
)
"""Fields of a security context: a grant where the field has the value, or a restriction that is missing without it."""


def _of(pod: PodTemplate, container: Container) -> Iterator[str]:
    own, shared = mapping(container.body.get("securityContext")), mapping(pod.get("securityContext"))
    # What the container leaves out it has from its pod.
    merged = {**shared, **own}
    for field, value, words in _FIELDS:
        if _has(merged, field, value) != words.startswith(_LEFT_OUT):
            yield words
    dropped = {text(name).upper() for name in items(dig(own, "capabilities", "drop"))}
    if "ALL" not in dropped:
        yield "without all capabilities dropped"
    yield from (f"capability `{text(name)}`" for name in items(dig(own, "capabilities", "add")))
    profile = text(dig(own, "seccompProfile", "type")) or text(dig(shared, "seccompProfile", "type"))
    if profile in ("", "Unconfined"):
        yield "seccomp `Unconfined`" if profile else "without a seccomp profile"


def _has(context: JsonObject, field: str, value: JsonValue) -> bool:
    """Compare with the type: in Python 0 is False and 1 is True."""
    found = context.get(field)
    return found == value and isinstance(found, bool) == isinstance(value, bool)


def _reach(pod: PodTemplate) -> set[str]:
    """Say what of its node a pod gets at."""
    found = {f"`{field}: true`" for field in _HOST_FIELDS if pod.get(field) is True}
    found |= {
        f"`hostPath: {text(dig(volume, 'hostPath', 'path'))}`"
        for _, volume in pod.volumes
        if isinstance(volume.get("hostPath"), dict)
    }
    for container in pod.containers:
        for port in items(container.body.get("ports")):
            if dig(port, "hostPort"):
                found.add(f"host port {dig(port, 'hostPort')}")
        if dig(container.body, "securityContext", "windowsOptions", "hostProcess") is True:
            found.add("`hostProcess: true`")
    return found


def gets_token(side: Surroundings, pod: PodTemplate) -> bool:
    """Tell whether a pod gets a token: it says so itself, or its account does."""
    stated = pod.get("automountServiceAccountToken")
    if isinstance(stated, bool):
        return stated
    name = text(pod.get("serviceAccountName")) or "default"
    account = side.find("ServiceAccount", name, group="", namespace=pod.namespace)
    return account is None or account.get("automountServiceAccountToken") is not False
