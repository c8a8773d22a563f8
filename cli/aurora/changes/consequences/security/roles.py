"""Who may do what through the API: roles, their bindings, and roles that join others.

Source: Kubernetes 1.35, RBAC authorizer (`RulesAllow`: `*` stands for every verb, group and resource; a rule
without names means every object) and the aggregation of ClusterRoles by label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.consequences.examples import DEPLOYMENT, create, delete, edit
from aurora.changes.consequences.row import Example, Row, listed, quoted
from aurora.changes.consequences.security.containers import gets_token
from aurora.changes.consequences.view import View
from aurora.model.change import Impact
from aurora.model.examples import altered
from aurora.model.json_value import JsonObject, dig, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.changes.consequences.row import Found
    from aurora.changes.pairs import Pair
    from aurora.model.json_value import JsonValue
    from aurora.model.manifest import Manifest
    from aurora.model.pod_template import PodTemplate

GROUP = "rbac.authorization.k8s.io"
AGGREGATION = ("rbac.authorization.k8s.io/aggregate-to-", "rbac.kyverno.io/aggregate-to-")
"""Beginnings of labels that add a ClusterRole's rules to another: built-in ones, and Kyverno's (domain, section 14)."""
_POWERFUL = frozenset({"*", "bind", "escalate", "impersonate"})
_SOURCE = "Kubernetes 1.35, RBAC authorizer"
_WEAKER, _STRONGER = (Impact.SECURITY_WEAKENED,), (Impact.SECURITY_STRENGTHENED,)

_ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader, labels: {team: ml}}
rules:
  - {apiGroups: [""], resources: [pods, services], verbs: [get, list]}
"""
_BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: Group, name: ml, apiGroup: rbac.authorization.k8s.io}]
"""
_ADMIN = altered(_BINDING, "name: reader}", "name: cluster-admin}")
_TWO = ("subjects: [", "subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}, ")
_BOUND = altered(
    _BINDING,
    "{kind: Group, name: ml, apiGroup: rbac.authorization.k8s.io}",
    "{kind: ServiceAccount, name: reader, namespace: ml}",
)
_POD = altered(DEPLOYMENT, "automountServiceAccountToken: false", "serviceAccountName: model")
_READER = ("serviceAccountName: model", "serviceAccountName: reader")
_LABEL = ("team: ml", "rbac.authorization.k8s.io/aggregate-to-edit: 'true'")
_WIDER = edit(_ROLE, "verbs: [get, list]", "verbs: [get, list, delete]")
_SAME = Example(before=_ROLE, after=altered(_ROLE, "resources: [pods, services]", "resources: [services, pods]"))

WIDENED = Row(
    id="security/role-widened",
    subject="Role, ClusterRole",
    words="the role's rules allow what no rule allowed before: everybody who is bound to it may do more",
    source=_SOURCE,
    impacts=_WEAKER,
    example=_WIDER,
    counter=_SAME,
)
NARROWED = Row(
    id="security/role-narrowed",
    subject="Role, ClusterRole",
    words="the role's rules no longer allow what they allowed, or the role is gone",
    source=_SOURCE,
    impacts=_STRONGER,
    example=_WIDER.back,
    counter=_SAME.back,
)
BOUND = Row(
    id="security/binding-widened",
    subject="RoleBinding, ClusterRoleBinding",
    words="more users, groups or ServiceAccounts get what the role allows",
    source=_SOURCE,
    impacts=_WEAKER,
    example=edit(_BINDING, *_TWO),
    counter=edit(_BINDING, "metadata: {name: readers}", "metadata: {name: readers, labels: {team: ml}}"),
)
UNBOUND = Row(
    id="security/binding-narrowed",
    subject="RoleBinding, ClusterRoleBinding",
    words="fewer users, groups or ServiceAccounts get what the role allows",
    source=_SOURCE,
    impacts=_STRONGER,
    example=edit(_BINDING, *_TWO).back,
    counter=BOUND.counter,
)
ADMIN = Row(
    id="security/cluster-admin",
    subject="ClusterRoleBinding, RoleBinding",
    words="somebody new is bound to `cluster-admin`, which allows everything",
    source="Kubernetes 1.35, default ClusterRoles",
    impacts=_WEAKER,
    example=create(_ADMIN),
    counter=delete(_ADMIN),
)
JOINED = Row(
    id="security/aggregated",
    subject="ClusterRole",
    words="a label adds the role's rules to another ClusterRole: everybody who is bound to that one may do more",
    source="Kubernetes 1.35, ClusterRole aggregation; Kyverno 1.19, its controllers' ClusterRoles",
    impacts=_WEAKER,
    example=edit(_ROLE, *_LABEL),
    counter=edit(_ROLE, "team: ml", "team: ai"),
)
PARTED = Row(
    id="security/aggregation-ended",
    subject="ClusterRole",
    words="the role's rules no longer join another ClusterRole",
    source=JOINED.source,
    impacts=_STRONGER,
    example=JOINED.example.back,
    counter=JOINED.counter,
)
ACCOUNT = Row(
    id="security/account-widened",
    subject="workloads",
    words="the pods act as another ServiceAccount, to which roles are bound that were not bound to the one before",
    source="Kubernetes 1.35, RBAC authorizer; documentation, configure ServiceAccounts for pods",
    impacts=_WEAKER,
    example=edit(_POD, *_READER, _BOUND),
    counter=edit(_POD, "serviceAccountName: model", "serviceAccountName: other", _BOUND),
)
ROWS = (WIDENED, NARROWED, BOUND, UNBOUND, ADMIN, JOINED, PARTED, ACCOUNT)


def find(view: View) -> Iterator[Found]:
    """Yield what roles and bindings now allow, and what they no longer do."""
    for pair in view.of(GROUP, "Role", "ClusterRole"):
        yield from _rules(pair)
        yield from _aggregation(pair)
    for pair in view.of(GROUP, "RoleBinding", "ClusterRoleBinding"):
        yield from _subjects(pair)
    for pair, before, after in view.workloads():
        if before is not None and after is not None:
            yield from _account(view, pair, before, after)


def _account(view: View, pair: Pair, before: PodTemplate, after: PodTemplate) -> Iterator[Found]:
    """Yield a workload whose pods get the rights of another ServiceAccount; one without a token gets none."""
    old, new = _name(before), _name(after)
    if old == new or not gets_token(view.after, after):
        return
    bindings = view.after.of_kinds("RoleBinding", "ClusterRoleBinding")
    roles = {
        account: {_granted(entry) for entry in bindings if entry.id.group == GROUP and account in _bound(entry)}
        for account in (old, new)
    }
    more = sorted(roles[new] - roles[old])
    if more:
        steps = (*after.steps, "spec", "serviceAccountName")
        yield ACCOUNT.found(pair, f"its pods may now do what {listed(more)} allows, as {new}", steps=steps)


def _granted(binding: Manifest) -> str:
    where = f" in the namespace `{binding.id.namespace}`" if binding.id.kind == "RoleBinding" else ""
    return f"{_role_of(binding)}{where}"


def _name(pod: PodTemplate) -> str:
    """Name the account of a pod as `_bound` does."""
    return f"ServiceAccount `{pod.namespace}/{text(pod.get('serviceAccountName')) or 'default'}`"


def _rules(pair: Pair) -> Iterator[Found]:
    # A new role allows nobody anything until somebody is bound to it, and the binding is what then says so.
    old, new = _allowed(pair.before), _allowed(pair.after)
    more = [rule for rule in new if not any(_covers(known, rule) for known in old)]
    less = [rule for rule in old if not any(_covers(known, rule) for known in new)]
    if more and pair.before is not None:
        powers = " — a right to give oneself every right" if any(_POWERFUL & set(rule[0]) for rule in more) else ""
        yield WIDENED.found(pair, f"now allows {listed(map(_words, more))}{powers}", steps=("rules",))
    if less:
        yield NARROWED.found(pair, f"no longer allows {listed(map(_words, less))}", steps=("rules",))


_Right = tuple[str, str, str, str]
"""Verb, group, resource and name of what a rule allows; `*` for all; a path has the group `url`."""


def _allowed(manifest: Manifest | None) -> list[_Right]:
    found: dict[_Right, None] = {}
    for rule in items(manifest.get("rules")) if manifest is not None else []:
        for verb in _strings(rule, "verbs"):
            for path in _strings(rule, "nonResourceURLs"):
                found[verb, "url", path, "*"] = None
            for group in _strings(rule, "apiGroups"):
                for resource in _strings(rule, "resources"):
                    for name in _strings(rule, "resourceNames") or ["*"]:
                        found[verb, group, resource, name] = None
    return list(found)


def _strings(rule: JsonValue, field: str) -> list[str]:
    return [text(entry) for entry in items(dig(rule, field)) if isinstance(entry, str)]


def _covers(known: _Right, wanted: _Right) -> bool:
    return all(one in ("*", other) for one, other in zip(known, wanted, strict=True))


def _words(right: _Right) -> str:
    verb, group, resource, name = right
    where = f"{resource}.{group}" if group not in ("", "url", "*") else resource
    return f"`{verb}` on `{where}`" + (f" `{name}`" if name != "*" else "")


def _aggregation(pair: Pair) -> Iterator[Found]:
    old, new = _joined(pair.before), _joined(pair.after)
    if new - old:
        yield JOINED.found(pair, f"its rules now count for {quoted(sorted(new - old))}", steps=("metadata", "labels"))
    if old - new:
        yield PARTED.found(pair, f"its rules no longer count for {quoted(sorted(old - new))}")


def _joined(manifest: Manifest | None) -> set[str]:
    labels = manifest.labels if manifest is not None else {}
    return {key for key, value in labels.items() if value == "true" and key.startswith(AGGREGATION)}


def _subjects(pair: Pair) -> Iterator[Found]:
    old, new = _bound(pair.before), _bound(pair.after)
    role = mapping(pair.subject.get("roleRef"))
    changed = pair.before is not None and pair.after is not None and mapping(pair.before.get("roleRef")) != role
    more = sorted(new if changed else new - old)
    less = sorted(old if changed else old - new)
    allowed = f"{text(role.get('kind'))} `{text(role.get('name'))}`"
    if more:
        yield BOUND.found(pair, f"{listed(more)} may now do what {allowed} allows", steps=("subjects",))
        if role.get("name") == "cluster-admin":
            where = f" in the namespace `{pair.resource.namespace}`" if pair.resource.kind == "RoleBinding" else ""
            yield ADMIN.found(pair, f"{listed(more)} may now do everything{where}", steps=("subjects",))
    if less:
        former = _role_of(pair.before)
        yield UNBOUND.found(pair, f"{listed(less)} may no longer do what {former} allows")


def _role_of(manifest: Manifest | None) -> str:
    role: JsonObject = mapping(manifest.get("roleRef")) if manifest is not None else {}
    return f"{text(role.get('kind'))} `{text(role.get('name'))}`"


def _bound(manifest: Manifest | None) -> set[str]:
    found = set()
    for subject in items(manifest.get("subjects")) if manifest is not None else []:
        where = f"{text(dig(subject, 'namespace'))}/" if text(dig(subject, "namespace")) else ""
        found.add(f"{text(dig(subject, 'kind'))} `{where}{text(dig(subject, 'name'))}`")
    return found
