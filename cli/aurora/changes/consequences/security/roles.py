"""Who may do what through the API: roles, their bindings, and roles that join others.

Source: Kubernetes 1.35, RBAC authorizer (`RulesAllow`: `*` stands for every verb, group and resource; a rule
without names means every object) and the aggregation of ClusterRoles by label.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed, quoted
from aurora.changes.consequences.security.containers import gets_token
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

GROUP = "rbac.authorization.k8s.io"
AGGREGATION = ("rbac.authorization.k8s.io/aggregate-to-", "rbac.kyverno.io/aggregate-to-")
"""Beginnings of labels that add a ClusterRole's rules to another: built-in ones, and Kyverno's."""
_POWERFUL = frozenset({"*", "bind", "escalate", "impersonate"})


WIDENED = Row("security/role-widened", WEAKER)
NARROWED = Row("security/role-narrowed", STRONGER)
BOUND = Row("security/binding-widened", WEAKER)
UNBOUND = Row("security/binding-narrowed", STRONGER)
ADMIN = Row("security/cluster-admin", WEAKER)
JOINED = Row("security/aggregated", WEAKER)
PARTED = Row("security/aggregation-ended", STRONGER)
ACCOUNT = Row("security/account-widened", WEAKER)


def find(view: View) -> Iterator[Found]:
    """Yield what roles and bindings now allow, and what they no longer do."""
    for pair in view.of(GROUP, "Role", "ClusterRole"):
        yield from _rules(pair)
        yield from _aggregation(pair)
    for pair in view.of(GROUP, "RoleBinding", "ClusterRoleBinding"):
        yield from _subjects(pair)
    for pair, before, after in view.updated_workloads():
        yield from _account(view, pair, before, after)


def _account(view: View, pair: Pair, before: PodTemplate, after: PodTemplate) -> Iterator[Found]:
    """Yield a workload whose pods get the rights of another ServiceAccount; one without a token gets none.

    A name that is only taken away stays in the cluster: the row `account/removed` says so.
    """
    old, new = _name(before), _name(after)
    if old == new or not after.get("serviceAccountName") or not gets_token(view.after, after):
        return
    bindings = view.after.of_kinds("RoleBinding", "ClusterRoleBinding")
    roles = {
        account: {_granted(entry) for entry in bindings if entry.id.group == GROUP and account in _bound(entry)}
        for account in (old, new)
    }
    more = sorted(roles[new] - roles[old])
    if more:
        steps = after.at("serviceAccountName")
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
