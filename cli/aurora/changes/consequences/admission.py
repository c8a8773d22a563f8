"""What admission refuses among objects that do not change: pods below a raised level, matches of tightened policies.

Whether a pod fulfils a Pod Security level only the server's own code says; without it nobody judged, and that is
said. Whether objects fulfil a policy is proved by the check `policy`; here is only whom it now concerns.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row, counted, listed
from aurora.changes.consequences.security.namespaces import LEVELS, level
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster import workloads
from aurora.cluster.surroundings import NAMESPACE_NAME
from aurora.model.json_value import items, mapping
from aurora.model.manifest import Manifest
from aurora.policies.actions import refuses
from aurora.policies.matching import POD_CONTROLLERS, Constraints, Subject, constraints, possible_plurals

REFUSED = Row("admission/pods-refused", DOWNTIME)
UNJUDGED = Row("admission/not-judged", DOWNTIME)
CONCERNED = Row("admission/policy-concerns")

_POLICIES = (
    ("policies.kyverno.io", ("NamespacedValidatingPolicy", "ValidatingPolicy")),
    ("admissionregistration.k8s.io", ("ValidatingAdmissionPolicy",)),
)


def find(view: View) -> Iterator[Found]:
    """Yield unchanged objects that admission may refuse from now on."""
    for pair in view.of("", "Namespace"):
        yield from _levels(view, pair)
    for group, kinds in _POLICIES:
        for pair in view.of(group, *kinds):
            if pair.after is not None:
                yield from _concerned(view, pair, pair.after)


def _levels(view: View, pair: Pair) -> Iterator[Found]:
    before, after = pair.before, pair.after
    if before is None or after is None or LEVELS.index(level(after)) <= LEVELS.index(level(before)):
        return
    pods = [pod for pod in view.after.pods(after.id.name) if view.pair_of(pod.manifest) is None]
    manifests = tuple({pod.manifest.id.identity: pod.manifest for pod in pods}.values())
    if view.judge is None:
        for manifest in manifests:
            message = f"nobody judged whether its pods fulfil `{level(after)}`"
            yield UNJUDGED.found(pair, message, resource=manifest.id)
        return
    verdicts = tuple(view.judge(after.id.name, after.labels, manifests)) if manifests else ()
    known = _refused(view, before, manifests) if verdicts else set()
    for verdict in verdicts:
        if verdict.manifest.id.identity not in known:
            row = REFUSED if verdict.refused else UNJUDGED
            yield row.found(pair, verdict.message, resource=verdict.manifest.id)


def _refused(view: View, namespace: Manifest, manifests: tuple[Manifest, ...]) -> set[tuple[str, str, str, str]]:
    """Give the workloads whose pods the namespace refused before."""
    if view.judge is None or level(namespace) == LEVELS[0]:
        return set()
    verdicts = view.judge(namespace.id.name, namespace.labels, manifests)
    return {verdict.manifest.id.identity for verdict in verdicts if verdict.refused}


def _concerned(view: View, pair: Pair, policy: Manifest) -> Iterator[Found]:
    if not refuses(policy):
        return
    before = pair.before if pair.before is not None and refuses(pair.before) else None
    if before is not None and before.get("spec") == policy.get("spec"):
        return
    match = constraints(mapping(policy.get("spec")))
    found = [str(entry.id) for entry in _candidates(view, match) if _matches(view, match, entry)]
    if found:
        many = counted(len(found), "unchanged object")
        yield CONCERNED.found(pair, f"judges {many} at the next update: {listed(sorted(found))}")


def _candidates(view: View, match: Constraints) -> Iterator[Manifest]:
    """Yield unchanged objects of kinds that a policy may match; pods stand for the workloads that make them."""
    resources = {str(entry).partition("/")[0] for rule in match.rules.stated for entry in items(rule.get("resources"))}
    kinds = [kind for kind in view.after.kinds() if "*" in resources or possible_plurals(kind) & resources]
    if "pods" in resources:
        kinds += view.after.pod_kinds
    for manifest in view.after.of_kinds(*kinds) if kinds else ():
        if view.pair_of(manifest) is None:
            yield manifest


def _matches(view: View, match: Constraints, manifest: Manifest) -> bool:
    namespace = manifest.id.namespace
    described = view.after.find("Namespace", namespace, group="") if namespace else None
    labels = described.labels if described else {}
    kind = manifest.id.kind.lower()
    plural = next((name for name in POD_CONTROLLERS if name == f"{kind}s"), None)
    for resource in [plural] if plural else sorted(possible_plurals(manifest.id.kind)):
        subject = Subject(
            group=manifest.id.group,
            version=manifest.id.version,
            resource=resource,
            namespace=workloads.namespace_of(manifest) if namespace else "",
            name=manifest.id.name,
            labels=manifest.labels,
            namespace_labels={**labels, NAMESPACE_NAME: namespace or ""},
        )
        if match.matches(subject):
            return True
    return False
